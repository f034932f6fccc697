//! An application user who may not read the whole table, or not any more: what is out of its sight
//! vanishes from the copy as if it were deleted, the guard permitting, and comes back with its sight.

use std::time::Duration;

use dynamics_simulator::{Class, Depth};
use jiff::Timestamp;
use sync_engine::{RunStatus, StreamStatus};
use sync_store::CursorKind;

use crate::members::{
    generation, kind, live, members, of_contacts, of_five_pages, of_large_pages, release,
    set_depth, set_tracking, untracked,
};
use crate::modified_on::deltas;
use crate::wire::{Cut, Wire};
use crate::world::{MEMBERS, World, invoke, small};

#[tokio::test]
async fn a_user_who_may_not_read_the_whole_table_is_served_by_modifiedon_and_no_tracked_read_tried()
{
    let world = World::of(small(), &[MEMBERS]).await;
    set_depth(&world.simulator, Depth::Deep);
    let report = world.complete("first").await;
    assert_eq!(kind(&world).await, CursorKind::ModifiedOn);
    assert_eq!(generation(&world).await, 1, "it began with a tracked read");
    // Dynamics refuses such a read, and its cure is noted.
    assert_eq!(members(&report).notes, Vec::<String>::new());
    let visible = world.simulator.truth("contacts").unwrap().visible().count();
    assert!((10..50).contains(&visible), "{visible} rows are visible");
    assert_eq!(members(&report).pulled, visible as u64);
    world.assert_copy_equals_what_is_visible().await;
    for night in 0..2 {
        world.next_night();
        world.simulator.burst("contacts", 6, 20, 6).unwrap();
        world.complete(&format!("night-{night}")).await;
        world.assert_copy_equals_what_is_visible().await;
    }
    assert_eq!(deltas(&world), 0);
    assert_eq!(generation(&world).await, 1);
}

#[tokio::test]
async fn sight_that_is_narrowed_a_little_after_a_tracked_load_is_followed_and_widened_again_too() {
    let world = World::of(of_contacts(16), &[MEMBERS]).await;
    world.complete("first").await;
    assert_eq!(kind(&world).await, CursorKind::ChangeTracking);
    set_depth(&world.simulator, Depth::Deep);
    world.next_night();
    let report = world.complete("second").await;
    let notes = members(&report).notes.join("; ");
    assert!(
        notes.contains("may no longer read the whole table"),
        "{notes}"
    );
    assert!(members(&report).deleted > 0, "all rows stayed visible");
    assert_eq!(kind(&world).await, CursorKind::ModifiedOn);
    world.assert_copy_equals_what_is_visible().await;
    world.next_night();
    world.simulator.burst("contacts", 2, 4, 1).unwrap();
    world.complete("third").await;
    world.assert_copy_equals_what_is_visible().await;

    set_depth(&world.simulator, Depth::Global);
    world.next_night();
    let report = world.complete("fourth").await;
    let notes = members(&report).notes.join("; ");
    assert!(notes.contains("by change tracking from now on"), "{notes}");
    assert_eq!(kind(&world).await, CursorKind::ChangeTracking);
    world.assert_copy_equals_truth().await;
    world.simulator.burst("contacts", 2, 4, 1).unwrap();
    let report = world.complete("fifth").await;
    assert_eq!(members(&report).requests, 1);
    world.assert_copy_equals_truth().await;
}

/// Sixty tracked rows were loaded, a third of them is still visible, and the guard stopped the sweep.
async fn narrowed_and_guarded() -> World {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let before = live(&world).await;
    set_depth(&world.simulator, Depth::Local);
    world.next_night();
    let report = world.run("second").await;
    assert_eq!(
        members(&report).status,
        StreamStatus::Guarded,
        "{report:#?}"
    );
    assert_eq!(live(&world).await, before, "something vanished");
    assert!(!world.cursor("members").await.unwrap().swept);
    world
}

#[tokio::test]
async fn sight_that_is_narrowed_much_hides_nothing_until_a_person_releases_it() {
    let world = narrowed_and_guarded().await;
    release(&world).await;
    world.next_night();
    let report = world.complete("third").await;
    assert!(members(&report).deleted > 10, "{report:#?}");
    world.assert_copy_equals_what_is_visible().await;
}

#[tokio::test]
async fn sight_that_is_widened_again_before_a_release_leaves_nothing_to_release() {
    let world = narrowed_and_guarded().await;
    set_depth(&world.simulator, Depth::Global);
    world.next_night();
    let report = world.complete("third").await;
    assert_eq!(members(&report).deleted, 0, "{report:#?}");
    assert_eq!(kind(&world).await, CursorKind::ChangeTracking);
    world.assert_copy_equals_truth().await;
    let state = world.store.stream_state("members").await.unwrap().unwrap();
    assert_eq!(state.guarded, None);
}

#[tokio::test]
async fn a_release_holds_for_a_run_that_ends_before_its_sweep_begins() {
    let world = narrowed_and_guarded().await;
    release(&world).await;
    world.next_night();
    // Time is up after the changes were read.
    let clock = world.clock.clone();
    let slow = move |_| clock.advance(Duration::from_secs(10));
    let process = world.process_on(Wire::new(Cut::Never), world.config(), slow);
    let report = invoke(&process, "third", world.in_seconds(80)).await;
    assert_eq!(
        members(&report).status,
        StreamStatus::Continue,
        "{report:#?}"
    );
    assert_eq!(members(&report).pages, 1, "it did not read the changes");
    assert!(!world.cursor("members").await.unwrap().swept);
    world.complete("third").await;
    world.assert_copy_equals_what_is_visible().await;
}

