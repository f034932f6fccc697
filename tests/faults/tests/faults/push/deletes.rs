//! A delete by the app: refused, a deactivation, or a delete, as the stream file says.

use dynamics_simulator::{Class, Effect, Fault};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use sync_store::{ChangeKey, ChangeState, Operation};

use super::CERTIFICATIONS;
use crate::expiry::mentors::{NEXT_YEAR, world};
use crate::wire::{Cut, Wire};
use crate::world::{World, invoke, stream_file};

const LINE: &str = "deletes   = { to_dynamics = \"delete\" }";

fn streams(deletes: &str, conflict: &str) -> String {
    CERTIFICATIONS
        .replace(
            LINE,
            &format!("deletes   = {{ to_dynamics = \"{deletes}\" }}"),
        )
        .replace(
            "conflict  = \"hold\"",
            &format!("conflict  = \"{conflict}\""),
        )
}

/// Two certifications, the first of which the app wants to be gone.
async fn waiting(deletes: &str, conflict: &str) -> (World, String, String) {
    let world = world(&[&streams(deletes, conflict)]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.certification("M-2", NEXT_YEAR);
    world.complete("first").await;
    let delete = json!({
        "stream": "certifications", "operation": "delete", "key": {"mentor_code": "m-1"}
    });
    let change = world.post(&delete).await;
    (world, id, change)
}

/// What Dynamics says: whether the row is there, and its state.
fn state(world: &World, id: &str) -> Json {
    let row = world.row("hlf_certifications", id);
    match row {
        Json::Null => json!("gone"),
        row => row["statecode"].clone(),
    }
}

#[tokio::test]
async fn a_delete_does_what_the_stream_file_says() {
    for (deletes, expected) in [("deactivate", json!(1)), ("delete", json!("gone"))] {
        let (world, id, change) = waiting(deletes, "hold").await;
        world.complete("second").await;
        world.assert_state(&change, ChangeState::Applied).await;
        assert_eq!(state(&world, &id), expected);
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn a_delete_is_turned_away_or_refused_where_the_stream_file_ignores_it() {
    let (mut world, id, change) = waiting("delete", "hold").await;
    world.streams = stream_file(&[&streams("ignore", "hold")]);
    let delete = json!({"stream": "certifications", "operation": "delete", "key": {"id": id}});
    assert_eq!(
        world.turned_away(&delete).await,
        [("/operation".to_owned(), "operation-not-allowed")]
    );
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Refused).await;
    assert_eq!(
        world.change(&change).await.reason.unwrap(),
        "the stream's `deletes.to_dynamics` does not let rows be deleted"
    );
    assert_eq!(state(&world, &id), json!(0));
    assert_eq!(world.writes(), 0);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_delete_of_what_dynamics_does_not_have_is_done() {
    let (world, id, change) = waiting("deactivate", "hold").await;
    let row = id.parse().unwrap();
    assert!(world.simulator.delete("hlf_certifications", row).unwrap());
    let key = super::by("mentor_code", "M-9");
    let nobody = world
        .hand_in("certifications", Operation::Delete, key, json!({}))
        .await;
    world.complete("second").await;
    for change in [change, nobody] {
        world.assert_state(&change, ChangeState::Applied).await;
    }
    assert_eq!(world.writes(), 0);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_delete_of_a_row_that_was_changed_since_goes_by_the_policy() {
    for (conflict, state_of_change, expected) in [
        ("hold", ChangeState::Held, json!(0)),
        ("dynamics-wins", ChangeState::Superseded, json!(0)),
        ("newest-wins", ChangeState::Superseded, json!(0)),
        ("app-wins", ChangeState::Applied, json!("gone")),
    ] {
        let (world, id, change) = waiting("delete", conflict).await;
        world.clock.advance(std::time::Duration::from_secs(60));
        world.edit(&id, json!({"hlf_comment": "theirs"}));
        world.complete("second").await;
        world.assert_state(&change, state_of_change).await;
        assert_eq!(state(&world, &id), expected, "{conflict}");
        world.assert_at_rest().await;
        if state_of_change == ChangeState::Held {
            let never = |_: &sync_store::Fields, _| sync_store::Hiding::default();
            let now = world.in_seconds(0);
            world.store.keep_app(&change, &never, now).await.unwrap();
            world.complete("third").await;
            world.assert_state(&change, ChangeState::Applied).await;
            assert_eq!(state(&world, &id), json!("gone"));
            world.assert_at_rest().await;
        }
    }
}

#[tokio::test]
async fn a_delete_that_is_newer_than_the_edit_wins_where_the_newest_does() {
    let (world, id, _) = waiting("delete", "newest-wins").await;
    world.edit(&id, json!({"hlf_comment": "theirs"}));
    world.clock.advance(std::time::Duration::from_secs(60));
    let key = ChangeKey::Id(id.clone());
    let newer = world
        .hand_in("certifications", Operation::Delete, key, json!({}))
        .await;
    world.complete("second").await;
    world.assert_state(&newer, ChangeState::Applied).await;
    assert_eq!(state(&world, &id), json!("gone"));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_delete_whose_answer_is_lost_is_done_once_and_said_to_be() {
    for conflict in POLICIES {
        lose_an_answer("delete", conflict, json!("gone")).await;
    }
}

#[tokio::test]
async fn a_deactivation_whose_answer_is_lost_is_done_once_and_said_to_be() {
    for conflict in POLICIES {
        lose_an_answer("deactivate", conflict, json!(1)).await;
    }
}

#[tokio::test]
async fn a_run_killed_at_any_call_of_a_delete_leaves_it_to_be_said_to_be_done() {
    kill_at_any_call("delete", json!("gone")).await;
}

#[tokio::test]
async fn a_run_killed_at_any_call_of_a_deactivation_leaves_it_to_be_said_to_be_done() {
    kill_at_any_call("deactivate", json!(1)).await;
}

const POLICIES: [&str; 3] = ["hold", "newest-wins", "dynamics-wins"];

async fn lose_an_answer(deletes: &str, conflict: &str, expected: Json) {
    let (world, id, change) = waiting(deletes, conflict).await;
    let lost = Fault::on(Class::Batch, Effect::ResetAfter);
    world.simulator.inject(lost);
    world.complete("second").await;
    assert_eq!(state(&world, &id), expected);
    world.assert_state(&change, ChangeState::Applied).await;
    world.assert_at_rest().await;
}

async fn kill_at_any_call(deletes: &str, expected: Json) {
    let mut died = 0;
    for call in 1.. {
        let (world, id, change) = waiting(deletes, "hold").await;
        let wire = Wire::new(Cut::After(call));
        let process = world.process_on(wire.clone(), world.config(), |_| {});
        let cut = tokio::select! {
            _ = invoke(&process, "killed", Timestamp::MAX) => false,
            () = wire.died() => true,
        };
        if !cut {
            break;
        }
        died += 1;
        world.clock.advance(std::time::Duration::from_secs(100));
        world.complete("second").await;
        assert_eq!(state(&world, &id), expected);
        world.assert_state(&change, ChangeState::Applied).await;
        world.assert_at_rest().await;
    }
    assert!(died > 20, "only {died} calls");
}
