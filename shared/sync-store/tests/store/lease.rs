//! One writer per stream.

use crate::support::{Tables, assert_held, cursor, later, now, settled, take};
use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::{
    Acquired, Cursor, CursorKind, ErrorKind, KeyWalk, Mark, Position, Store, Witness,
};

#[tokio::test]
async fn a_second_run_finds_the_stream_held_and_learns_by_whom() {
    let tables = Tables::empty().await;
    take(&tables.store, "first", 0).await;
    match tables
        .store
        .acquire("members", "second", later(10))
        .await
        .unwrap()
    {
        Acquired::Held { owner, until } => {
            assert_eq!(owner, "first");
            assert_eq!(until, later(90));
        }
        Acquired::Granted { .. } => panic!("two runs write one stream"),
    }
}

#[tokio::test]
async fn a_run_that_died_blocks_the_stream_no_longer_than_its_lease() {
    let tables = Tables::empty().await;
    take(&tables.store, "first", 0).await;
    assert_held(&tables.store, "second", 89).await;
    take(&tables.store, "second", 90).await;
}

#[tokio::test]
async fn a_run_that_wakes_up_late_cannot_move_the_cursor() {
    let tables = Tables::empty().await;
    let (zombie, _) = take(&tables.store, "first", 0).await;
    let (lease, _) = take(&tables.store, "second", 100).await;
    tables
        .store
        .checkpoint(&lease, &settled("new"), later(101))
        .await
        .unwrap();
    let error = tables
        .store
        .checkpoint(&zombie, &settled("old"), later(102))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert_eq!(
        error.to_string(),
        "cannot write the lease and cursor of stream `members` in table `state`: another run has \
         taken the stream over. This run stopped; the other run goes on"
    );
    assert_eq!(
        tables.store.cursor("members").await.unwrap(),
        Some(settled("new"))
    );
    let error = tables.store.release(zombie).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
}

#[tokio::test]
async fn a_retried_invocation_of_the_same_run_fences_off_the_earlier_one() {
    let tables = Tables::empty().await;
    let (earlier, _) = take(&tables.store, "first", 0).await;
    let (retried, _) = take(&tables.store, "first", 1).await;
    assert!(retried.fence() > earlier.fence());
    let error = tables
        .store
        .checkpoint(&earlier, &settled("x"), later(2))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    tables
        .store
        .checkpoint(&retried, &settled("x"), later(2))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_checkpoint_renews_the_lease_and_a_release_ends_it() {
    let tables = Tables::empty().await;
    let (lease, none) = take(&tables.store, "first", 0).await;
    assert_eq!(none, None);
    tables
        .store
        .checkpoint(&lease, &settled("a"), later(80))
        .await
        .unwrap();
    assert_held(&tables.store, "second", 160).await;
    tables.store.release(lease).await.unwrap();
    let (_, cursor) = take(&tables.store, "second", 161).await;
    assert_eq!(cursor, Some(settled("a")));
}

#[tokio::test]
async fn every_position_survives_being_stored() {
    let tables = Tables::empty().await;
    let (lease, _) = take(&tables.store, "first", 0).await;
    let since = now();
    let mark = || Mark::Delta("https://x/?$deltatoken=%3Cd%22".into());
    let watermark = || Mark::Watermark(since);
    for position in [
        Position::Start,
        Position::Loading {
            next: "https://x/?$skiptoken=%3Ccookie%22".into(),
            since,
        },
        Position::Overlap {
            mark: mark(),
            next: Some("n".into()),
            since,
        },
        Position::Sweeping {
            mark: watermark(),
            since,
            partition: 15,
        },
        Position::Settled { mark: watermark() },
        Position::Reading {
            mark: mark(),
            next: "n".into(),
            since,
        },
        Position::Listing {
            mark: watermark(),
            since,
            next: None,
            pages: 3,
        },
        Position::Comparing {
            mark: watermark(),
            since,
            pages: 3,
            granted: true,
        },
    ] {
        let saved = cursor(position);
        tables
            .store
            .checkpoint(&lease, &saved, now())
            .await
            .unwrap();
        assert_eq!(tables.store.cursor("members").await.unwrap(), Some(saved));
    }
}

#[tokio::test]
async fn everything_beside_the_position_survives_being_stored() {
    let tables = Tables::empty().await;
    let (lease, _) = take(&tables.store, "first", 0).await;
    let saved = Cursor {
        kind: CursorKind::ModifiedOn,
        full_by: Some("night".into()),
        swept: true,
        walk: Some(KeyWalk {
            run_id: "night".into(),
            begun: later(1),
            ended: true,
        }),
        witness: Some(Witness {
            id: "3f0e1c9a".into(),
            version: i64::MAX,
        }),
        vanished: 3,
        live: Some(u64::from(u32::MAX)),
        ..settled("d")
    };
    tables
        .store
        .checkpoint(&lease, &saved, now())
        .await
        .unwrap();
    assert_eq!(tables.store.cursor("members").await.unwrap(), Some(saved));
}

#[tokio::test]
async fn a_cursor_of_a_newer_release_is_refused_and_left_alone() {
    let tables = Tables::empty().await;
    tables
        .plant_cursor(&[("format", AttributeValue::N("2".into()))])
        .await;
    let error = tables
        .store
        .acquire("members", "first", now())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NewerRelease);
    let error = tables.store.cursor("members").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the cursor of stream `members` from table `state`: the cursor has a newer form \
         than this release's 1. Use the release that wrote it; this one would lose what it does not \
         know"
    );
}

