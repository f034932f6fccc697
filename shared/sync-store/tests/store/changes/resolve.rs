//! What people do about changes.

use sync_store::{ChangeState, NewChange, Resolved, Settlement};

use super::{accepted, one, only, pending, settle, settlement, stored, waiting, wanting};
use crate::records::{name_of, put};
use crate::support::{KARI, Tables, later, never, row, text};

/// A change of Kari's name in this state, and another one that waits after it. By now Dynamics has version 8.
async fn changed(state: ChangeState) -> Tables {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = NewChange {
        base_version: Some(6),
        ..wanting("a", "name", "wanted")
    };
    let change = accepted(&tables, &change).await;
    accepted(&tables, &wanting("b", "city", "Bodø")).await;
    if state != ChangeState::Waiting {
        let settlement = Settlement {
            reason: Some("both sides changed it".into()),
            theirs: one("name", "theirs"),
            ..settlement(state)
        };
        assert!(settle(&tables, &change, &settlement).await);
    }
    put(&tables, &row(KARI, 8, "theirs")).await;
    tables
}

#[derive(Clone, Copy, Debug)]
enum Decision {
    Retry,
    Drop,
    KeepApp,
    KeepDynamics,
}

async fn resolve(tables: &Tables, id: &str, decision: Decision) -> Resolved {
    let (store, now) = (&tables.store, later(500));
    let resolved = match decision {
        Decision::Retry => store.retry(id, &never, now).await,
        Decision::Drop => store.drop_change(id, &never, now).await,
        Decision::KeepApp => store.keep_app(id, &never, now).await,
        Decision::KeepDynamics => store.keep_dynamics(id, &never, now).await,
    };
    resolved.unwrap()
}

#[tokio::test]
async fn a_change_that_is_tried_again_waits_after_all_others_with_what_the_app_saw() {
    for (state, decision, force) in [
        (ChangeState::Refused, Decision::Retry, false),
        (ChangeState::Held, Decision::Retry, false),
        (ChangeState::Held, Decision::KeepApp, true),
    ] {
        let tables = changed(state).await;
        let before = stored(&tables, "a").await;
        let Resolved::Done(again) = resolve(&tables, "a", decision).await else {
            panic!("{state:?}");
        };
        assert_eq!(stored(&tables, "a").await, *again);
        assert_eq!(again.state, ChangeState::Waiting);
        assert_eq!((again.force, again.attempts), (force, 0));
        assert!(again.reason.is_none() && again.theirs.is_empty());
        assert_eq!(again.updated_at, later(500));
        assert_eq!(again.wanted.fields, before.wanted.fields);
        if force {
            // A person has seen both sides.
            assert_eq!(again.wanted.base_version, None);
            let base = again.base.unwrap();
            assert!(base.version == 8 && base.dynamics == one("name", "theirs"));
        } else {
            assert_eq!(again.wanted.base_version, before.wanted.base_version);
            assert_eq!(again.base, before.base);
        }
        assert_eq!(waiting(&tables).await, ["b", "a"]);
        assert_eq!(name_of(&tables).await, Some(text("wanted")));
        let item = tables.raw_change("change#a", "change").await.unwrap();
        assert!(!item.contains_key("expires_at"));
        // What a run still had in its hands is not this one any more.
        assert!(!settle(&tables, &before, &settlement(ChangeState::Refused)).await);
        assert_eq!(waiting(&tables).await, ["b", "a"]);
    }
}

#[tokio::test]
async fn a_dropped_change_is_neither_made_nor_shown() {
    for state in [
        ChangeState::Waiting,
        ChangeState::Held,
        ChangeState::Refused,
    ] {
        let tables = changed(state).await;
        let dropped = resolve(&tables, "a", Decision::Drop).await;
        assert!(matches!(dropped, Resolved::Done(_)), "{dropped:?}");
        assert_eq!(stored(&tables, "a").await.state, ChangeState::Dropped);
        assert_eq!(waiting(&tables).await, ["b"]);
        assert_eq!(pending(&tables).await, only("city", "Bodø", "b"));
        assert_eq!(name_of(&tables).await, Some(text("theirs")));
    }
}

#[tokio::test]
async fn where_dynamics_is_kept_the_apps_values_stay_readable_in_the_change() {
    let tables = changed(ChangeState::Held).await;
    let kept = resolve(&tables, "a", Decision::KeepDynamics).await;
    assert!(matches!(kept, Resolved::Done(_)), "{kept:?}");
    let change = stored(&tables, "a").await;
    assert_eq!(change.state, ChangeState::Superseded);
    assert_eq!(change.lost, ["name"]);
    assert_eq!(change.wanted.fields, wanting("a", "name", "wanted").fields);
    assert!(change.theirs == one("name", "theirs"));
    assert_eq!(waiting(&tables).await, ["b"]);
}

#[tokio::test]
async fn what_cannot_be_decided_is_refused_and_changes_nothing() {
    let all = [
        Decision::Retry,
        Decision::Drop,
        Decision::KeepApp,
        Decision::KeepDynamics,
    ];
    for state in ChangeState::ALL {
        let tables = changed(state).await;
        let before = stored(&tables, "a").await;
        for decision in all {
            let possible = match decision {
                Decision::Retry => matches!(state, ChangeState::Refused | ChangeState::Held),
                Decision::Drop => state.is_open(),
                Decision::KeepApp | Decision::KeepDynamics => state == ChangeState::Held,
            };
            if !possible {
                let resolved = resolve(&tables, "a", decision).await;
                assert_eq!(resolved, Resolved::NotPossible(state), "{decision:?}");
                assert_eq!(stored(&tables, "a").await, before);
            }
            let none = resolve(&tables, "none", decision).await;
            assert_eq!(none, Resolved::NotFound);
        }
    }
}

#[tokio::test]
async fn two_people_who_decide_at_once_do_not_both_prevail() {
    let tables = changed(ChangeState::Held).await;
    // The change, the record; then the transaction.
    let store = tables.interposed(3, |tables| {
        Box::pin(async {
            resolve(tables, "a", Decision::KeepApp).await;
        })
    });
    let late = store.keep_dynamics("a", &never, later(600)).await.unwrap();
    assert_eq!(late, Resolved::NotPossible(ChangeState::Waiting));
    let change = stored(&tables, "a").await;
    assert!(change.force && change.state == ChangeState::Waiting);
    // The change, the record, the sequence; then the transaction.
    let tables = changed(ChangeState::Held).await;
    let store = tables.interposed(4, |tables| {
        Box::pin(async {
            resolve(tables, "a", Decision::KeepDynamics).await;
        })
    });
    let late = store.retry("a", &never, later(600)).await.unwrap();
    assert_eq!(late, Resolved::NotPossible(ChangeState::Superseded));
    assert_eq!(waiting(&tables).await, ["b"]);
    assert_eq!(pending(&tables).await, only("city", "Bodø", "b"));
}
