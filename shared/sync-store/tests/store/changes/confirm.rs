//! What was written to Dynamics stays on its record until Dynamics is seen to say so.

use sync_store::{ChangeState, DynamicsRow, Settlement, Value, Wanted};

use super::{accepted, applied_from, one, only, parts, pending, settle, settlement, wanting};
use crate::records::{name_of, put};
use crate::support::{KARI, Tables, never, now, row, text};

/// A record at version 7, and a change of its name to `wanted` that was applied like that.
async fn applied(settlement: &Settlement) -> Tables {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
    assert!(settle(&tables, &change, settlement).await);
    tables
}

#[tokio::test]
async fn an_older_version_that_is_read_late_confirms_nothing() {
    let tables = applied(&applied_from(9)).await;
    assert_eq!(pending(&tables).await, only("name", "wanted", "a"));
    put(&tables, &row(KARI, 8, "edited before")).await;
    assert_eq!(pending(&tables).await, only("name", "wanted", "a"));
    assert_eq!(name_of(&tables).await, Some(text("wanted")));
    put(&tables, &row(KARI, 9, "wanted")).await;
    let parts = parts(&tables).await;
    assert!(parts.pending.is_empty() && parts.returned.is_empty());
    assert_eq!(name_of(&tables).await, Some(text("wanted")));
    let item = tables.raw_record(KARI).await.unwrap();
    assert!(!item.contains_key("pending") && !item.contains_key("returned"));
}

#[tokio::test]
async fn what_the_record_has_already_is_not_pending_any_more() {
    let tables = applied(&applied_from(7)).await;
    assert!(pending(&tables).await.is_empty());
    assert_eq!(name_of(&tables).await, Some(text("Kari")));
    assert!(parts(&tables).await.returned == one("name", "wanted"));
}

#[tokio::test]
async fn without_a_version_the_next_one_confirms() {
    let tables = applied(&settlement(ChangeState::Applied)).await;
    assert_eq!(pending(&tables).await, only("name", "wanted", "a"));
    put(&tables, &row(KARI, 8, "wanted")).await;
    assert!(pending(&tables).await.is_empty());
}

#[tokio::test]
async fn a_restore_of_dynamics_confirms_with_a_lower_version() {
    let tables = applied(&applied_from(900)).await;
    let restored = DynamicsRow {
        generation: 2,
        ..row(KARI, 3, "restored")
    };
    put(&tables, &restored).await;
    assert!(pending(&tables).await.is_empty());
    assert_eq!(name_of(&tables).await, Some(text("restored")));
}

#[tokio::test]
async fn a_version_of_a_newer_generation_is_not_confirmed_by_an_older_one() {
    let next = Settlement {
        confirmed_from: Some((2, 3)),
        ..settlement(ChangeState::Applied)
    };
    let tables = applied(&next).await;
    put(&tables, &row(KARI, 8, "Kari")).await;
    assert_eq!(pending(&tables).await, only("name", "wanted", "a"));
}

#[tokio::test]
async fn a_value_that_comes_back_different_is_listed_until_dynamics_has_it() {
    let tables = applied(&applied_from(8)).await;
    put(&tables, &row(KARI, 8, "WANTED")).await;
    assert_eq!(name_of(&tables).await, Some(text("WANTED")));
    assert!(parts(&tables).await.returned == one("name", "wanted"));
    put(&tables, &row(KARI, 9, "WANTED, again")).await;
    assert!(parts(&tables).await.returned == one("name", "wanted"));
    put(&tables, &row(KARI, 10, "wanted")).await;
    assert!(parts(&tables).await.returned.is_empty());
}

#[tokio::test]
async fn a_value_that_came_back_different_is_forgotten_when_the_app_wants_another() {
    let tables = applied(&applied_from(8)).await;
    put(&tables, &row(KARI, 8, "WANTED")).await;
    accepted(&tables, &wanting("b", "city", "Bodø")).await;
    assert!(parts(&tables).await.returned == one("name", "wanted"));
    accepted(&tables, &wanting("c", "name", "another")).await;
    assert!(parts(&tables).await.returned.is_empty());
}

#[tokio::test]
async fn a_number_that_dynamics_writes_with_a_zero_at_its_end_did_not_come_back_different() {
    let tables = Tables::empty().await;
    let fee = |version, digits: &str| {
        let mut row = row(KARI, version, "Kari");
        let digits = Value::Number(digits.into());
        row.fields.insert("fee".into(), digits);
        row
    };
    put(&tables, &fee(7, "1.00")).await;
    let mut change = wanting("a", "fee", "");
    let wanted = Wanted::Value(Value::Number("2.5".into()));
    change.fields.insert("fee".into(), wanted);
    let change = accepted(&tables, &change).await;
    assert!(settle(&tables, &change, &applied_from(8)).await);
    put(&tables, &fee(8, "2.500")).await;
    let parts = parts(&tables).await;
    assert!(parts.pending.is_empty() && parts.returned.is_empty());
}

#[tokio::test]
async fn a_column_that_may_not_be_read_did_not_come_back_different() {
    let tables = applied(&applied_from(8)).await;
    let mut hidden = row(KARI, 8, "wanted");
    hidden.fields.remove("name");
    put(&tables, &hidden).await;
    let parts = parts(&tables).await;
    assert!(parts.pending.is_empty() && parts.returned.is_empty());
}

#[tokio::test]
async fn a_field_that_lost_shows_what_dynamics_has() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let mut change = wanting("a", "name", "lost");
    let city = Wanted::Value(text("Bodø"));
    change.fields.insert("city".into(), city);
    let change = accepted(&tables, &change).await;
    let one_lost = Settlement {
        lost: vec!["name".into()],
        theirs: one("name", "Kari"),
        ..applied_from(8)
    };
    assert!(settle(&tables, &change, &one_lost).await);
    assert_eq!(name_of(&tables).await, Some(text("Kari")));
    assert_eq!(pending(&tables).await, only("city", "Bodø", "a"));
}

#[tokio::test]
async fn a_row_that_could_not_be_read_confirms_nothing_until_it_can_be() {
    let tables = applied(&applied_from(8)).await;
    let mark = tables
        .store
        .mark_unverified(&tables.lease, KARI, (1, 8), &never, now());
    mark.await.unwrap();
    assert_eq!(pending(&tables).await, only("name", "wanted", "a"));
    assert_eq!(parts(&tables).await.unverified, Some(8));
    put(&tables, &row(KARI, 8, "wanted")).await;
    assert!(pending(&tables).await.is_empty());
}
