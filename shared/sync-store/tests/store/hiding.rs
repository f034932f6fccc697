//! An expiry hides what Dynamics still shows, and shows again only what it hid.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::TryStreamExt;
use sync_store::{Applied, DynamicsRow, ErrorKind, Fields, Hideable, Hiding, HidingRule, Value};

use crate::records::{all, plant_pending};
use crate::support::{Item, KARI, Tables, later, never, now, row, take, text};

/// Hides what was valid until a day before `today`, and what is not known to be valid.
pub(crate) fn expiry(today: &'static str) -> impl Fn(&Fields, bool) -> Hiding + Sync {
    move |wanted, unverified| {
        let Some(Value::Text(valid_to)) = wanted.get("valid_to") else {
            return Hiding::default();
        };
        let over = unverified || valid_to.as_str() < today;
        Hiding {
            values: over.then(invisible),
            from: format!("{valid_to}T23:00:00Z").parse().ok(),
        }
    }
}

pub(crate) fn invisible() -> Fields {
    Fields::from([("visible".into(), Value::Boolean(false))])
}

/// A visible certification of generation 1.
pub(crate) fn valid_to(version: i64, day: &str) -> DynamicsRow {
    let mut row = row(KARI, version, "Kari");
    row.fields.extend([
        ("visible".into(), Value::Boolean(true)),
        ("valid_to".into(), text(day)),
    ]);
    row
}

pub(crate) async fn put_under(tables: &Tables, row: &DynamicsRow, rule: HidingRule<'_>) -> Applied {
    let put = tables.store.put_row(&tables.lease, row, rule, now());
    put.await.unwrap()
}

pub(crate) async fn item(tables: &Tables) -> Item {
    tables.raw_record(KARI).await.unwrap()
}

pub(crate) const SHOWN: (bool, bool) = (true, false);
pub(crate) const HIDDEN: (bool, bool) = (false, true);

/// Whether the app sees Kari, and whether her record says that it is hidden.
pub(crate) async fn kari(tables: &Tables) -> (bool, bool) {
    let visible = all(tables).await[0].fields["visible"] == Value::Boolean(true);
    (visible, item(tables).await.contains_key("suppressed"))
}

fn revision(item: &Item) -> &str {
    item["revision"].as_n().unwrap()
}

