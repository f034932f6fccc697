//! Taking in a change while something else happens.

use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::{Accepted, ChangeKey, NewChange, Store, Wanted};

use super::{accept, accepted, one, only, parts, pending, stored, waiting, wanting};
use crate::records::{name_of, put};
use crate::support::{KARI, Tables, never, now, row, text};

#[tokio::test]
async fn two_calls_that_race_with_one_change_make_it_once() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = wanting("a", "name", "wanted");
    let (one, two) = tokio::join!(
        accept(&tables.store, &change),
        accept(&tables.store, &change)
    );
    let new = [&one, &two].map(|accepted| matches!(accepted, Accepted::New(_)));
    assert!(
        new == [true, false] || new == [false, true],
        "{one:?} {two:?}"
    );
    assert!(matches!(
        (one, two),
        (Accepted::Known(_), _) | (_, Accepted::Known(_))
    ));
    assert_eq!(waiting(&tables).await, ["a"]);
    assert_eq!(pending(&tables).await, only("name", "wanted", "a"));
}

#[tokio::test]
async fn many_changes_that_race_for_one_record_show_the_one_that_comes_last() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let changes: Vec<_> = (0..6)
        .map(|number| wanting(&number.to_string(), "name", &format!("wanted {number}")))
        .collect();
    let accepts = changes.iter().map(|change| accepted(&tables, change));
    let mut done = futures::future::join_all(accepts).await;
    done.sort_by_key(|change| change.sequence);
    let order: Vec<_> = done.iter().map(|change| change.wanted.id.clone()).collect();
    assert_eq!(waiting(&tables).await, order);
    // Each saw what the one before it wanted.
    for pair in done.windows(2) {
        let wanted = format!("wanted {}", pair[0].wanted.id);
        let saw = &pair[1].base.as_ref().unwrap().shown;
        assert!(*saw == one("name", &wanted));
    }
    let last = format!("wanted {}", done[5].wanted.id);
    assert_eq!(name_of(&tables).await, Some(text(&last)));
}

#[tokio::test]
async fn a_record_that_a_pull_writes_before_the_change_does_is_read_again() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    // The record, the sequence; then the transaction.
    let store = tables.interposed(3, |tables| {
        Box::pin(async {
            put(tables, &row(KARI, 8, "edited in Dynamics")).await;
        })
    });
    accept(&store, &wanting("a", "name", "wanted")).await;
    let base = stored(&tables, "a").await.base.unwrap();
    assert_eq!(base.version, 8);
    assert!(base.shown == one("name", "edited in Dynamics"));
    let parts = parts(&tables).await;
    assert!(parts.dynamics == one("name", "edited in Dynamics"));
    assert_eq!(parts.version, 8);
    assert_eq!(pending(&tables).await, only("name", "wanted", "a"));
}

#[tokio::test]
async fn a_record_that_is_deleted_before_the_change_is_stored_stays_so() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let store = tables.interposed(3, |tables| {
        Box::pin(async {
            let bury = tables.store.bury(&tables.lease, KARI, 1, now());
            bury.await.unwrap();
        })
    });
    accept(&store, &wanting("a", "name", "wanted")).await;
    assert!(parts(&tables).await.deleted);
    assert_eq!(stored(&tables, "a").await.base, None);
    assert_eq!(waiting(&tables).await, ["a"]);
}

#[tokio::test]
async fn a_key_that_moves_to_another_row_while_it_is_looked_up_takes_no_change_to_the_old_one() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "M-1001")).await;
    let store = tables.interposed(2, |tables| {
        Box::pin(async {
            put(tables, &row(KARI, 8, "M-1002")).await;
        })
    });
    let change = NewChange {
        key: ChangeKey::Fields(one("code", "M-1001")),
        ..wanting("a", "city", "Bodø")
    };
    let key = Some("members#M-1001");
    store.accept(&change, key, &never, true).await.unwrap();
    assert!(pending(&tables).await.is_empty());
    assert_eq!(stored(&tables, "a").await.row, None);
}

/// As if this were the last number given out, because the item was lost.
async fn count_from(tables: &Tables, last: u32) {
    tables
        .raw
        .put_item()
        .table_name("changes")
        .item("pk", AttributeValue::S("sequence".into()))
        .item("sk", AttributeValue::S("members".into()))
        .item("last", AttributeValue::N(last.to_string()))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn an_earlier_change_is_never_shown_over_a_later_one() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    count_from(&tables, 8).await;
    accepted(&tables, &wanting("later", "name", "later")).await;
    count_from(&tables, 4).await;
    let mut earlier = wanting("earlier", "name", "earlier");
    let city = Wanted::Value(text("Bodø"));
    earlier.fields.insert("city".into(), city);
    accepted(&tables, &earlier).await;
    assert_eq!(waiting(&tables).await, ["earlier", "later"]);
    let mut expected = only("city", "Bodø", "earlier");
    expected.extend(only("name", "later", "later"));
    assert_eq!(pending(&tables).await, expected);
}

#[tokio::test]
async fn a_lost_count_takes_no_waiting_change_out_of_its_place() {
    let tables = Tables::empty().await;
    for id in ["a", "b"] {
        accepted(&tables, &wanting(id, "name", id)).await;
    }
    count_from(&tables, 0).await;
    accepted(&tables, &wanting("c", "name", "c")).await;
    assert_eq!(waiting(&tables).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_transaction_that_meets_another_one_is_tried_again() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let conflict = r#"{
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled",
        "CancellationReasons": [
            {"Code": "None"}, {"Code": "None"}, {"Code": "TransactionConflict"}
        ]
    }"#;
    let store = tables.answering(3, conflict);
    let accepted = accept(&store, &wanting("a", "name", "wanted")).await;
    assert!(matches!(accepted, Accepted::New(_)));
    assert_eq!(pending(&tables).await, only("name", "wanted", "a"));
}

/// Hands in the change, and again if that was killed.
async fn killed_at(tables: &Tables, number: u64) -> bool {
    let store: Store = tables.interposed(number, |_| Box::pin(async { panic!("killed") }));
    let id = number.to_string();
    let value = format!("wanted {number}");
    let change = wanting(&id, "name", &value);
    let call = change.clone();
    let killed = tokio::spawn(async move { accept(&store, &call).await }).await;
    let is_stored = tables.store.change(&id).await.unwrap().is_some();
    assert_eq!(waiting(tables).await.contains(&id), is_stored);
    let shown = name_of(tables).await == Some(text(&value));
    assert_eq!(shown, is_stored, "all or nothing");
    let again = accept(&tables.store, &change).await;
    assert_eq!(matches!(again, Accepted::Known(_)), is_stored);
    assert!(waiting(tables).await.contains(&id));
    killed.is_err()
}

#[tokio::test]
async fn killed_before_any_of_its_calls_an_accept_has_done_all_or_nothing_and_can_be_repeated() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let mut kills = 0;
    while killed_at(&tables, kills + 1).await {
        kills += 1;
    }
    assert_eq!(kills, 3);
    assert_eq!(waiting(&tables).await.len(), 4);
}
