//! An answer is lost, or the process is, after a write took effect: nothing is written twice.

use dynamics_simulator::{Class, Effect, Fault};
use serde_json::json;
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{both_ways, by};
use crate::expiry::mentors::NEXT_YEAR;
use crate::wire::{Cut, Wire};
use crate::world::{World, invoke};

/// A world in which the app changes one certification and creates another.
async fn waiting() -> (World, String, [String; 2]) {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let key = ChangeKey::Id(id.clone());
    let fields = json!({"comment": "app's"});
    let update = world
        .hand_in("certifications", Operation::Update, key, fields)
        .await;
    let fields = json!({"comment": "new", "status": "active", "valid_to": NEXT_YEAR});
    let key = by("mentor_code", "M-2");
    let create = world
        .hand_in("certifications", Operation::Create, key, fields)
        .await;
    (world, id, [update, create])
}

async fn assert_done(world: &World, id: &str, changes: &[String; 2]) {
    for change in changes {
        world.assert_state(change, ChangeState::Applied).await;
    }
    assert_eq!(world.row("hlf_certifications", id)["hlf_comment"], "app's");
    assert_eq!(
        world.simulator.truth("hlf_certifications").unwrap().count(),
        2
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_reply_lost_after_the_write_was_applied_never_doubles_a_row() {
    let (world, id, changes) = waiting().await;
    for class in [Class::Write, Class::Batch] {
        world.simulator.inject(Fault::on(class, Effect::ResetAfter));
    }
    world.complete("second").await;
    assert_done(&world, &id, &changes).await;
}

#[tokio::test]
async fn a_run_killed_at_any_call_of_its_push_leaves_every_change_to_be_made_once() {
    let mut died = 0;
    for call in 1.. {
        let (world, id, changes) = waiting().await;
        let wire = Wire::new(Cut::After(call));
        let process = world.process_on(wire.clone(), world.config(), |_| {});
        let cut = tokio::select! {
            _ = invoke(&process, "killed", jiff::Timestamp::MAX) => false,
            () = wire.died() => true,
        };
        if !cut {
            break;
        }
        died += 1;
        world.clock.advance(std::time::Duration::from_secs(100));
        world.complete("second").await;
        assert_done(&world, &id, &changes).await;
    }
    assert!(died > 20, "only {died} calls");
}
