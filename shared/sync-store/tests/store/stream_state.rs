//! Everything about a stream at once.

use crate::support::{Tables, later, reading, take};
use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::{ErrorKind, Guard, Guarded};

#[tokio::test]
async fn a_stream_shows_its_cursor_lease_and_guard_at_once() {
    let tables = Tables::empty().await;
    assert!(tables.store.stream_state("unread").await.unwrap().is_none());
    let (lease, _) = take(&tables.store, "night", 0).await;
    tables
        .store
        .checkpoint(&lease, &reading(), later(1))
        .await
        .unwrap();
    let guarded = Guarded {
        vanishing: 300,
        of: 1_000,
        run_id: "night".into(),
        since: later(2),
    };
    tables
        .store
        .trip_guard(&lease, Guard::Vanishing, &guarded)
        .await
        .unwrap();
    let state = tables.store.stream_state("members").await.unwrap().unwrap();
    assert_eq!(state.cursor.unwrap(), Some(reading()));
    assert_eq!(state.fence, lease.fence());
    assert_eq!(state.lease, Some(("night".to_owned(), later(91))));
    assert_eq!(state.guarded, Some(guarded));
    assert!(!state.released);

    tables
        .store
        .release_guard("members", Guard::Vanishing)
        .await
        .unwrap();
    tables.store.release(lease).await.unwrap();
    let state = tables.store.stream_state("members").await.unwrap().unwrap();
    assert_eq!((state.lease, state.released), (None, true));
}

#[tokio::test]
async fn a_cursor_that_is_damaged_or_of_a_newer_release_does_not_hide_the_rest() {
    let tables = Tables::empty().await;
    let number = |number: &str| AttributeValue::N(number.into());
    for (cursor, format, kind) in [
        (number("1"), number("1"), ErrorKind::Damaged),
        (number("1"), number("2"), ErrorKind::NewerRelease),
    ] {
        tables
            .plant_cursor(&[
                ("cursor", cursor),
                ("format", format),
                ("fence", number("7")),
                ("lease_owner", AttributeValue::S("night".into())),
                (
                    "lease_expires",
                    number(&later(5).as_millisecond().to_string()),
                ),
            ])
            .await;
        let state = tables.store.stream_state("members").await.unwrap().unwrap();
        assert_eq!(state.cursor.unwrap_err().kind(), kind);
        assert_eq!(state.fence, 7);
        assert_eq!(state.lease, Some(("night".to_owned(), later(5))));
    }
}
