//! How fresh the copy says it is, and under which generation it was written.

use sync_store::AsOf;

use crate::records::all;
use crate::support::{Tables, later, now};

/// Tables with a stream that is being loaded.
async fn loading() -> Tables {
    let tables = Tables::empty().await;
    let begun = tables.store.begin_generation(&tables.lease, 1).await;
    begun.unwrap();
    tables
}

fn as_of(seconds: i64) -> AsOf {
    AsOf {
        as_of: later(seconds),
        run_id: format!("run {seconds}"),
        generation: 1,
    }
}

#[tokio::test]
async fn an_earlier_as_of_never_replaces_a_later_one() {
    let tables = loading().await;
    assert_eq!(tables.store.as_of("members").await.unwrap(), None);
    for seconds in [10, 20, 15] {
        tables
            .store
            .set_as_of("members", &as_of(seconds), later(30))
            .await
            .unwrap();
    }
    assert_eq!(
        tables.store.as_of("members").await.unwrap(),
        Some(as_of(20))
    );
    assert!(all(&tables).await.is_empty(), "it is no record");
}

#[tokio::test]
async fn an_as_of_in_the_future_does_not_make_a_dead_sync_look_fresh() {
    let tables = loading().await;
    tables
        .store
        .set_as_of("members", &as_of(400 * 86_400), now())
        .await
        .unwrap();
    tables
        .store
        .set_as_of("members", &as_of(10), later(20))
        .await
        .unwrap();
    assert_eq!(
        tables.store.as_of("members").await.unwrap(),
        Some(as_of(10))
    );
}

#[tokio::test]
async fn a_stream_that_was_ever_loaded_is_told_from_one_that_never_was() {
    let tables = Tables::empty().await;
    assert_eq!(tables.store.generation("members").await.unwrap(), None);
    tables
        .store
        .begin_generation(&tables.lease, 3)
        .await
        .unwrap();
    assert_eq!(tables.store.generation("members").await.unwrap(), Some(3));
    assert_eq!(
        tables.store.as_of("members").await.unwrap(),
        None,
        "loaded is not fresh"
    );
}

#[tokio::test]
async fn a_run_of_a_generation_that_is_over_says_nothing_about_the_present_one() {
    let tables = loading().await;
    let store = &tables.store;
    store.begin_generation(&tables.lease, 2).await.unwrap();
    store
        .set_as_of("members", &as_of(10), later(20))
        .await
        .unwrap();
    assert_eq!(store.as_of("members").await.unwrap(), None);
    assert_eq!(store.generation("members").await.unwrap(), Some(2));
}