#[tokio::test]
async fn a_damaged_cursor_is_an_error_and_not_a_fresh_start() {
    let tables = Tables::empty().await;
    let damaged = AttributeValue::S("not a cursor".into());
    tables
        .plant_cursor(&[
            ("cursor", damaged),
            ("format", AttributeValue::N("1".into())),
        ])
        .await;
    let error = tables
        .store
        .acquire("members", "first", now())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert_eq!(
        error.to_string(),
        "cannot read the cursor of stream `members` from table `state`: the cursor cannot be read. \
         Nothing was changed. Restore the item from the table's point-in-time recovery. A cursor can \
         also be given up: `dynamics-sync cursor reset STREAM`, and the next run reads everything again"
    );
}

#[tokio::test]
async fn a_failed_read_of_the_cursor_is_not_taken_for_never_read() {
    let engine = local_store::LocalStore::in_memory().await.unwrap();
    let tables = sync_store::TableNames {
        state: "absent".into(),
        records: "records".into(),
        changes: "changes".into(),
    };
    let store = Store::new(engine.config(), tables);
    let error = store.cursor("members").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingTable);
    assert_eq!(
        error.to_string(),
        "cannot read the cursor of stream `members` from table `absent`: DynamoDB answered \
         ResourceNotFoundException. Check SYNC_STATE_TABLE, SYNC_RECORDS_TABLE, SYNC_CHANGES_TABLE \
         and the region"
    );
}

#[tokio::test]
async fn a_lease_taken_by_a_clock_that_is_years_ahead_does_not_block_the_stream() {
    let tables = Tables::empty().await;
    take(&tables.store, "from the future", 400 * 24 * 60 * 60).await;
    take(&tables.store, "today", 0).await;
}

#[tokio::test]
async fn a_clock_a_few_minutes_ahead_still_keeps_its_lease() {
    let tables = Tables::empty().await;
    take(&tables.store, "ahead", 5 * 60).await;
    assert_held(&tables.store, "second", 0).await;
}

#[tokio::test]
async fn a_format_that_is_no_number_is_damage_and_not_a_newer_release() {
    let tables = Tables::empty().await;
    tables
        .plant_cursor(&[("format", AttributeValue::S("two".into()))])
        .await;
    let error = tables.store.cursor("members").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
}

#[tokio::test]
async fn a_renewal_keeps_the_stream_and_fails_once_another_run_has_it() {
    let tables = Tables::empty().await;
    let (lease, _) = take(&tables.store, "first", 0).await;
    tables.store.renew(&lease, later(80)).await.unwrap();
    assert_held(&tables.store, "second", 160).await;
    take(&tables.store, "second", 171).await;
    let error = tables.store.renew(&lease, later(172)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
}

#[tokio::test]
async fn a_lease_that_was_given_back_moves_no_cursor_any_more() {
    let tables = Tables::empty().await;
    let (lease, _) = take(&tables.store, "first", 0).await;
    tables.store.release(lease.clone()).await.unwrap();
    let error = tables
        .store
        .checkpoint(&lease, &settled("late"), later(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert_eq!(tables.store.cursor("members").await.unwrap(), None);
}

#[tokio::test]
async fn a_lost_item_does_not_let_the_fencing_numbers_start_again() {
    let tables = Tables::empty().await;
    let (before, _) = take(&tables.store, "first", 0).await;
    let key = |text: &str| AttributeValue::S(text.to_owned());
    tables
        .raw
        .delete_item()
        .table_name("state")
        .key("pk", key("stream#members"))
        .key("sk", key("cursor"))
        .send()
        .await
        .unwrap();
    let (after, cursor) = take(&tables.store, "second", 100).await;
    assert!(after.fence() > before.fence());
    assert_eq!(cursor, None);
}
