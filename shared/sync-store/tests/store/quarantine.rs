//! Rows that could not be read.

use crate::support::{Tables, later, now};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::ToSpan;
use sync_store::{ErrorKind, Quarantined, Unread};

fn unread(id: &str, version: Option<i64>, reason: &str) -> Unread {
    Unread {
        id: id.into(),
        generation: 2,
        version,
        reason: reason.into(),
    }
}

async fn put(tables: &Tables, row: &Unread, seconds: i64) {
    let put = tables.store.put_quarantined("members", row, later(seconds));
    put.await.unwrap();
}

async fn try_again(tables: &Tables, id: &str, seconds: i64) {
    let run = format!("run-{seconds}");
    tables
        .store
        .note_try("members", id, &run, "still unknown", later(seconds))
        .await
        .unwrap();
}

async fn ids(tables: &Tables, limit: usize) -> Vec<String> {
    let rows = tables.store.quarantined("members", limit).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_row_found_unreadable_again_keeps_its_beginning_and_its_tries() {
    let tables = Tables::empty().await;
    put(&tables, &unread("a", Some(5), "unknown choice"), 0).await;
    try_again(&tables, "a", 10).await;
    let expected = Quarantined {
        id: "a".into(),
        generation: 2,
        version: Some(5),
        reason: "still unknown".into(),
        since: later(0),
        tries: 1,
        tried_by: Some("run-10".into()),
    };
    let rows = tables.store.quarantined("members", 10).await.unwrap();
    assert_eq!(rows, std::slice::from_ref(&expected));

    put(&tables, &unread("a", None, "not an object"), 20).await;
    let rows = tables.store.quarantined("members", 10).await.unwrap();
    assert_eq!(
        rows,
        [Quarantined {
            version: None,
            reason: "not an object".into(),
            ..expected
        }]
    );
}

#[tokio::test]
async fn those_tried_the_least_come_first_and_no_more_than_asked_for() {
    let tables = Tables::empty().await;
    for id in ["a", "b", "c", "d"] {
        put(&tables, &unread(id, Some(1), "unknown choice"), 0).await;
    }
    try_again(&tables, "a", 1).await;
    try_again(&tables, "a", 2).await;
    try_again(&tables, "b", 1).await;
    assert_eq!(ids(&tables, 10).await, ["c", "d", "b", "a"]);
    assert_eq!(ids(&tables, 2).await, ["c", "d"]);
    assert_eq!(ids(&tables, 0).await, [""; 0]);
    let count = tables.store.count_quarantined("members").await.unwrap();
    assert_eq!(count, 4);
    let count = tables.store.count_quarantined("teams").await.unwrap();
    assert_eq!(count, 0);
}

#[tokio::test]
async fn a_row_that_left_is_not_brought_back_by_a_late_try() {
    let tables = Tables::empty().await;
    put(&tables, &unread("a", Some(1), "unknown choice"), 0).await;
    for _ in 0..2 {
        let left = tables.store.leave_quarantine("members", "a").await;
        left.unwrap();
    }
    try_again(&tables, "a", 1).await;
    assert_eq!(ids(&tables, 10).await, [""; 0]);
    assert_eq!(tables.raw_state("quarantine#members", "a").await, None);
}

#[tokio::test]
async fn a_row_that_is_tried_every_night_does_not_expire() {
    let tables = Tables::empty().await;
    let expires = async || {
        let item = tables.raw_state("quarantine#members", "a").await.unwrap();
        item["expires_at"].clone()
    };
    let in_90_days = |seconds: i64| {
        let instant = later(seconds) + (90 * 24).hours();
        AttributeValue::N(instant.as_second().to_string())
    };
    put(&tables, &unread("a", Some(1), "unknown choice"), 0).await;
    assert_eq!(expires().await, in_90_days(0));
    try_again(&tables, "a", 100).await;
    assert_eq!(expires().await, in_90_days(100));
    put(&tables, &unread("a", Some(2), "unknown choice"), 200).await;
    assert_eq!(expires().await, in_90_days(200));
}

#[tokio::test]
async fn a_damaged_item_is_an_error_that_names_the_stream() {
    let tables = Tables::empty().await;
    let since = AttributeValue::S(now().to_string());
    tables
        .plant("quarantine#members", "a", &[("since", since)])
        .await;
    let error = tables.store.quarantined("members", 10).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(
        error.to_string().starts_with(
            "cannot read the quarantine of stream `members` in table `state`: a quarantined row \
             cannot be read. "
        ),
        "{error}"
    );
}
