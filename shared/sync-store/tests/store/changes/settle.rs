//! What settling a change does to it, its place and its record.

use sync_store::{ChangeState, Settlement};

use super::{
    accepted, applied_from, one, only, parts, pending, settle, settlement, stored, waiting, wanting,
};
use crate::hiding::{HIDDEN, SHOWN, expiry, kari, put_under, valid_to};
use crate::records::{name_of, put};
use crate::support::{KARI, Tables, later, never, now, row, text};

#[tokio::test]
async fn a_change_that_is_not_applied_is_shown_no_longer() {
    for state in [
        ChangeState::Refused,
        ChangeState::Held,
        ChangeState::Superseded,
        ChangeState::Dissolved,
    ] {
        let tables = Tables::empty().await;
        put(&tables, &row(KARI, 7, "Kari")).await;
        let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
        let why = Settlement {
            reason: Some("the column `name` takes 3 characters".into()),
            ..settlement(state)
        };
        assert!(settle(&tables, &change, &why).await);
        assert_eq!(name_of(&tables).await, Some(text("Kari")), "{state:?}");
        assert!(pending(&tables).await.is_empty());
        assert!(waiting(&tables).await.is_empty());
        let now = stored(&tables, "a").await;
        assert_eq!((now.state, now.reason), (state, why.reason));
        assert_eq!(now.updated_at, later(120));
    }
}

#[tokio::test]
async fn the_settlement_of_an_earlier_change_leaves_what_a_later_one_shows() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let earlier = accepted(&tables, &wanting("a", "name", "earlier")).await;
    accepted(&tables, &wanting("b", "name", "later")).await;
    assert!(settle(&tables, &earlier, &applied_from(8)).await);
    put(&tables, &row(KARI, 8, "earlier")).await;
    assert_eq!(pending(&tables).await, only("name", "later", "b"));
    assert_eq!(name_of(&tables).await, Some(text("later")));
    assert!(parts(&tables).await.returned.is_empty());
}

#[tokio::test]
async fn a_suspended_record_that_is_settled_stays_hidden_by_its_expiry() {
    let tables = Tables::empty().await;
    let rule = expiry("2026-11-20");
    put_under(&tables, &valid_to(7, "2026-11-19"), &rule).await;
    let renewal = wanting("a", "valid_to", "2027-11-19");
    let store = &tables.store;
    store.accept(&renewal, None, &rule, true).await.unwrap();
    assert_eq!(kari(&tables).await, SHOWN);
    let change = stored(&tables, "a").await;
    let refused = settlement(ChangeState::Refused);
    store.settle(&change, &refused, &rule).await.unwrap();
    assert_eq!(kari(&tables).await, HIDDEN);
}

#[tokio::test]
async fn a_settlement_whose_answer_was_lost_may_be_repeated() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
    assert!(settle(&tables, &change, &applied_from(8)).await);
    let (record, settled) = (tables.raw_record(KARI).await, stored(&tables, "a").await);
    assert!(settle(&tables, &change, &applied_from(8)).await);
    assert_eq!(tables.raw_record(KARI).await, record);
    assert_eq!(stored(&tables, "a").await, settled);
}

#[tokio::test]
async fn killed_before_any_of_its_calls_a_settlement_has_done_all_or_nothing_and_can_be_repeated() {
    let mut kills = 0;
    for number in 1.. {
        let tables = Tables::empty().await;
        put(&tables, &row(KARI, 7, "Kari")).await;
        let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
        let store = tables.interposed(number, |_| Box::pin(async { panic!("killed") }));
        let call = change.clone();
        let refused = settlement(ChangeState::Refused);
        let killed =
            tokio::spawn(async move { store.settle(&call, &refused, &never).await.unwrap() });
        let killed = killed.await.is_err();
        let is_pending = !pending(&tables).await.is_empty();
        assert_eq!(is_pending, !waiting(&tables).await.is_empty());
        assert_eq!(is_pending, killed);
        assert!(settle(&tables, &change, &settlement(ChangeState::Refused)).await);
        assert!(pending(&tables).await.is_empty() && waiting(&tables).await.is_empty());
        if !killed {
            break;
        }
        kills += 1;
    }
    assert_eq!(kills, 2);
}

#[tokio::test]
async fn a_change_that_a_person_dropped_meanwhile_stays_dropped() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
    let store = tables.interposed(2, |tables| {
        Box::pin(async {
            let drop = tables.store.drop_change("a", &never, later(100));
            drop.await.unwrap();
        })
    });
    let settled = store.settle(&change, &applied_from(8), &never).await;
    assert!(!settled.unwrap());
    assert_eq!(stored(&tables, "a").await.state, ChangeState::Dropped);
    assert!(pending(&tables).await.is_empty());
    // Nor is one settled that is gone, or that is to go on waiting.
    let b = accepted(&tables, &wanting("b", "name", "wanted")).await;
    assert!(!settle(&tables, &b, &settlement(ChangeState::Waiting)).await);
    assert_eq!(waiting(&tables).await, ["b"]);
    let mut gone = b;
    gone.wanted.id = "gone".into();
    assert!(!settle(&tables, &gone, &applied_from(8)).await);
}

#[tokio::test]
async fn a_record_that_a_pull_writes_before_the_settlement_does_is_read_again() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
    let store = tables.interposed(2, |tables| {
        Box::pin(async {
            put(tables, &row(KARI, 9, "wanted")).await;
        })
    });
    assert!(
        store
            .settle(&change, &applied_from(8), &never)
            .await
            .unwrap()
    );
    // The version that confirms it is there already.
    assert!(pending(&tables).await.is_empty());
    assert_eq!(parts(&tables).await.version, 9);
    assert_eq!(name_of(&tables).await, Some(text("wanted")));
}

#[tokio::test]
async fn a_tombstone_that_came_in_between_stays_as_it_is() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
    let bury = tables.store.bury(&tables.lease, KARI, 1, now());
    bury.await.unwrap();
    let before = tables.raw_record(KARI).await;
    assert!(settle(&tables, &change, &settlement(ChangeState::Refused)).await);
    assert_eq!(tables.raw_record(KARI).await, before);
}

#[tokio::test]
async fn a_change_that_turned_out_to_be_for_another_row_is_pending_on_neither() {
    let tables = Tables::empty().await;
    let master = "a0000000-0000-4000-8000-000000000002";
    put(&tables, &row(KARI, 7, "Kari")).await;
    put(&tables, &row(master, 7, "Kari")).await;
    let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
    let merged = Settlement {
        row: Some(master.into()),
        ..applied_from(8)
    };
    assert!(settle(&tables, &change, &merged).await);
    assert!(pending(&tables).await.is_empty());
    assert_eq!(name_of(&tables).await, Some(text("Kari")));
    let now = stored(&tables, "a").await;
    assert_eq!(now.row.as_deref(), Some(master));
}

#[tokio::test]
async fn a_settlement_too_large_to_keep_what_dynamics_has_is_kept_without_it() {
    let tables = Tables::empty().await;
    let change = accepted(&tables, &wanting("a", "name", &"p".repeat(150_000))).await;
    let held = Settlement {
        theirs: one("name", &"q".repeat(300_000)),
        ..settlement(ChangeState::Held)
    };
    assert!(settle(&tables, &change, &held).await);
    let now = stored(&tables, "a").await;
    assert!(now.state == ChangeState::Held && now.theirs.is_empty());
    assert_eq!(now.wanted.fields.len(), 1);
}
