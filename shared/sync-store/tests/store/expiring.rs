//! The list of what will expire soon.

use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::{ErrorKind, Upcoming};

use crate::support::{KARI, Tables, later, take};

fn upcoming(day: &str) -> Upcoming {
    let mut upcoming = Upcoming::default();
    upcoming.add(KARI.into(), day.parse().unwrap());
    upcoming
}

#[tokio::test]
async fn a_run_that_wakes_up_late_does_not_bring_its_list_back() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let (first, _) = take(store, "first", 0).await;
    let (second, _) = take(store, "second", 1_000).await;
    let noted = store.note_expiring(&second, upcoming("2026-12-01"), later(1_000));
    noted.await.unwrap();
    let noted = store.note_expiring(&first, upcoming("2026-11-30"), later(1_001));
    noted.await.unwrap();
    let expiring = store.expiring("members").await.unwrap().unwrap();
    assert_eq!(
        expiring.listed,
        [(KARI.into(), "2026-12-01".parse().unwrap())]
    );
    assert_eq!((expiring.total, expiring.as_of), (1, later(1_000)));
}

#[tokio::test]
async fn a_damaged_list_is_an_error_to_read_and_replaced_by_the_next_run() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let broken = ("total", AttributeValue::S("many".into()));
    tables.plant("stream#members", "expiring", &[broken]).await;
    let error = store.expiring("members").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    let (lease, _) = take(store, "first", 0).await;
    let none = store.note_expiring(&lease, Upcoming::default(), later(1));
    none.await.unwrap();
    let expiring = store.expiring("members").await.unwrap().unwrap();
    assert_eq!((expiring.total, expiring.listed), (0, Vec::new()));
}
