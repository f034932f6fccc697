//! Both sides change the same row.

use serde_json::json;
use sync_engine::Mode;
use sync_store::{ChangeKey, ChangeState, Operation, Value};

use super::{MEMBERS, both_ways, by, text};
use crate::expiry::mentors::{NEXT_YEAR, world};
use crate::world::{World, stream_of};

/// A certification that the app and Dynamics comment on differently; and the app's change.
async fn both_comment() -> (World, String, String) {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let key = by("mentor_code", "M-1");
    let fields = json!({"comment": "app's", "visible": false});
    let change = world
        .hand_in("certifications", Operation::Update, key, fields)
        .await;
    world.edit(&id, json!({"hlf_comment": "theirs"}));
    (world, id, change)
}

#[tokio::test]
async fn a_conflict_is_held_for_a_person_and_nothing_of_it_is_written_or_shown() {
    let (world, id, change) = both_comment().await;
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!((stream.conflicts, stream.held, stream.pushed), (1, 1, 0));
    world.assert_state(&change, ChangeState::Held).await;
    let held = world.change(&change).await;
    assert_eq!(
        held.reason.unwrap(),
        "both sides changed comment; decide which side stands"
    );
    assert!(held.theirs["comment"] == text("theirs"));
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_comment"], &row["hlf_portalvisible"]),
        (&json!("theirs"), &json!(true))
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_held_change_goes_to_dynamics_once_a_person_decided_for_the_app() {
    let (world, id, change) = both_comment().await;
    world.complete("second").await;
    let never = |_: &sync_store::Fields, _| sync_store::Hiding::default();
    world
        .store
        .keep_app(&change, &never, world.in_seconds(0))
        .await
        .unwrap();
    world.complete("third").await;
    world.assert_state(&change, ChangeState::Applied).await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_comment"], &row["hlf_portalvisible"]),
        (&json!("app's"), &json!(false))
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_held_change_is_over_once_a_person_decided_for_dynamics() {
    let (world, id, change) = both_comment().await;
    world.complete("second").await;
    let never = |_: &sync_store::Fields, _| sync_store::Hiding::default();
    world
        .store
        .keep_dynamics(&change, &never, world.in_seconds(0))
        .await
        .unwrap();
    world.complete("third").await;
    world.assert_state(&change, ChangeState::Superseded).await;
    assert_eq!(
        world.row("hlf_certifications", &id)["hlf_comment"],
        "theirs"
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn what_only_dynamics_changed_stays_beside_what_only_the_app_changed() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let key = ChangeKey::Id(id.clone());
    let change = world
        .hand_in(
            "certifications",
            Operation::Update,
            key,
            json!({"comment": "app's"}),
        )
        .await;
    world.edit(&id, json!({"hlf_portalvisible": false}));
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Applied).await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_comment"], &row["hlf_portalvisible"]),
        (&json!("app's"), &json!(false))
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn of_two_changes_of_one_column_the_newest_wins_and_the_loser_is_kept() {
    for (app_is_newer, expected) in [(true, "Appa"), (false, "Dyna")] {
        let world = world(&[MEMBERS]).await;
        let id = world.member();
        world.complete("first").await;
        let rename = json!({"firstname": "Dyna"});
        if app_is_newer {
            world.edit_member(&id, rename.clone());
            world.clock.advance(std::time::Duration::from_secs(60));
        }
        let key = ChangeKey::Id(id.clone());
        let fields = json!({"first_name": "Appa"});
        let change = world
            .hand_in("members", Operation::Update, key, fields)
            .await;
        if !app_is_newer {
            world.clock.advance(std::time::Duration::from_secs(60));
            world.edit_member(&id, rename);
        }
        world.complete("second").await;
        assert_eq!(world.row("contacts", &id)["firstname"], expected);
        let change = world.change(&change).await;
        assert!(change.theirs["first_name"] == text("Dyna"));
        let state = if app_is_newer {
            ChangeState::Applied
        } else {
            ChangeState::Superseded
        };
        assert_eq!(change.state, state);
        if !app_is_newer {
            let kept = &change.wanted.fields["first_name"];
            assert!(*kept == sync_store::Wanted::Value(Value::Text("Appa".into())));
        }
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn our_own_write_of_a_row_does_not_make_it_newer_than_the_next_change_of_it() {
    let world = world(&[MEMBERS]).await;
    let id = world.member();
    world.complete("first").await;
    world.edit_member(&id, json!({"lastname": "Dyna"}));
    world.clock.advance(std::time::Duration::from_secs(60));
    let key = || ChangeKey::Id(id.clone());
    let first = json!({"first_name": "Appa"});
    world
        .hand_in("members", Operation::Update, key(), first)
        .await;
    let second = json!({"last_name": "Appsen"});
    world
        .hand_in("members", Operation::Update, key(), second)
        .await;
    world.clock.advance(std::time::Duration::from_secs(60));
    world.complete("second").await;
    assert_eq!(world.row("contacts", &id)["lastname"], "Appsen");
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_reconcile_after_conflicts_and_pushes_finds_nothing_to_repair() {
    let (world, _, _) = both_comment().await;
    world.complete("second").await;
    let report = world.complete_as("reconcile", Mode::Reconcile).await;
    let repaired = report.streams.iter().map(|stream| stream.repaired);
    assert_eq!(repaired.sum::<u64>(), 0);
    world.assert_at_rest().await;
}
