//! What the scheduled check found last.

use crate::support::{Tables, later, now};
use sync_store::CheckRecord;

#[tokio::test]
async fn a_check_replaces_the_one_before_and_the_time_of_the_first_stays() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    assert_eq!(store.check::<String>().await.unwrap(), None);
    for (seconds, found) in [(0, "good"), (3_600, "bad")] {
        store.put_check(&found, later(seconds)).await.unwrap();
        let check = store.check::<String>().await.unwrap();
        let expected = CheckRecord {
            first_at: now(),
            check: found.to_owned(),
        };
        assert_eq!(check, Some(expected));
    }
}

#[tokio::test]
async fn a_check_that_cannot_be_read_is_damaged_and_not_missing() {
    let tables = Tables::empty().await;
    tables.store.put_check(&"good", now()).await.unwrap();
    let error = tables.store.check::<u64>().await.unwrap_err();
    assert_eq!(error.kind(), sync_store::ErrorKind::Damaged);
}
