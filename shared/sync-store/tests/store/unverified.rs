//! A row that could not be read: hidden in doubt, healed by what can be read.

use sync_store::{Applied, DynamicsRow, ErrorKind};

use crate::hiding::{HIDDEN, SHOWN, expiry, item, kari, put_under, valid_to};
use crate::support::{KARI, Tables, later, never, now, row, take};

async fn mark(tables: &Tables, generation: u64, version: i64) -> Applied {
    let rule = expiry("2026-11-20");
    let row = (generation, version);
    let mark = tables
        .store
        .mark_unverified(&tables.lease, KARI, row, &rule, later(5));
    mark.await.unwrap()
}

async fn put(tables: &Tables, row: &DynamicsRow) -> Applied {
    put_under(tables, row, &expiry("2026-11-20")).await
}

/// A valid row of generation 1.
fn valid(version: i64) -> DynamicsRow {
    valid_to(version, "2027-11-20")
}

async fn number(tables: &Tables, name: &str) -> Option<i64> {
    let item = item(tables).await;
    Some(item.get(name)?.as_n().unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_hidden_and_keeps_what_was_last_read() {
    let tables = Tables::empty().await;
    put(&tables, &valid(7)).await;
    assert_eq!(mark(&tables, 1, 8).await, Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    assert_eq!(number(&tables, "unverified").await, Some(8));
    assert_eq!(number(&tables, "version").await, Some(7));

    let before = item(&tables).await;
    for version in [8, 7, 0] {
        assert_eq!(mark(&tables, 1, version).await, Applied::Unchanged);
    }
    assert_eq!(mark(&tables, 1, 6).await, Applied::Stale);
    assert_eq!(item(&tables).await, before);
    assert_eq!(mark(&tables, 1, 9).await, Applied::Stored);
    assert_eq!(number(&tables, "unverified").await, Some(9));
}

#[tokio::test]
async fn the_version_that_could_not_be_read_heals_the_record_when_it_can() {
    let tables = Tables::empty().await;
    put(&tables, &valid(7)).await;
    mark(&tables, 1, 7).await;
    assert_eq!(kari(&tables).await, HIDDEN);
    assert_eq!(put(&tables, &valid(7)).await, Applied::Stored);
    assert_eq!(kari(&tables).await, SHOWN);
    assert_eq!(number(&tables, "unverified").await, None);
    // Version 7, revision 0 was another state of the record: the triple must not come again.
    assert_eq!(number(&tables, "revision").await, Some(2));
    assert_eq!(put(&tables, &valid(7)).await, Applied::Unchanged);
}

#[tokio::test]
async fn an_older_version_that_arrives_late_does_not_heal_the_record() {
    let tables = Tables::empty().await;
    put(&tables, &valid(7)).await;
    mark(&tables, 1, 9).await;
    assert_eq!(put(&tables, &valid(7)).await, Applied::Unchanged);
    assert_eq!(put(&tables, &valid(6)).await, Applied::Stale);
    assert_eq!(put(&tables, &valid(8)).await, Applied::Stored);
    assert_eq!(number(&tables, "version").await, Some(8));
    assert_eq!(number(&tables, "unverified").await, Some(9));
    assert_eq!(kari(&tables).await, HIDDEN);
    assert_eq!(put(&tables, &valid(9)).await, Applied::Stored);
    assert_eq!(number(&tables, "unverified").await, None);
    assert_eq!(kari(&tables).await, SHOWN);
}

#[tokio::test]
async fn a_row_whose_very_version_cannot_be_read_is_marked_and_healed_by_any() {
    let tables = Tables::empty().await;
    put(&tables, &valid(7)).await;
    assert_eq!(mark(&tables, 1, 0).await, Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    assert_eq!(put(&tables, &valid(7)).await, Applied::Stored);
    assert_eq!(kari(&tables).await, SHOWN);
}

#[tokio::test]
async fn a_record_of_an_older_generation_is_lifted_and_replaced_by_any_version_of_the_new_one() {
    let tables = Tables::empty().await;
    let second = |version| DynamicsRow {
        generation: 2,
        ..valid(version)
    };
    put(&tables, &valid(700)).await;
    assert_eq!(mark(&tables, 2, 50).await, Applied::Stored);
    let head = tables.store.head("members", KARI).await.unwrap().unwrap();
    assert_eq!((head.generation, head.version), (2, 0));
    assert!(head.unverified && !head.deleted);
    assert_eq!(kari(&tables).await, HIDDEN);

    assert_eq!(put(&tables, &valid(701)).await, Applied::Stale);
    assert_eq!(mark(&tables, 1, 702).await, Applied::Stale);
    assert_eq!(put(&tables, &second(50)).await, Applied::Stored);
    assert_eq!(kari(&tables).await, SHOWN);
}

#[tokio::test]
async fn versions_that_started_again_heal_what_an_older_generation_could_not_read() {
    let tables = Tables::empty().await;
    put(&tables, &valid(700)).await;
    mark(&tables, 1, 701).await;
    let restored = DynamicsRow {
        generation: 2,
        ..valid(50)
    };
    assert_eq!(put(&tables, &restored).await, Applied::Stored);
    assert_eq!(number(&tables, "unverified").await, None);
    assert_eq!(kari(&tables).await, SHOWN);
}

#[tokio::test]
async fn what_is_not_in_the_copy_is_not_marked() {
    let tables = Tables::empty().await;
    assert_eq!(mark(&tables, 1, 7).await, Applied::Unchanged);
    assert!(tables.raw_record(KARI).await.is_none());
    put(&tables, &valid(7)).await;
    let store = &tables.store;
    store.bury(&tables.lease, KARI, 1, now()).await.unwrap();
    let before = item(&tables).await;
    assert_eq!(mark(&tables, 1, 8).await, Applied::Unchanged);
    assert_eq!(mark(&tables, 2, 8).await, Applied::Unchanged);
    assert_eq!(item(&tables).await, before);
}

#[tokio::test]
async fn a_newer_version_stored_while_the_record_is_being_marked_is_not_marked() {
    let tables = Tables::empty().await;
    put(&tables, &valid(7)).await;
    let store = tables.interposed(2, |tables| {
        Box::pin(async move {
            put(tables, &valid(9)).await;
        })
    });
    let mark = store.mark_unverified(&tables.lease, KARI, (1, 8), &never, now());
    assert_eq!(mark.await.unwrap(), Applied::Stale);
    assert_eq!(number(&tables, "unverified").await, None);
    assert_eq!(kari(&tables).await, SHOWN);
}

#[tokio::test]
async fn a_run_that_lost_its_lease_does_not_mark_what_the_next_one_read() {
    let tables = Tables::empty().await;
    let (holder, _) = take(&tables.store, "holder", 100).await;
    let store = &tables.store;
    let stored = store
        .put_row(&holder, &row(KARI, 7, "Kari"), &never, now())
        .await;
    assert_eq!(stored.unwrap(), Applied::Stored);
    let mark = store.mark_unverified(&tables.lease, KARI, (1, 8), &never, now());
    assert_eq!(mark.await.unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(number(&tables, "unverified").await, None);
}
