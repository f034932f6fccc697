//! What the mass-change guard stopped, and its release.

use crate::support::{Tables, later, reading, settled, take};
use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::{Acquired, ErrorKind, Guard, Guarded, Store};

fn guarded(vanishing: u64, run_id: &str, seconds: i64) -> Guarded {
    Guarded {
        vanishing,
        of: 1_000,
        run_id: run_id.into(),
        since: later(seconds),
    }
}

/// A stream on whose changes run `first` was stopped at second 0.
async fn stopped() -> Tables {
    let tables = Tables::empty().await;
    let (lease, _) = take(&tables.store, "first", 0).await;
    tables
        .store
        .checkpoint(&lease, &reading(), later(0))
        .await
        .unwrap();
    tables
        .store
        .trip_guard(&lease, Guard::Vanishing, &guarded(300, "first", 0))
        .await
        .unwrap();
    tables.store.release(lease).await.unwrap();
    tables
}

/// Whether the next run is told to go on.
async fn is_released(store: &Store, seconds: i64) -> bool {
    let asked = store.acquire("members", "next", later(seconds)).await;
    match asked.unwrap() {
        Acquired::Granted { released, .. } => released.is_some(),
        Acquired::Held { owner, .. } => panic!("held by {owner}"),
    }
}

#[tokio::test]
async fn what_was_stopped_is_told_and_the_next_run_goes_on_only_after_a_release() {
    let tables = stopped().await;
    assert!(!is_released(&tables.store, 10).await);
    let released = tables
        .store
        .release_guard("members", Guard::Vanishing)
        .await;
    assert_eq!(released.unwrap(), Some(guarded(300, "first", 0)));
    assert!(is_released(&tables.store, 30).await);
    assert_eq!(
        tables.store.cursor("members").await.unwrap(),
        Some(reading())
    );
}

#[tokio::test]
async fn stopped_again_the_numbers_are_the_latest_and_the_time_is_the_first() {
    let tables = stopped().await;
    let (lease, _) = take(&tables.store, "second", 100).await;
    tables
        .store
        .trip_guard(&lease, Guard::Vanishing, &guarded(900, "second", 100))
        .await
        .unwrap();
    let released = tables
        .store
        .release_guard("members", Guard::Vanishing)
        .await;
    assert_eq!(
        released.unwrap(),
        Some(Guarded {
            since: later(0),
            ..guarded(900, "second", 100)
        })
    );
}

#[tokio::test]
async fn nothing_is_released_where_nothing_was_stopped() {
    let tables = Tables::empty().await;
    for stream in ["members", "unheard of"] {
        let released = tables.store.release_guard(stream, Guard::Vanishing).await;
        assert_eq!(released.unwrap(), None);
    }
    assert!(!is_released(&tables.store, 10).await);
    assert_eq!(tables.raw_state("stream#unheard of", "cursor").await, None);
}

#[tokio::test]
async fn a_release_during_a_checkpoint_of_a_run_stays() {
    let tables = stopped().await;
    let (lease, _) = take(&tables.store, "second", 100).await;
    let run = tables.interposed(1, |tables| {
        Box::pin(async {
            let released = tables
                .store
                .release_guard("members", Guard::Vanishing)
                .await;
            assert!(released.unwrap().is_some());
        })
    });
    run.checkpoint(&lease, &reading(), later(102))
        .await
        .unwrap();
    // Nor does being stopped once more, on what the run saw before the release, take it back.
    run.trip_guard(&lease, Guard::Vanishing, &guarded(300, "second", 102))
        .await
        .unwrap();
    run.release(lease).await.unwrap();
    assert!(is_released(&tables.store, 110).await);
}

#[tokio::test]
async fn once_the_cursor_is_at_rest_guard_and_release_are_gone_in_the_same_write() {
    let tables = stopped().await;
    tables
        .store
        .release_guard("members", Guard::Vanishing)
        .await
        .unwrap();
    let (lease, _) = take(&tables.store, "second", 100).await;
    // Changes are read, and something else is still to be done.
    let saved = tables
        .store
        .checkpoint(&lease, &settled("c"), later(101))
        .await;
    saved.unwrap();
    let item = tables.raw_state("stream#members", "cursor").await.unwrap();
    assert_eq!(item["released"], AttributeValue::N("300".into()));
    let cursor = settled("d");
    let saved = tables.store.checkpoint_at_rest(&lease, &cursor, later(101));
    saved.await.unwrap();
    let item = tables.raw_state("stream#members", "cursor").await.unwrap();
    for attribute in ["guarded", "guarded_since", "released"] {
        assert!(!item.contains_key(attribute), "{attribute}");
    }
    let late = tables
        .store
        .release_guard("members", Guard::Vanishing)
        .await;
    assert_eq!(late.unwrap(), None);
    tables.store.release(lease).await.unwrap();
    assert!(!is_released(&tables.store, 110).await);
}

#[tokio::test]
async fn a_run_that_lost_the_stream_stops_nothing() {
    let tables = Tables::empty().await;
    let (zombie, _) = take(&tables.store, "first", 0).await;
    take(&tables.store, "second", 100).await;
    let error = tables
        .store
        .trip_guard(&zombie, Guard::Vanishing, &guarded(300, "first", 101))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert_eq!(
        error.to_string(),
        "cannot note what the guard stopped beside the lease and cursor of stream `members` in \
         table `state`: another run has taken the stream over. This run stopped; the other run goes \
         on"
    );
    let released = tables
        .store
        .release_guard("members", Guard::Vanishing)
        .await;
    assert_eq!(released.unwrap(), None);
}

#[tokio::test]
async fn a_guard_that_cannot_be_read_is_not_released() {
    let tables = Tables::empty().await;
    let damaged = AttributeValue::S("300 of 1000".into());
    tables.plant_cursor(&[("guarded", damaged)]).await;
    let released = tables
        .store
        .release_guard("members", Guard::Vanishing)
        .await;
    let error = released.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(
        error.to_string().starts_with(
            "cannot read or release the guard of stream `members` in table `state`: what the guard \
             stopped cannot be read. "
        ),
        "{error}"
    );
    let item = tables.raw_state("stream#members", "cursor").await.unwrap();
    assert!(!item.contains_key("released"));
}

#[tokio::test]
async fn what_a_newer_release_stopped_is_not_released_by_this_one() {
    let tables = stopped().await;
    tables
        .raw
        .update_item()
        .table_name("state")
        .key("pk", AttributeValue::S("stream#members".into()))
        .key("sk", AttributeValue::S("cursor".into()))
        .update_expression("SET #format = :two")
        .expression_attribute_names("#format", "format")
        .expression_attribute_values(":two", AttributeValue::N("2".into()))
        .send()
        .await
        .unwrap();
    let released = tables
        .store
        .release_guard("members", Guard::Vanishing)
        .await;
    assert_eq!(released.unwrap_err().kind(), ErrorKind::NewerRelease);
    let item = tables.raw_state("stream#members", "cursor").await.unwrap();
    assert!(!item.contains_key("released"));
}
