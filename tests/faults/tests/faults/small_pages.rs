//! Pages that are too large or take Dynamics too long: they are asked for again in smaller ones, which
//! later nights remember.

use dynamics_simulator::{Class, Effect, Fault, Options, RetryAfter};
use sync_engine::{Mode, StreamStatus};

use crate::members::{
    active, fired, generation, id_of, members, of_large_pages, set_tracking, untracked,
};
use crate::world::{MEMBERS, World};

/// The time for an answer was over.
fn too_slow() -> Effect {
    Effect::Status {
        status: 504,
        code: String::new(),
        message: String::new(),
        retry_after: RetryAfter::Absent,
        html: true,
    }
}

/// Pages of more than 100 rows take Dynamics too long where the request has this in it: a read of one row
/// by its id names no page size, and is quick all the same.
fn large_pages_are_slow(world: &World, contains: &str) {
    let mut fault = Fault::on(Class::Read, too_slow()).table("contacts");
    fault.on.contains = Some(contains.into());
    world
        .simulator
        .inject(fault.pages_above(100).times(u32::MAX));
}

#[tokio::test]
async fn pages_that_are_too_slow_become_smaller_and_stay_so_on_later_nights() {
    for tracked in [true, false] {
        let world = World::of(of_large_pages(150), &[MEMBERS]).await;
        set_tracking(&world, tracked);
        large_pages_are_slow(&world, "select");
        let report = world.complete("first").await;
        let notes = members(&report).notes.join("; ");
        assert!(notes.contains("pages have 78 rows from now on"), "{notes}");
        assert_eq!(world.cursor("members").await.unwrap().page_size, 78);
        world.assert_copy_equals_truth().await;
        assert!(fired(&world)[0] > 0);

        world.simulator.clear_faults();
        large_pages_are_slow(&world, "deltatoken");
        large_pages_are_slow(&world, "orderby");
        world.next_night();
        world.simulator.burst("contacts", 5, 120, 5).unwrap();
        let report = world.complete("second").await;
        assert_eq!(members(&report).notes, Vec::<String>::new());
        assert_eq!(fired(&world), [0, 0], "large pages were asked for again");
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn changes_and_keys_whose_pages_are_too_slow_are_read_again_in_smaller_ones() {
    for tracked in [true, false] {
        let world = World::of(of_large_pages(150), &[MEMBERS]).await;
        set_tracking(&world, tracked);
        world.complete("first").await;
        world.next_night();
        world.simulator.burst("contacts", 5, 120, 5).unwrap();
        let changes = if tracked { "deltatoken" } else { "ge%20" };
        large_pages_are_slow(&world, changes);
        world.complete_as("second", Mode::Reconcile).await;
        assert!(fired(&world)[0] > 0);
        assert_eq!(generation(&world).await, 1);
        assert_eq!(world.cursor("members").await.unwrap().page_size, 78);
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn a_load_whose_second_page_is_too_slow_is_begun_again_with_smaller_ones() {
    let options = Options {
        page_size_max: 100,
        ..of_large_pages(150)
    };
    let world = untracked(options).await;
    let fault = Fault::on(Class::Read, too_slow()).table("contacts");
    let fault = fault.pages_above(60).after(1).times(u32::MAX);
    world.simulator.inject(fault);
    let report = world.complete("first").await;
    assert!(fired(&world)[0] > 0);
    let notes = members(&report).notes.join("; ");
    assert!(
        notes.contains("a page of the load was too large or too slow"),
        "{notes}"
    );
    assert_eq!(generation(&world).await, 2);
    assert_eq!(members(&report).deleted, 0);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_page_that_is_too_slow_however_small_it_is_fails_and_is_tried_again_the_next_night() {
    let world = untracked(of_large_pages(150)).await;
    let fault = Fault::on(Class::Read, too_slow()).table("contacts");
    world.simulator.inject(fault.times(u32::MAX));
    let report = world.run("first").await;
    assert_eq!(members(&report).status, StreamStatus::Failed, "{report:#?}");
    world.simulator.clear_faults();
    world.complete("second").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_page_of_more_than_64_mib_is_not_held_in_memory_and_is_asked_for_again_in_smaller_ones() {
    let world = World::of(of_large_pages(150), &[MEMBERS]).await;
    // The bytes of one row, because many would only take longer; it belongs to every page.
    let too_large = Effect::RowTooLarge {
        id: id_of(&active(&world.simulator)[0]),
        bytes: 64 * 1024 * 1024,
    };
    let fault = Fault::on(Class::Read, too_large).table("contacts");
    world.simulator.inject(fault.pages_above(2_500).times(2));
    let report = world.complete("first").await;
    assert_eq!(fired(&world), [1], "it was tried again as it was");
    let notes = members(&report).notes.join("; ");
    assert!(
        notes.contains("pages have 2500 rows from now on"),
        "{notes}"
    );
    world.assert_copy_equals_truth().await;
}
