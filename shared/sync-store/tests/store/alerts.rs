//! What people have been told.

use crate::support::{Tables, later};
use sync_store::{AlertKey, AlertState, Store};

fn key() -> AlertKey {
    AlertKey {
        kind: "stream-failing".into(),
        subject: "members".into(),
    }
}

async fn only(store: &Store) -> AlertState {
    let alerts = store.alerts().await.unwrap();
    assert_eq!(alerts.len(), 1);
    alerts.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_claimed_message_is_nobody_elses_until_it_is_told_or_five_minutes_have_passed() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let key = key();
    let claim = |seen, seconds| store.claim_alert(&key, seen, later(seconds));
    let first = claim(None, 0).await.unwrap().unwrap();
    assert!(claim(None, 1).await.unwrap().is_none());
    let seen = only(store).await;
    assert!(seen.is_claimed && seen.told == 0 && seen.key == key);
    assert!(claim(Some(&seen), 299).await.unwrap().is_none());
    let second = claim(Some(&seen), 300).await.unwrap().unwrap();
    // The first wakes up late, and notes nothing.
    store.alert_told(first, 1, 7, later(301)).await.unwrap();
    assert_eq!(only(store).await.told, 0);
    store.alert_told(second, 1, 7, later(302)).await.unwrap();
    let told = only(store).await;
    assert!(!told.is_claimed);
    assert_eq!((told.told, told.stage), (1, 7));
    assert_eq!(told.told_at, Some(later(302)));
    assert_eq!(told.began, later(0));
}

#[tokio::test]
async fn what_could_not_be_sent_is_counted_until_it_is() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    store.notice_alert(&key(), later(0)).await.unwrap();
    store.notice_alert(&key(), later(9)).await.unwrap();
    assert_eq!(only(store).await.began, later(0));
    for failed in 1..=2 {
        let seen = only(store).await;
        let claim = store.claim_alert(&key(), Some(&seen), later(10)).await;
        store.alert_unsent(claim.unwrap().unwrap()).await.unwrap();
        assert_eq!(only(store).await.failed, failed);
    }
    let seen = only(store).await;
    let claim = store.claim_alert(&key(), Some(&seen), later(20)).await;
    let claim = claim.unwrap().unwrap();
    store.alert_told(claim, 1, 0, later(21)).await.unwrap();
    assert_eq!(only(store).await.failed, 0);
}

#[tokio::test]
async fn a_condition_that_changed_since_it_was_seen_is_not_forgotten() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    store.notice_alert(&key(), later(0)).await.unwrap();
    let seen = only(store).await;
    let claim = store.claim_alert(&key(), Some(&seen), later(1)).await;
    store.forget_alert(&seen).await.unwrap();
    let told = only(store).await;
    assert!(told.is_claimed);
    store.alert_ended(claim.unwrap().unwrap()).await.unwrap();
    assert!(store.alerts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_condition_that_cannot_be_read_is_damaged_and_not_untold() {
    let tables = Tables::empty().await;
    tables.plant("alerts", "stream-failing#members", &[]).await;
    let error = tables.store.alerts().await.unwrap_err();
    assert_eq!(error.kind(), sync_store::ErrorKind::Damaged);
}
