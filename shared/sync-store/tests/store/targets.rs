//! Records of one stream hide a record of another.

use futures::TryStreamExt;
use sync_store::{Acquired, Applied, ErrorKind, Fields, Lease, Value};

use crate::hiding::{HIDDEN, SHOWN, expiry, invisible, item, kari, put_under, valid_to};
use crate::records::remove;
use crate::support::{KARI, Tables, later, never, now, text};

/// The lease of the stream whose records refer to members.
async fn certifications(tables: &Tables, owner: &str, seconds: i64) -> Lease {
    match tables
        .store
        .acquire("certifications", owner, later(seconds))
        .await
    {
        Ok(Acquired::Granted { lease, .. }) => lease,
        other => panic!("{other:?}"),
    }
}

async fn hide(tables: &Tables, by: &Lease, values: &Fields) -> Applied {
    let hide = tables
        .store
        .hide_target(by, "members", KARI, values, &never, now());
    hide.await.unwrap()
}

async fn show(tables: &Tables, by: &Lease) -> Applied {
    let show = tables.store.show_target(by, "members", KARI, &never, now());
    show.await.unwrap()
}

async fn hidden(tables: &Tables, by: &str) -> Vec<(String, Fields)> {
    let hidden = tables.store.hidden_targets("members", by, 3);
    let hidden: Vec<_> = hidden.try_collect().await.unwrap();
    let shown = |target: sync_store::HiddenTarget| Some((target.id, target.values?));
    hidden.into_iter().filter_map(shown).collect()
}

#[tokio::test]
async fn a_mentor_hidden_by_a_certification_is_shown_again_by_it() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let by = certifications(&tables, "run", 0).await;
    let fence = item(&tables).await["fence"].clone();
    assert_eq!(hide(&tables, &by, &invisible()).await, Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    assert!(hidden(&tables, "certifications").await == [(KARI.to_owned(), invisible())]);
    assert!(hidden(&tables, "members").await.is_empty());

    let before = item(&tables).await;
    assert_eq!(before["fence"], fence, "the members' own");
    assert_eq!(hide(&tables, &by, &invisible()).await, Applied::Unchanged);
    assert_eq!(item(&tables).await, before);

    assert_eq!(show(&tables, &by).await, Applied::Stored);
    assert_eq!(kari(&tables).await, SHOWN);
    assert!(!item(&tables).await.contains_key("hidden_by"));
    assert_eq!(show(&tables, &by).await, Applied::Unchanged);
    assert_eq!(item(&tables).await["revision"].as_n().unwrap(), "2");
}

#[tokio::test]
async fn other_values_hide_the_record_anew() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let by = certifications(&tables, "run", 0).await;
    hide(&tables, &by, &invisible()).await;
    let other = Fields::from([("valid_to".into(), text("never"))]);
    assert_eq!(hide(&tables, &by, &other).await, Applied::Stored);
    let (visible, suppressed) = kari(&tables).await;
    assert!(visible && suppressed);
    assert!(hidden(&tables, "certifications").await == [(KARI.to_owned(), other)]);
}

#[tokio::test]
async fn a_row_that_changes_in_dynamics_stays_hidden_by_the_other_stream() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let by = certifications(&tables, "run", 0).await;
    hide(&tables, &by, &invisible()).await;
    let applied = put_under(&tables, &valid_to(8, "2027-02-01"), &never).await;
    assert_eq!(applied, Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    show(&tables, &by).await;
    let record = item(&tables).await;
    assert_eq!(kari(&tables).await, SHOWN);
    assert_eq!(record["version"].as_n().unwrap(), "8");
    assert_eq!(record["fields"], record["dynamics"]);
}

#[tokio::test]
async fn a_hidden_row_that_is_deleted_and_comes_back_comes_back_hidden() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let by = certifications(&tables, "run", 0).await;
    hide(&tables, &by, &invisible()).await;
    let store = &tables.store;
    store.bury(&tables.lease, KARI, 1, now()).await.unwrap();
    let grave = item(&tables).await;
    assert!(!grave.contains_key("fields") && !grave.contains_key("suppressed"));
    assert_eq!(hidden(&tables, "certifications").await.len(), 1);
    put_under(&tables, &valid_to(8, "2027-01-01"), &never).await;
    assert_eq!(kari(&tables).await, HIDDEN);
}

