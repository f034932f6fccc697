//! Deletes, leavers, and what keeps them deleted.

use sync_store::{Applied, DynamicsRow, ErrorKind};

use crate::hiding::{expiry, put_under, valid_to};
use crate::records::{all, name_of, plant_pending, put};
use crate::support::{KARI, Tables, later, never, now, row, take, text};

#[tokio::test]
async fn a_delete_of_a_row_never_seen_is_no_error_and_keeps_a_late_older_write_out() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let (sleeper, _) = take(&tables.store, "sleeper", 0).await;
    let (awake, _) = take(&tables.store, "awake", 100).await;
    assert_eq!(
        store.bury(&awake, KARI, 1, now()).await.unwrap(),
        Applied::Barred
    );
    assert_eq!(
        store.bury(&awake, KARI, 1, now()).await.unwrap(),
        Applied::StillBuried { was: 0 }
    );
    let error = store
        .put_row(&sleeper, &row(KARI, 7, "ghost"), &never, now())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert!(all(&tables).await.is_empty());
    // Created again in Dynamics, it comes back.
    let applied = store
        .put_row(&awake, &row(KARI, 8, "back"), &never, now())
        .await
        .unwrap();
    assert_eq!(applied, Applied::Stored);
}

#[tokio::test]
async fn a_run_that_lost_its_lease_cannot_bury_or_overwrite_what_the_next_one_wrote() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let (zombie, _) = take(&tables.store, "zombie", 0).await;
    let (holder, _) = take(&tables.store, "holder", 100).await;
    store
        .put_row(&holder, &row(KARI, 7, "right"), &never, now())
        .await
        .unwrap();
    let put = store
        .put_row(&zombie, &row(KARI, 8, "wrong"), &never, now())
        .await;
    let buried = store.bury(&zombie, KARI, 1, now()).await;
    let left = store.bury_version(&zombie, KARI, (1, 9), now()).await;
    for error in [put.unwrap_err(), buried.unwrap_err(), left.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::LeaseLost);
    }
    assert_eq!(name_of(&tables).await, Some(text("right")));
}

#[tokio::test]
async fn a_row_deleted_under_a_new_generation_is_revived_by_any_of_that_generations_versions() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 700, "before the restore")).await;
    let applied = tables
        .store
        .bury(&tables.lease, KARI, 2, now())
        .await
        .unwrap();
    assert_eq!(applied, Applied::Buried { was: 700 });
    let restored = DynamicsRow {
        generation: 2,
        ..row(KARI, 50, "restored")
    };
    assert_eq!(put(&tables, &restored).await, Applied::Stored);
    assert_eq!(name_of(&tables).await, Some(text("restored")));
}

#[tokio::test]
async fn a_tombstone_keeps_the_version_and_nothing_about_the_person() {
    let tables = Tables::empty().await;
    // With all that a record can say about its row.
    let rule = expiry("2026-11-20");
    put_under(&tables, &valid_to(7, "2026-11-19"), &rule).await;
    plant_pending(&tables, "name", "wanted").await;
    let store = &tables.store;
    let mark = store.mark_unverified(&tables.lease, KARI, (1, 8), &rule, now());
    assert_eq!(mark.await.unwrap(), Applied::Stored);
    assert_eq!(
        tables
            .store
            .bury(&tables.lease, KARI, 1, now())
            .await
            .unwrap(),
        Applied::Buried { was: 7 }
    );
    assert_eq!(
        tables
            .store
            .bury(&tables.lease, KARI, 1, now())
            .await
            .unwrap(),
        Applied::StillBuried { was: 7 }
    );
    let item = tables.raw_record(KARI).await.unwrap();
    let mut names: Vec<_> = item.keys().map(String::as_str).collect();
    names.sort_unstable();
    let kept = [
        "deleted",
        "expires_at",
        "fence",
        "generation",
        "id",
        "pk",
        "revision",
        "synced_at",
        "version",
    ];
    assert_eq!(names, kept);
    assert_eq!(item["version"].as_n().unwrap(), "7");
    let in_90_days = later(90 * 86_400).as_second().to_string();
    assert_eq!(item["expires_at"].as_n().unwrap(), &in_90_days);
    assert!(all(&tables).await.is_empty());
}

#[tokio::test]
async fn only_a_higher_version_revives_a_deleted_row() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "first")).await;
    tables
        .store
        .bury(&tables.lease, KARI, 1, now())
        .await
        .unwrap();
    assert_eq!(
        put(&tables, &row(KARI, 7, "late")).await,
        Applied::Unchanged
    );
    assert!(all(&tables).await.is_empty());
    assert_eq!(
        put(&tables, &row(KARI, 8, "created again")).await,
        Applied::Stored
    );
    assert_eq!(name_of(&tables).await, Some(text("created again")));
    assert!(
        !tables
            .raw_record(KARI)
            .await
            .unwrap()
            .contains_key("expires_at")
    );
}

#[tokio::test]
async fn a_delete_read_under_an_older_generation_is_stale() {
    let tables = Tables::empty().await;
    put(
        &tables,
        &DynamicsRow {
            generation: 2,
            ..row(KARI, 7, "newer")
        },
    )
    .await;
    assert_eq!(
        tables
            .store
            .bury(&tables.lease, KARI, 1, now())
            .await
            .unwrap(),
        Applied::Stale
    );
    assert_eq!(all(&tables).await.len(), 1);
}

#[tokio::test]
async fn a_row_that_leaves_the_stream_is_buried_at_its_version_and_comes_back_with_a_newer_one() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let leave = async |version| {
        store
            .bury_version(&tables.lease, KARI, (1, version), now())
            .await
            .unwrap()
    };
    assert_eq!(leave(5).await, Applied::Barred);
    put(&tables, &row(KARI, 6, "member")).await;
    assert_eq!(leave(5).await, Applied::Stale);
    assert_eq!(leave(7).await, Applied::Buried { was: 6 });
    assert_eq!(leave(7).await, Applied::Unchanged);
    assert_eq!(put(&tables, &row(KARI, 6, "late")).await, Applied::Stale);
    assert_eq!(
        put(&tables, &row(KARI, 8, "member again")).await,
        Applied::Stored
    );
    assert_eq!(name_of(&tables).await, Some(text("member again")));
}

#[tokio::test]
async fn a_row_read_by_its_own_id_revives_a_tombstone_of_the_same_version() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "deleted")).await;
    let store = &tables.store;
    store.bury(&tables.lease, KARI, 1, now()).await.unwrap();
    let there = |version| DynamicsRow {
        revives: true,
        ..row(KARI, version, "there after all")
    };
    assert_eq!(put(&tables, &there(6)).await, Applied::Stale);
    assert_eq!(put(&tables, &there(7)).await, Applied::Stored);
    assert_eq!(put(&tables, &there(7)).await, Applied::Unchanged);
    assert_eq!(name_of(&tables).await, Some(text("there after all")));
    let item = tables.raw_record(KARI).await.unwrap();
    assert!(!item.contains_key("expires_at") && item.contains_key("business_key"));
    // It was live at this version and revision 0 before: the triple must not come again.
    assert_eq!(item["revision"].as_n().unwrap(), "2");
}
