//! Removing a stream with everything that is stored of it.

use crate::changes::{self, settlement, wanting};
use crate::support::{KARI, Tables, later, never, now, reading, row, take};
use aws_sdk_dynamodb::types::AttributeValue;
use clock::ManualClock;
use sync_store::{
    AsOf, ChangeState, DynamicsRow, ErrorKind, Forgotten, Lease, Store, Unread, Upcoming,
};

/// What a forget answers that found no change.
fn done(records: u64) -> Forgotten {
    Forgotten::Done {
        records,
        changes: 0,
    }
}

async fn forget(store: &Store) -> Result<Forgotten, sync_store::Error> {
    let clock = ManualClock::at(later(1_000));
    store.forget_stream("members", &clock).await
}

const OLA: &str = "a0000000-0000-4000-8000-000000000002";
const DEAD: &str = "a0000000-0000-4000-8000-000000000003";

/// Everything that a stream may have: two records, a tombstone, how fresh they are, a cursor, a row in
/// quarantine, a listing, what expires soon, what its table was like, its name.
async fn fill(tables: &Tables, generation: u64) {
    let store = &tables.store;
    let (lease, _) = take(store, "first", 0).await;
    store.begin_generation(&lease, generation).await.unwrap();
    for id in [KARI, OLA, DEAD] {
        put_row(store, &lease, generation, id).await;
    }
    store.bury(&lease, DEAD, generation, now()).await.unwrap();
    let as_of = AsOf {
        as_of: now(),
        run_id: "first".into(),
        generation,
    };
    store.set_as_of("members", &as_of, now()).await.unwrap();
    let row = Unread {
        id: KARI.into(),
        generation,
        version: None,
        reason: "unknown choice".into(),
    };
    store.put_quarantined("members", &row, now()).await.unwrap();
    // One item of a listing's sixteen a page, to have fewer calls to be killed at.
    let rows = ("rows", AttributeValue::B(Vec::new().into()));
    tables
        .plant("listing#members", "1764000000000#0#00000000", &[rows])
        .await;
    let names = ["members", "teams"].map(ToOwned::to_owned);
    let names = AttributeValue::Ss(names.to_vec());
    tables.plant("streams", "known", &[("names", names)]).await;
    let mut upcoming = Upcoming::default();
    upcoming.add(KARI.into(), "2026-12-01".parse().unwrap());
    store.note_expiring(&lease, upcoming, now()).await.unwrap();
    store.note_contract(&lease, &"contacts").await.unwrap();
    store
        .checkpoint(&lease, &reading(), later(1))
        .await
        .unwrap();
    store.release(lease).await.unwrap();
}

async fn put_row(store: &Store, lease: &Lease, generation: u64, id: &str) {
    let row = DynamicsRow {
        generation,
        ..row(id, 1, "Kari")
    };
    store.put_row(lease, &row, &never, now()).await.unwrap();
}

/// Nothing but the fencing number is left of stream `members`; `teams` is untouched.
async fn assert_forgotten(tables: &Tables) {
    let mut left = Vec::new();
    for table in ["records", "state", "changes"] {
        let all = tables.raw.scan().table_name(table).send().await.unwrap();
        for item in all.items() {
            let pk = item["pk"].as_s().unwrap();
            let mut names: Vec<_> = item.keys().map(String::as_str).collect();
            names.sort_unstable();
            left.push(format!("{table} {pk}: {names:?}"));
        }
    }
    left.sort_unstable();
    assert_eq!(
        left,
        [
            r#"state stream#members: ["fence", "pk", "sk"]"#,
            r#"state streams: ["names", "pk", "sk"]"#,
        ]
    );
    assert_eq!(tables.store.known_streams().await.unwrap(), ["teams"]);
}

#[tokio::test]
async fn a_forgotten_stream_leaves_nothing_but_its_fencing_number() {
    let tables = Tables::empty().await;
    fill(&tables, 3).await;
    let before = tables.store.stream_state("members").await.unwrap().unwrap();
    assert_eq!(forget(&tables.store).await.unwrap(), done(2));
    assert_forgotten(&tables).await;
    let after = tables.store.stream_state("members").await.unwrap().unwrap();
    assert!(after.fence > before.fence);
    assert_eq!(forget(&tables.store).await.unwrap(), done(0));
    assert_forgotten(&tables).await;
}