#[tokio::test]
async fn a_tombstone_can_be_hidden_and_shown_and_stays_one() {
    let tables = Tables::empty().await;
    let by = certifications(&tables, "run", 0).await;
    assert_eq!(hide(&tables, &by, &invisible()).await, Applied::Unchanged);
    assert_eq!(show(&tables, &by).await, Applied::Unchanged);
    assert!(tables.raw_record(KARI).await.is_none());

    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let store = &tables.store;
    store.bury(&tables.lease, KARI, 1, now()).await.unwrap();
    assert_eq!(hide(&tables, &by, &invisible()).await, Applied::Stored);
    let grave = item(&tables).await;
    assert!(grave.contains_key("deleted") && grave.contains_key("expires_at"));
    assert!(!grave.contains_key("fields") && !grave.contains_key("suppressed"));
    assert_eq!(show(&tables, &by).await, Applied::Stored);
    put_under(&tables, &valid_to(8, "2027-01-01"), &never).await;
    assert_eq!(kari(&tables).await, SHOWN);
}

#[tokio::test]
async fn its_own_expiry_and_the_other_stream_each_hide_until_both_let_go() {
    let tables = Tables::empty().await;
    let rule = expiry("2026-11-20");
    put_under(&tables, &valid_to(7, "2026-11-19"), &rule).await;
    let by = certifications(&tables, "run", 0).await;
    let store = &tables.store;
    let other = Fields::from([("name".into(), Value::Null)]);
    let hide = store.hide_target(&by, "members", KARI, &other, &rule, now());
    assert_eq!(hide.await.unwrap(), Applied::Stored);
    let show = store.show_target(&by, "members", KARI, &rule, now());
    assert_eq!(show.await.unwrap(), Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    put_under(&tables, &valid_to(8, "2027-11-19"), &rule).await;
    assert_eq!(kari(&tables).await, SHOWN);
}

#[tokio::test]
async fn a_run_that_lost_its_stream_does_not_show_what_the_next_one_hid() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let late = certifications(&tables, "late", 0).await;
    let holder = certifications(&tables, "holder", 100).await;
    hide(&tables, &holder, &invisible()).await;
    let store = &tables.store;
    let shown = store.show_target(&late, "members", KARI, &never, now());
    assert_eq!(shown.await.unwrap_err().kind(), ErrorKind::LeaseLost);
    let other = Fields::new();
    let hidden = store.hide_target(&late, "members", KARI, &other, &never, now());
    assert_eq!(hidden.await.unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(kari(&tables).await, HIDDEN);
}

#[tokio::test]
async fn a_row_stored_while_it_is_being_hidden_is_neither_lost_nor_shown() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let by = certifications(&tables, "run", 0).await;
    let store = tables.interposed(2, |tables| {
        Box::pin(async move {
            put_under(tables, &valid_to(8, "2027-02-01"), &never).await;
        })
    });
    let hide = store
        .hide_target(&by, "members", KARI, &invisible(), &never, now())
        .await;
    assert_eq!(hide.unwrap(), Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    let record = item(&tables).await;
    assert_eq!(record["version"].as_n().unwrap(), "8");
    let fields = record["fields"].as_m().unwrap();
    assert_eq!(fields["valid_to"].as_s().unwrap(), "2027-02-01");
}

#[tokio::test]
async fn a_row_hidden_while_it_is_being_stored_stays_hidden() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let store = tables.interposed(1, |tables| {
        Box::pin(async move {
            let by = certifications(tables, "run", 0).await;
            hide(tables, &by, &invisible()).await;
        })
    });
    let newer = valid_to(8, "2027-02-01");
    let put = store.put_row(&tables.lease, &newer, &never, now());
    assert_eq!(put.await.unwrap(), Applied::Stored);
    assert_eq!(kari(&tables).await, HIDDEN);
    assert_eq!(item(&tables).await["version"].as_n().unwrap(), "8");
}

#[tokio::test]
async fn a_record_removed_while_it_is_being_hidden_does_not_come_back() {
    let tables = Tables::empty().await;
    put_under(&tables, &valid_to(7, "2027-01-01"), &never).await;
    let by = certifications(&tables, "run", 0).await;
    let store = tables.interposed(2, |tables| Box::pin(remove(tables)));
    let values = invisible();
    let hide = store.hide_target(&by, "members", KARI, &values, &never, now());
    assert_eq!(hide.await.unwrap(), Applied::Unchanged);
    assert!(tables.raw_record(KARI).await.is_none());
}