#[tokio::test]
async fn the_guard_tells_since_when_it_stops_a_sweep_and_not_since_last_night() {
    let world = narrowed_and_guarded().await;
    let state = world.store.stream_state("members").await.unwrap().unwrap();
    let since = state.guarded.unwrap().since;
    world.next_night();
    world.run("third").await;
    let state = world.store.stream_state("members").await.unwrap().unwrap();
    assert_eq!(state.guarded.unwrap().since, since);
}

#[tokio::test]
async fn a_row_out_of_sight_vanishes_and_comes_back_in_the_same_version() {
    let world = World::of(of_contacts(30), &[MEMBERS]).await;
    set_depth(&world.simulator, Depth::Deep);
    world.complete("first").await;
    let before = live(&world).await;
    set_depth(&world.simulator, Depth::Local);
    world.next_night();
    let report = world.complete("second").await;
    let gone = before - live(&world).await;
    assert!(gone > 0, "all rows stayed visible");
    assert_eq!(members(&report).deleted, gone);
    world.assert_copy_equals_what_is_visible().await;
    set_depth(&world.simulator, Depth::Deep);
    world.next_night();
    let report = world.complete("third").await;
    assert_eq!(members(&report).stored, gone);
    assert_eq!(live(&world).await, before);
    world.assert_copy_equals_what_is_visible().await;
    assert_eq!(generation(&world).await, 1);
}

#[tokio::test]
async fn a_walk_that_misses_many_rows_removes_none_and_the_next_run_walks_again() {
    let world = World::of(of_contacts(90), &[MEMBERS]).await;
    set_depth(&world.simulator, Depth::Deep);
    world.complete("first").await;
    let before = live(&world).await;
    set_depth(&world.simulator, Depth::Basic);
    for run_id in ["second", "third"] {
        world.next_night();
        let report = world.run(run_id).await;
        assert_eq!(
            members(&report).status,
            StreamStatus::Guarded,
            "{report:#?}"
        );
        assert_eq!(members(&report).requests, 1 + 1, "it did not walk");
        assert_eq!(live(&world).await, before);
    }
    set_depth(&world.simulator, Depth::Deep);
    let report = world.complete("fourth").await;
    assert_eq!((members(&report).stored, members(&report).deleted), (0, 0));
    world.assert_copy_equals_what_is_visible().await;
}

#[tokio::test]
async fn a_walk_that_misses_many_rows_is_carried_out_once_a_person_has_released_it() {
    for run_id in ["second", "third"] {
        let world = World::of(of_contacts(90), &[MEMBERS]).await;
        set_depth(&world.simulator, Depth::Deep);
        world.complete("first").await;
        set_depth(&world.simulator, Depth::Basic);
        world.next_night();
        let report = world.run("second").await;
        assert_eq!(
            members(&report).status,
            StreamStatus::Guarded,
            "{report:#?}"
        );
        release(&world).await;
        let report = world.complete(run_id).await;
        assert!(members(&report).deleted > 10, "{report:#?}");
        world.assert_copy_equals_what_is_visible().await;
        let state = world.store.stream_state("members").await.unwrap().unwrap();
        assert_eq!((state.guarded, state.released), (None, false));
    }
}

/// The application user sees a third of the rows as soon as the third page of a first load was served.
async fn narrowed_in_a_load(tracked: bool) -> World {
    let world = World::of(of_five_pages(), &[MEMBERS]).await;
    set_tracking(&world, tracked);
    let simulator = world.simulator.clone();
    let process = world.process_on(Wire::new(Cut::Never), world.config(), move |_| {
        if simulator.requests().of(Class::Read) == 3 {
            set_depth(&simulator, Depth::Local);
        }
    });
    let report = invoke(&process, "first", Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    assert_eq!(kind(&world).await, CursorKind::ModifiedOn);
    world
}

#[tokio::test]
async fn sight_that_is_narrowed_in_the_middle_of_a_tracked_load_has_it_begun_again_by_modifiedon() {
    let world = narrowed_in_a_load(true).await;
    assert_eq!(generation(&world).await, 2);
    world.assert_copy_equals_what_is_visible().await;
}

#[tokio::test]
async fn sight_that_is_narrowed_in_the_middle_of_a_load_by_modifiedon_is_followed_the_next_night() {
    let world = narrowed_in_a_load(false).await;
    assert_eq!(generation(&world).await, 1);
    let loaded = live(&world).await;
    world.next_night();
    let report = world.complete("second").await;
    let gone = members(&report).deleted;
    assert!(gone > 0, "nothing was loaded that is out of sight now");
    assert_eq!(live(&world).await, loaded - gone);
    world.assert_copy_equals_what_is_visible().await;
}

#[tokio::test]
async fn more_than_a_thousand_rows_that_come_into_sight_are_read_again_in_full() {
    let world = untracked(of_large_pages(1_400)).await;
    set_depth(&world.simulator, Depth::Basic);
    world.complete("first").await;
    let before = live(&world).await;
    set_depth(&world.simulator, Depth::Global);
    world.next_night();
    let report = world.complete("second").await;
    let notes = members(&report).notes.join("; ");
    assert!(notes.contains("too many rows"), "{notes}");
    assert!(live(&world).await > before + 1_000);
    assert_eq!(generation(&world).await, 2);
    // The witness, the changes, the keys, and the table again with its overlap.
    assert!(members(&report).requests < 10, "{report:#?}");
    world.assert_copy_equals_truth().await;
}
