//! A walk over all keys that is killed, runs out of time, or finds what it kept gone: it goes on under its
//! run's id, and ends.

use dynamics_simulator::TruthRow;
use sync_engine::{Mode, RunStatus};
use sync_store::Position;
use uuid::Uuid;

use crate::by_hand::{lose_kept_keys, put_ghost, remove};
use crate::members::{active, generation, id_of, loaded, members, of_five_pages, rename};
use crate::wire::{Cut, Wire};
use crate::world::{MEMBERS, invoke_as, small, stream_of};

#[tokio::test]
async fn a_walk_killed_after_any_of_its_requests_goes_on_under_its_run_id_and_ends() {
    // The witness and the changes come first; then five pages of keys, and two second looks.
    for dies_at in 3..=9 {
        let world = loaded(of_five_pages(), true, MEMBERS).await;
        let rows = active(&world.simulator);
        remove(&world, id_of(&rows[0])).await;
        remove(&world, id_of(&rows[1])).await;
        put_ghost(&world, id_of(&rows[2])).await;
        let run = ("check", Mode::Reconcile);
        world.die_at_read(run, ("contacts", dies_at), |_| {}).await;
        let report = world.complete_as("check", Mode::Reconcile).await;
        world.assert_copy_equals_truth().await;
        // Of the keys, at most the page that had not been stored is asked for again.
        let left = 9 - dies_at;
        let members = members(&report);
        assert!(members.requests <= left + 3, "{dies_at}: {members:#?}");
        let walk = world.cursor("members").await.unwrap().walk.unwrap();
        assert_eq!((walk.run_id.as_str(), walk.ended), ("check", true));
        let report = world.complete_as("check", Mode::Reconcile).await;
        assert_eq!(stream_of(&report, "members").requests, 1);
        assert_eq!(generation(&world).await, 1);
    }
}

#[tokio::test]
async fn a_walk_in_many_short_invocations_ends_and_counts_what_it_mended_once() {
    let world = loaded(of_five_pages(), false, MEMBERS).await;
    let rows = active(&world.simulator);
    for row in &rows[..8] {
        remove(&world, id_of(row)).await;
    }
    let mut repaired = 0;
    let mut compared = false;
    for number in 0..30 {
        let clock = world.clock.clone();
        let slow = move |_| clock.advance(std::time::Duration::from_secs(10));
        let process = world.process_on(Wire::new(Cut::Never), world.config(), slow);
        let report = invoke_as(&process, "check", Mode::Delta, world.in_seconds(75)).await;
        repaired += members(&report).repaired;
        if report.status == RunStatus::Complete {
            assert!(number > 5, "it did not run out of time");
            break;
        }
        let position = world.cursor("members").await.unwrap().position;
        compared |= matches!(position, Position::Comparing { .. });
    }
    assert!(compared, "it never stopped while it compared");
    world.assert_copy_equals_truth().await;
    assert_eq!(repaired, 8);
}

#[tokio::test]
async fn a_row_that_changes_behind_a_walk_that_is_killed_is_not_taken_for_a_restore() {
    let world = loaded(small(), true, MEMBERS).await;
    let rows = active(&world.simulator);
    // Two of one partition, so that it is compared again after the kill.
    let digit = |row: &TruthRow| row["contactid"].as_str().unwrap()[..1].to_owned();
    let two = rows.windows(2).find(|two| digit(&two[0]) == digit(&two[1]));
    let two: Vec<Uuid> = two.unwrap().iter().map(id_of).collect();
    for id in &two {
        remove(&world, *id).await;
    }
    let simulator = world.simulator.clone();
    let change = move |reads| {
        // All keys were served: the witness, the changes, three pages.
        if reads == 5 {
            two.iter().for_each(|id| rename(&simulator, *id));
        }
    };
    world
        .die_at_read(("check", Mode::Reconcile), ("contacts", 7), change)
        .await;
    let report = world.complete_as("check", Mode::Reconcile).await;
    assert_eq!(members(&report).notes, Vec::<String>::new());
    assert_eq!(generation(&world).await, 1);
    world.assert_copy_equals_truth().await;
}

fn is_comparing(position: &Position) -> bool {
    matches!(position, Position::Comparing { granted: true, .. })
}

/// A walk stops where `wanted` says, of the keys that it kept in `pages` pages the one with a number
/// expires, and it goes on.
async fn keys_expire(wanted: impl Fn(&Position) -> bool, pages: usize, lost: usize) {
    let world = loaded(of_five_pages(), true, MEMBERS).await;
    // Second looks, so that time can run out while keys are compared.
    for row in &active(&world.simulator)[..12] {
        remove(&world, id_of(row)).await;
    }
    let run = ("check", Mode::Reconcile);
    world.stop_where("members", run, wanted).await;
    assert_eq!(lose_kept_keys(&world, "members", lost).await, pages);
    let missing = world.judge().await[0].missing.len() as u64;
    assert!(missing > 0, "nothing was left to be compared");
    let report = world.complete_as("check", Mode::Reconcile).await;
    let members = members(&report);
    assert_eq!(
        (members.repaired, members.deleted),
        (missing, 0),
        "{members:#?}"
    );
    let walked = members.requests >= 5 + missing;
    assert!(walked, "it did not walk again: {members:#?}");
    assert_eq!(generation(&world).await, 1);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn keys_that_expired_before_they_were_compared_are_walked_again() {
    let listing = |position: &Position| matches!(position, Position::Listing { pages: 3.., .. });
    keys_expire(listing, 3, 0).await;
}

#[tokio::test]
async fn keys_that_expired_while_they_were_compared_are_walked_again() {
    keys_expire(is_comparing, 5, 0).await;
}

#[tokio::test]
async fn keys_whose_last_page_expired_first_are_walked_again_and_no_row_is_taken_for_deleted() {
    keys_expire(is_comparing, 5, 4).await;
}
