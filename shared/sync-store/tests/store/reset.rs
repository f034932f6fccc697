//! Starting a stream again.

use crate::support::{Tables, later, now, settled, take};
use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::{ErrorKind, Guard, Guarded, Reset};

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

async fn reset(tables: &Tables, seconds: i64) -> Reset {
    let reset = tables.store.reset_cursor("members", later(seconds));
    reset.await.unwrap()
}

/// A stream that was read at second 0 and has been given back.
async fn read_once() -> Tables {
    let tables = Tables::empty().await;
    let (lease, _) = take(&tables.store, "first", 0).await;
    let store = &tables.store;
    store
        .checkpoint(&lease, &settled("d"), later(0))
        .await
        .unwrap();
    store.release(lease).await.unwrap();
    tables
}

#[tokio::test]
async fn after_a_reset_the_stream_is_unread_and_its_fencing_number_goes_on() {
    let tables = read_once().await;
    let (lease, _) = take(&tables.store, "second", 10).await;
    let guarded = Guarded {
        vanishing: 1,
        of: 2,
        run_id: "second".into(),
        since: later(10),
    };
    let store = &tables.store;
    for guard in Guard::ALL {
        store.trip_guard(&lease, guard, &guarded).await.unwrap();
    }
    store.release(lease.clone()).await.unwrap();
    for guard in Guard::ALL {
        store.release_guard("members", guard).await.unwrap();
    }
    assert_eq!(reset(&tables, 20).await, Reset::Done);
    let item = tables.raw_state("stream#members", "cursor").await.unwrap();
    let mut left: Vec<_> = item.keys().map(String::as_str).collect();
    left.sort_unstable();
    assert_eq!(left, ["fence", "pk", "sk"]);
    assert_eq!(reset(&tables, 21).await, Reset::NothingToReset);
    let (next, cursor) = take(&tables.store, "third", 30).await;
    assert_eq!(cursor, None);
    assert!(next.fence() > lease.fence());
}

#[tokio::test]
async fn a_stream_that_was_never_read_has_nothing_to_reset() {
    let tables = Tables::empty().await;
    let unheard = tables.store.reset_cursor("unheard of", now()).await;
    assert_eq!(unheard.unwrap(), Reset::NothingToReset);
    assert_eq!(tables.raw_state("stream#unheard of", "cursor").await, None);
}

#[tokio::test]
async fn while_a_run_has_the_stream_nothing_is_reset() {
    let tables = read_once().await;
    take(&tables.store, "night", 10).await;
    let held = Reset::Held {
        owner: "night".into(),
        until: later(100),
    };
    assert_eq!(reset(&tables, 99).await, held);
    assert_eq!(
        tables.store.cursor("members").await.unwrap(),
        Some(settled("d"))
    );
    assert_eq!(reset(&tables, 100).await, Reset::Done);
}

#[tokio::test]
async fn a_lease_of_a_clock_that_is_years_ahead_does_not_prevent_a_reset() {
    let tables = read_once().await;
    take(&tables.store, "from the future", 400 * 24 * 60 * 60).await;
    assert_eq!(reset(&tables, 10).await, Reset::Done);
}

#[tokio::test]
async fn a_run_that_wakes_up_after_a_reset_does_not_bring_the_cursor_back() {
    let tables = read_once().await;
    let (zombie, _) = take(&tables.store, "night", 10).await;
    assert_eq!(reset(&tables, 200).await, Reset::Done);
    let error = tables
        .store
        .checkpoint(&zombie, &settled("late"), later(201))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert_eq!(tables.store.cursor("members").await.unwrap(), None);
}

#[tokio::test]
async fn a_run_that_takes_the_stream_just_before_keeps_its_cursor() {
    let tables = read_once().await;
    let person = tables.interposed(1, |tables| {
        Box::pin(async {
            take(&tables.store, "night", 10).await;
        })
    });
    let asked = person.reset_cursor("members", later(11)).await;
    assert!(matches!(asked.unwrap(), Reset::Held { .. }));
    assert_eq!(
        tables.store.cursor("members").await.unwrap(),
        Some(settled("d"))
    );
}

#[tokio::test]
async fn a_damaged_cursor_can_be_reset_and_one_of_a_newer_release_cannot() {
    let tables = Tables::empty().await;
    let text = |text: &str| AttributeValue::S(text.into());
    for (cursor, format) in [
        (text("not a cursor"), number(1)),
        (text("not a cursor"), text("two")),
    ] {
        tables
            .plant_cursor(&[("cursor", cursor), ("format", format)])
            .await;
        assert_eq!(reset(&tables, 0).await, Reset::Done);
        assert_eq!(tables.store.cursor("members").await.unwrap(), None);
    }
    tables.plant_cursor(&[("format", number(2))]).await;
    let asked = tables.store.reset_cursor("members", now()).await;
    assert_eq!(asked.unwrap_err().kind(), ErrorKind::NewerRelease);
    let item = tables.raw_state("stream#members", "cursor").await.unwrap();
    assert_eq!(item["format"], number(2));
}
