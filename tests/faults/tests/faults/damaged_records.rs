//! Records that nobody can read any more stop nothing: neither the nights after, nor a walk over all keys,
//! nor a sweep. They are set aside and named until somebody mends or removes them.

use sync_engine::{Mode, RunReport};

use crate::by_hand::{damage, remove};
use crate::members::{active, delete, generation, id_of, loaded, members, rename};
use crate::world::{MEMBERS, small};

fn assert_named(report: &RunReport, id: uuid::Uuid) {
    let members = members(report);
    assert_eq!(members.quarantined, 1, "{members:#?}");
    let named = format!("One is row {id}: its record in the copy is damaged");
    let notes = members.notes.join("; ");
    assert!(notes.contains(&named), "{notes}");
}

#[tokio::test]
async fn a_damaged_record_whose_row_changed_is_named_every_night_and_read_again_once_it_is_removed()
{
    let world = loaded(small(), true, MEMBERS).await;
    let id = id_of(&active(&world.simulator)[0]);
    damage(&world, id).await;
    rename(&world.simulator, id);
    for run_id in ["second", "third", "fourth"] {
        world.simulator.burst("contacts", 1, 0, 0).unwrap();
        let report = world.complete(run_id).await;
        assert_named(&report, id);
        assert!(members(&report).stored > 0, "{report:#?}");
        world.next_night();
    }
    remove(&world, id).await;
    let report = world.complete("fifth").await;
    assert_eq!(members(&report).quarantined, 0, "{report:#?}");
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_damaged_record_does_not_stop_the_nightly_walk_over_all_keys() {
    let world = loaded(small(), false, MEMBERS).await;
    let id = id_of(active(&world.simulator).last().unwrap());
    damage(&world, id).await;
    for run_id in ["second", "third"] {
        delete(&world, 3);
        let report = world.complete(run_id).await;
        assert_eq!(members(&report).deleted, 3, "{report:#?}");
        assert_named(&report, id);
        world.next_night();
    }
    remove(&world, id).await;
    let report = world.complete("fourth").await;
    assert_eq!(members(&report).quarantined, 0, "{report:#?}");
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_damaged_record_that_no_row_changed_is_found_by_a_reconcile_and_stops_none() {
    let world = loaded(small(), true, MEMBERS).await;
    let id = id_of(&active(&world.simulator)[0]);
    damage(&world, id).await;
    let report = world.complete("second").await;
    assert_eq!(members(&report).quarantined, 0, "who could know?");
    for run_id in ["third", "fourth"] {
        let report = world.complete_as(run_id, Mode::Reconcile).await;
        assert_named(&report, id);
        assert_eq!(generation(&world).await, 1);
    }
}

#[tokio::test]
async fn a_damaged_record_does_not_stop_the_sweep_after_a_full_read_or_a_reset() {
    let world = loaded(small(), true, MEMBERS).await;
    let id = id_of(active(&world.simulator).last().unwrap());
    damage(&world, id).await;
    for (run_id, mode) in [("second", Mode::Full), ("third", Mode::Delta)] {
        if mode == Mode::Delta {
            let now = world.in_seconds(0);
            world.store.reset_cursor("members", now).await.unwrap();
        }
        delete(&world, 3);
        let report = world.complete_as(run_id, mode).await;
        assert_eq!(members(&report).deleted, 3, "{report:#?}");
        assert_named(&report, id);
        world.next_night();
    }
    assert_eq!(generation(&world).await, 3);
    remove(&world, id).await;
    world.complete("fourth").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_damaged_record_whose_row_was_deleted_stops_nothing_until_it_is_removed() {
    let world = loaded(small(), true, MEMBERS).await;
    let id = id_of(&active(&world.simulator)[0]);
    damage(&world, id).await;
    delete(&world, 3);
    for run_id in ["second", "third"] {
        assert_named(&world.complete(run_id).await, id);
        world.next_night();
    }
    remove(&world, id).await;
    let report = world.complete("fourth").await;
    assert_eq!(members(&report).quarantined, 0, "{report:#?}");
    world.assert_copy_equals_truth().await;
}
