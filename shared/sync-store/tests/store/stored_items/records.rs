//! One of everything in the records table. What changes leave on records is among it, so there are some of
//! these too.

use sync_store::{
    AsOf, Change, ChangeState, DynamicsRow, Fields, Hiding, Lease, Memo, Origin, Settlement, Value,
};

use super::state::take;
use crate::changes::{accepted, applied_from, one, settle, settlement, wanting};
use crate::support::{Tables, later, never, now, row, text};

/// The id of the record that shows this.
pub(super) fn id(number: u8) -> String {
    format!("{number:x}0000000-0000-4000-8000-00000000000{number:x}")
}

/// How many there are.
pub(super) const RECORDS: u8 = 13;

fn hidden(_: &Fields, _: bool) -> Hiding {
    Hiding {
        values: Some(Fields::from([("visible".into(), Value::Boolean(false))])),
        from: Some(later(-60)),
    }
}

struct Writer<'t> {
    tables: &'t Tables,
    lease: Lease,
}

impl Writer<'_> {
    async fn put(&self, row: &DynamicsRow) {
        let put = self.tables.store.put_row(&self.lease, row, &never, now());
        put.await.unwrap();
    }

    /// A change of the record's name that waits.
    async fn change(&self, number: u8, name: &str) -> Change {
        let change = sync_store::NewChange {
            key: sync_store::ChangeKey::Id(id(number)),
            ..wanting(name, "name", name)
        };
        accepted(self.tables, &change).await
    }
}

pub(super) async fn write(tables: &Tables) {
    let store = &tables.store;
    let lease = take(store, "members").await;
    store.begin_generation(&lease, 1).await.unwrap();
    let writer = Writer { tables, lease };
    for number in 1..RECORDS {
        writer.put(&row(&id(number), 7, "Kari")).await;
    }
    write_hidden(&writer).await;
    write_changed(&writer).await;
    let lease = writer.lease;
    let unreadable = (id(10), (1, 9));
    store
        .mark_unverified(&lease, &unreadable.0, unreadable.1, &never, now())
        .await
        .unwrap();
    store.bury(&lease, &id(11), 1, now()).await.unwrap();
    store.release(lease).await.unwrap();
    let as_of = AsOf {
        as_of: later(-60),
        run_id: "night-1".into(),
        generation: 1,
    };
    store.set_as_of("members", &as_of, now()).await.unwrap();
    let begun = take(store, "begun").await;
    store.begin_generation(&begun, 1).await.unwrap();
    store.release(begun).await.unwrap();
}

/// A value of every kind, and all that hides records.
async fn write_hidden(writer: &Writer<'_>) {
    let (store, lease) = (&writer.tables.store, &writer.lease);
    let kinds = DynamicsRow {
        modified_on: None,
        business_key: None,
        fields: Fields::from([
            ("nothing".into(), Value::Null),
            ("visible".into(), Value::Boolean(true)),
            ("fee".into(), Value::Number("2.5".into())),
            ("name".into(), text("Kåre Ødegård")),
        ]),
        ..row(&id(0), 7, "")
    };
    writer.put(&kinds).await;
    let expired = row(&id(2), 8, "Kari");
    store
        .put_row(lease, &expired, &hidden, now())
        .await
        .unwrap();
    let certifications = take(store, "certifications").await;
    let invisible = Fields::from([("visible".into(), Value::Boolean(false))]);
    for number in [3, 12] {
        let id = id(number);
        store
            .hide_target(&certifications, "members", &id, &invisible, &never, now())
            .await
            .unwrap();
    }
    store.release(certifications).await.unwrap();
    let gone = id(12);
    store
        .bury_version(lease, &gone, (1, 8), now())
        .await
        .unwrap();
}

/// What changes leave on records, from being wanted to being confirmed as something else.
async fn write_changed(writer: &Writer<'_>) {
    let tables = writer.tables;
    writer.change(4, "pending").await;
    let sent = writer.change(5, "sent").await;
    assert!(settle(tables, &sent, &applied_from(9)).await);
    let returned = writer.change(6, "returned").await;
    assert!(settle(tables, &returned, &applied_from(7)).await);
    let written = writer.change(7, "written").await;
    writer.change(7, "written-over").await;
    let settlement = Settlement {
        written: one("name", "written"),
        ..applied_from(9)
    };
    assert!(settle(tables, &written, &settlement).await);
    let mut ended = writer.change(8, "ended").await;
    ended.wanted.origin = Origin::Expiry {
        by: "certifications".into(),
    };
    let memo = Memo::Keep {
        by: "certifications".into(),
        before: one("name", "before"),
    };
    let settlement = Settlement {
        memo: Some(memo),
        ..applied_from(9)
    };
    assert!(settle(tables, &ended, &settlement).await);
    let refused = writer.change(9, "refused-again").await;
    assert!(settle(tables, &refused, &self::settlement(ChangeState::Refused)).await);
}