async fn hideable(tables: &Tables) -> Hideable {
    let records = tables.store.hideable("members", 3);
    let records: Vec<_> = records.try_collect().await.unwrap();
    assert_eq!(records.len(), 1);
    records.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_row_past_its_last_day_is_hidden_in_the_write_that_stores_it() {
    let tables = Tables::empty().await;
    let rule = expiry("2026-11-20");
    let applied = put_under(&tables, &valid_to(7, "2026-11-19"), &rule).await;
    assert_eq!(applied, Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    let item = item(&tables).await;
    assert_eq!(revision(&item), "0", "one write");
    let from = "2026-11-19T23:00:00.000Z";
    assert_eq!(item["suppress_from"].as_s().unwrap(), from);
    let dynamics = item["dynamics"].as_m().unwrap();
    assert_eq!(dynamics["visible"], AttributeValue::Bool(true));
}

#[tokio::test]
async fn a_renewal_shows_the_record_again_in_the_write_that_stores_it() {
    let tables = Tables::empty().await;
    let rule = expiry("2026-11-20");
    put_under(&tables, &valid_to(7, "2026-11-19"), &rule).await;
    put_under(&tables, &valid_to(8, "2027-11-19"), &rule).await;
    assert_eq!(kari(&tables).await, SHOWN);
    let item = item(&tables).await;
    let from = "2027-11-19T23:00:00.000Z";
    assert_eq!(item["suppress_from"].as_s().unwrap(), from);
    assert_eq!(revision(&item), "0", "one write");
}

#[tokio::test]
async fn an_expiry_counts_with_what_is_pending_and_lies_on_top_of_it() {
    let tables = Tables::empty().await;
    let rule = expiry("2026-11-20");
    put_under(&tables, &valid_to(7, "2026-11-19"), &rule).await;
    // The app renewed it, and Dynamics has not confirmed that yet.
    plant_pending(&tables, "valid_to", "2027-11-19").await;
    put_under(&tables, &valid_to(8, "2026-11-19"), &rule).await;
    assert_eq!(kari(&tables).await, SHOWN);

    // A pending value of a field that the expiry sets does not make it visible.
    plant_pending(&tables, "visible", "yes").await;
    put_under(&tables, &valid_to(9, "2026-11-19"), &rule).await;
    assert_eq!(kari(&tables).await, HIDDEN);
    put_under(&tables, &valid_to(10, "2027-11-19"), &rule).await;
    assert!(all(&tables).await[0].fields["visible"] == text("yes"));
    assert!(!item(&tables).await.contains_key("suppressed"));
}

#[tokio::test]
async fn a_day_that_passes_hides_a_record_whose_row_did_not_change() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2026-11-20"), &expiry("2026-11-20")).await;
    assert_eq!(kari(&tables).await, SHOWN);

    let read = hideable(&tables).await;
    assert_eq!((read.id.as_str(), read.suppressed), (KARI, false));
    assert!(read.wanted["visible"] == Value::Boolean(true));
    let tomorrow = expiry("2026-11-21");
    let rehide = async |read: &Hideable| {
        let rehide = tables
            .store
            .rehide(&tables.lease, read, &tomorrow, later(5));
        rehide.await.unwrap()
    };
    assert_eq!(rehide(&read).await, Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    let hidden = item(&tables).await;
    assert_eq!(
        (
            revision(&hidden),
            hidden["version"].as_n().unwrap().as_str()
        ),
        ("1", "7")
    );

    // Once more, with what was read before and with what is there now: nothing is written.
    let again = hideable(&tables).await;
    assert!(again.suppressed && again.wanted["visible"] == Value::Boolean(true));
    for read in [read, again] {
        assert_eq!(rehide(&read).await, Applied::Unchanged);
        assert_eq!(item(&tables).await, hidden);
    }
}

#[tokio::test]
async fn a_number_with_a_zero_at_its_end_does_not_make_every_pass_write_again() {
    let tables = Tables::empty().await;
    let rule = |_: &Fields, _| Hiding {
        values: Some(Fields::from([
            ("fee".into(), Value::Number("2.50".into())),
            ("discount".into(), Value::Number("100".into())),
        ])),
        from: None,
    };
    put_under(&tables, &row(KARI, 7, "Kari"), &rule).await;
    let before = item(&tables).await;
    let read = hideable(&tables).await;
    let rehide = tables.store.rehide(&tables.lease, &read, &rule, later(5));
    assert_eq!(rehide.await.unwrap(), Applied::Unchanged);
    assert_eq!(item(&tables).await, before);
}

#[tokio::test]
async fn a_row_renewed_while_the_pass_decides_is_not_hidden_by_its_old_day() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2026-11-20"), &expiry("2026-11-20")).await;
    let read = hideable(&tables).await;
    let store = tables.interposed(1, |tables| {
        Box::pin(async move {
            put_under(tables, &valid_to(8, "2027-11-20"), &never).await;
        })
    });
    let rule = expiry("2026-11-21");
    let applied = store.rehide(&tables.lease, &read, &rule, now()).await;
    // The plain put left it without a day, which the rule adds.
    assert_eq!(applied.unwrap(), Applied::Stored);
    assert_eq!(kari(&tables).await, SHOWN);
    let item = item(&tables).await;
    let from = "2027-11-20T23:00:00.000Z";
    assert_eq!(item["suppress_from"].as_s().unwrap(), from);
    assert_eq!(
        (revision(&item), item["version"].as_n().unwrap().as_str()),
        ("1", "8")
    );
}

#[tokio::test]
async fn a_record_deleted_while_the_pass_decides_stays_a_tombstone() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2026-11-20"), &never).await;
    let read = hideable(&tables).await;
    let store = &tables.store;
    store.bury(&tables.lease, KARI, 1, now()).await.unwrap();
    let before = item(&tables).await;
    let rule = expiry("2026-11-21");
    let applied = store.rehide(&tables.lease, &read, &rule, now()).await;
    assert_eq!(applied.unwrap(), Applied::Unchanged);
    assert_eq!(item(&tables).await, before);
    let left: Vec<_> = store.hideable("members", 3).try_collect().await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn a_run_that_lost_its_lease_does_not_show_what_the_next_one_hid() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2026-11-20"), &never).await;
    let (holder, _) = take(&tables.store, "holder", 100).await;
    let store = &tables.store;
    let read = hideable(&tables).await;
    let today = expiry("2026-11-21");
    let hidden = store.rehide(&holder, &read, &today, now()).await;
    assert_eq!(hidden.unwrap(), Applied::Stored);

    let yesterday = expiry("2026-11-20");
    let read = hideable(&tables).await;
    let shown = store.rehide(&tables.lease, &read, &yesterday, now()).await;
    assert_eq!(shown.unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(kari(&tables).await, HIDDEN);
}
