//! A change keeps its values only as long as they are needed.

use sync_store::{ChangeKey, ChangeState, NewChange, Settlement, Wanted};

use super::{accepted, one, settle, settlement, stored, wanting};
use crate::records::put;
use crate::support::{KARI, Tables, later, never, row, text};

const DAY: i64 = 24 * 60 * 60;

/// Wants a name and a city of the row with this key.
fn two_fields(id: &str) -> NewChange {
    let mut change = NewChange {
        key: ChangeKey::Fields(one("email", "kari@example.org")),
        ..wanting(id, "name", "wanted")
    };
    let city = Wanted::Value(text("Bodø"));
    change.fields.insert("city".into(), city);
    change
}

async fn settled(settlement: &Settlement) -> Tables {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = two_fields("a");
    let key = Some("members#Kari");
    let store = &tables.store;
    store.accept(&change, key, &never, true).await.unwrap();
    let change = stored(&tables, "a").await;
    assert!(change.base.is_some());
    assert_eq!(expires(&tables).await, None, "while it waits");
    assert!(settle(&tables, &change, settlement).await);
    tables
}

/// In seconds after it was settled.
async fn expires(tables: &Tables) -> Option<i64> {
    let item = tables.raw_change("change#a", "change").await.unwrap();
    let at = item.get("expires_at")?.as_n().unwrap();
    Some(at.parse::<i64>().unwrap() - later(120).as_second())
}

#[tokio::test]
async fn one_that_is_over_keeps_the_names_of_its_fields_and_of_its_row_for_90_days() {
    for state in [
        ChangeState::Applied,
        ChangeState::Superseded,
        ChangeState::Dropped,
        ChangeState::Dissolved,
    ] {
        let tables = settled(&settlement(state)).await;
        let change = stored(&tables, "a").await;
        assert!(change.wanted.fields.is_empty(), "{state:?}");
        assert!(change.base.is_none() && change.theirs.is_empty());
        assert_eq!(change.wanted.key, ChangeKey::Id(KARI.into()));
        assert!(change.names.iter().eq(["city", "name"]));
        assert_eq!(expires(&tables).await, Some(90 * DAY));
        let item = tables.raw_change("change#a", "change").await.unwrap();
        let item = format!("{item:?}");
        assert!(!item.contains("Bodø") && !item.contains("kari@"), "{item}");
    }
}

#[tokio::test]
async fn the_values_of_whoever_lost_stay_readable() {
    for state in [ChangeState::Applied, ChangeState::Superseded] {
        let lost = Settlement {
            lost: vec!["name".into()],
            theirs: one("name", "Kari"),
            ..settlement(state)
        };
        let change = stored(&settled(&lost).await, "a").await;
        assert!(change.wanted.fields.keys().eq(["name"]), "{state:?}");
        assert_eq!(change.lost, ["name"]);
        assert!(change.theirs == one("name", "Kari"));
        // The app prevailed: what Dynamics had stays, and what it was overwritten with.
        let won = Settlement {
            theirs: one("city", "Oslo"),
            ..settlement(state)
        };
        let change = stored(&settled(&won).await, "a").await;
        assert!(change.wanted.fields.keys().eq(["city"]), "{state:?}");
        assert!(change.theirs == one("city", "Oslo"));
    }
}

#[tokio::test]
async fn one_that_a_person_has_to_decide_about_keeps_all_for_400_days() {
    for state in [ChangeState::Held, ChangeState::Refused] {
        let held = Settlement {
            theirs: one("name", "Kari"),
            ..settlement(state)
        };
        let tables = settled(&held).await;
        let change = stored(&tables, "a").await;
        assert_eq!(change.wanted, two_fields("a"));
        assert!(change.base.is_some() && change.theirs == one("name", "Kari"));
        assert_eq!(expires(&tables).await, Some(400 * DAY));
    }
}

#[tokio::test]
async fn a_row_that_was_never_found_is_named_by_its_key_as_long_as_the_change_stays() {
    let tables = Tables::empty().await;
    let change = accepted(&tables, &two_fields("a")).await;
    assert!(settle(&tables, &change, &settlement(ChangeState::Dropped)).await);
    let change = stored(&tables, "a").await;
    assert_eq!(change.wanted.key, two_fields("a").key);
}