#[tokio::test]
async fn a_stream_with_more_records_than_a_page_is_forgotten_whole() {
    let tables = Tables::empty().await;
    let (lease, _) = take(&tables.store, "first", 0).await;
    tables.store.begin_generation(&lease, 1).await.unwrap();
    for number in 0..501 {
        let id = format!("a0000000-0000-4000-8000-{number:012}");
        put_row(&tables.store, &lease, 1, &id).await;
    }
    assert_eq!(forget(&tables.store).await.unwrap(), done(501));
    let left = tables
        .raw
        .scan()
        .table_name("records")
        .send()
        .await
        .unwrap();
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn another_streams_records_stay_when_one_is_forgotten() {
    let tables = Tables::empty().await;
    fill(&tables, 1).await;
    for (pk, id) in [
        ("members2#a", OLA),
        ("teams#a", OLA),
        ("teams#as_of", "as_of"),
    ] {
        tables
            .raw
            .put_item()
            .table_name("records")
            .item("pk", AttributeValue::S(pk.into()))
            .item("id", AttributeValue::S(id.into()))
            .send()
            .await
            .unwrap();
    }
    forget(&tables.store).await.unwrap();
    let left = tables
        .raw
        .scan()
        .table_name("records")
        .send()
        .await
        .unwrap();
    assert_eq!(left.count(), 3);
}

#[tokio::test]
async fn a_stream_is_forgotten_with_its_changes_and_those_that_waited_are_counted() {
    let tables = Tables::empty().await;
    put_row(&tables.store, &tables.lease, 1, KARI).await;
    let mut accepted = Vec::new();
    for id in ["a", "b", "c", "d"] {
        accepted.push(changes::accepted(&tables, &wanting(id, "name", id)).await);
    }
    for (change, state) in accepted
        .iter()
        .zip([ChangeState::Held, ChangeState::Applied])
    {
        assert!(changes::settle(&tables, change, &settlement(state)).await);
    }
    let mut other = wanting("other", "name", "other");
    other.stream = "teams".into();
    changes::accepted(&tables, &other).await;

    let forgotten = Forgotten::Done {
        records: 1,
        changes: 2,
    };
    assert_eq!(forget(&tables.store).await.unwrap(), forgotten);
    for id in ["a", "b", "c", "d"] {
        assert_eq!(tables.store.change(id).await.unwrap(), None);
    }
    assert!(changes::waiting(&tables).await.is_empty());
    let teams = tables.store.waiting("teams", None, 10).await.unwrap();
    assert_eq!(teams.changes.len(), 1);
    // Nor is a place in the order given out twice.
    let next = changes::accepted(&tables, &wanting("a", "name", "a")).await;
    assert_eq!(next.sequence, 5);
}

#[tokio::test]
async fn while_a_run_has_the_stream_nothing_is_forgotten() {
    let tables = Tables::empty().await;
    fill(&tables, 1).await;
    take(&tables.store, "night", 950).await;
    let held = Forgotten::Held {
        owner: "night".into(),
        until: later(1_040),
    };
    assert_eq!(forget(&tables.store).await.unwrap(), held);
    assert_eq!(
        tables.store.cursor("members").await.unwrap(),
        Some(reading())
    );
    assert_eq!(tables.store.count_live("members").await.unwrap(), 2);
}

#[tokio::test]
async fn killed_before_any_of_its_calls_a_forget_can_be_repeated_and_no_cursor_outlives_a_record() {
    let tables = Tables::empty().await;
    let mut kills = 0;
    for number in 1_u64.. {
        fill(&tables, number).await;
        let person = tables.interposed(number, |_| Box::pin(async { panic!("killed") }));
        let killed = tokio::spawn(async move { forget(&person).await.unwrap() }).await;
        match killed {
            Ok(answer) => {
                assert_eq!(answer, done(2));
                break;
            }
            Err(error) => assert!(error.is_panic()),
        }
        kills += 1;
        let live = tables.store.count_live("members").await.unwrap();
        let cursor = tables.store.cursor("members").await.unwrap();
        assert!(cursor.is_none() || live == 2, "call {number}");
        if live > 0 {
            let generation = tables.store.generation("members").await.unwrap();
            assert_eq!(generation, Some(number), "call {number}");
        }
        forget(&tables.store).await.unwrap();
        assert_forgotten(&tables).await;
    }
    assert!(kills > 30, "{kills}");
}

#[tokio::test]
async fn a_forget_that_wakes_up_late_deletes_nothing_that_the_next_run_wrote() {
    let tables = Tables::empty().await;
    fill(&tables, 1).await;
    // After its query of the first partition, and before it renews its lease for what it found.
    let person = tables.interposed(5, |tables| {
        Box::pin(async {
            let (lease, cursor) = take(&tables.store, "night", 5_000).await;
            assert_eq!(cursor, None);
            tables.store.begin_generation(&lease, 2).await.unwrap();
            put_row(&tables.store, &lease, 2, KARI).await;
        })
    });
    let error = forget(&person).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert!(tables.raw_record(KARI).await.is_some());
    assert_eq!(tables.store.generation("members").await.unwrap(), Some(2));
}

#[tokio::test]
async fn a_delete_on_its_way_spares_what_the_next_run_wrote() {
    let tables = Tables::empty().await;
    let (lease, _) = take(&tables.store, "first", 0).await;
    tables.store.begin_generation(&lease, 1).await.unwrap();
    let id = "00000000-0000-4000-8000-000000000001";
    put_row(&tables.store, &lease, 1, id).await;
    // Reset, lease, generation, query, renewal; then the delete.
    let person = tables.interposed(6, |tables| {
        Box::pin(async {
            let (lease, _) = take(&tables.store, "night", 5_000).await;
            tables.store.begin_generation(&lease, 2).await.unwrap();
            put_row(
                &tables.store,
                &lease,
                2,
                "00000000-0000-4000-8000-000000000001",
            )
            .await;
        })
    });
    let error = forget(&person).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert_eq!(
        error.to_string(),
        "cannot delete what is stored of stream `members` in table `records`: another run has taken \
         the stream over. This run stopped; the other run goes on"
    );
    assert!(tables.raw_record(id).await.is_some());
}

#[tokio::test]
async fn a_stream_whose_state_table_was_lost_can_still_be_forgotten() {
    let tables = Tables::empty().await;
    for _ in 0..5 {
        let (lease, _) = take(&tables.store, "first", 0).await;
        tables.store.release(lease).await.unwrap();
    }
    fill(&tables, 1).await;
    tables
        .raw
        .delete_item()
        .table_name("state")
        .key("pk", AttributeValue::S("stream#members".into()))
        .key("sk", AttributeValue::S("cursor".into()))
        .send()
        .await
        .unwrap();
    assert_eq!(forget(&tables.store).await.unwrap(), done(2));
    assert_forgotten(&tables).await;
}

#[tokio::test]
async fn a_stream_that_a_newer_release_reads_is_not_forgotten_by_this_one() {
    let tables = Tables::empty().await;
    fill(&tables, 1).await;
    let format = AttributeValue::N("2".into());
    tables.plant_cursor(&[("format", format)]).await;
    let error = forget(&tables.store).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NewerRelease);
    assert_eq!(tables.store.count_live("members").await.unwrap(), 2);
}

#[tokio::test]
async fn a_stream_can_be_forgotten_although_cursor_and_freshness_are_damaged() {
    let tables = Tables::empty().await;
    fill(&tables, 1).await;
    let damaged = || AttributeValue::S("damaged".into());
    tables
        .plant_cursor(&[("cursor", damaged()), ("format", damaged())])
        .await;
    tables
        .raw
        .put_item()
        .table_name("records")
        .item("pk", AttributeValue::S("members#as_of".into()))
        .item("id", AttributeValue::S("as_of".into()))
        .item("as_of", damaged())
        .send()
        .await
        .unwrap();
    assert_eq!(forget(&tables.store).await.unwrap(), done(2));
    assert_forgotten(&tables).await;
}
