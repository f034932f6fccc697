//! A full read that a run asks for: begun once by its run, whatever stops it, and every row written once.

use sync_engine::Mode;
use sync_store::Position;

use crate::members::{generation, live, loaded, members, of_five_pages};
use crate::world::{MEMBERS, World, small};

#[tokio::test]
async fn a_full_read_writes_every_row_once_and_is_begun_once_by_its_run() {
    for tracked in [true, false] {
        let world = loaded(small(), tracked, MEMBERS).await;
        let records = live(&world).await;
        let report = world.complete_as("full", Mode::Full).await;
        let full = members(&report);
        let wrote = (full.stored, full.deleted, full.repaired);
        assert_eq!(wrote, (records, 0, 0), "{full:#?}");
        let notes = full.notes.join("; ");
        assert!(notes.contains("the run was asked to"), "{notes}");
        assert_eq!(generation(&world).await, 2);
        let report = world.complete_as("full", Mode::Full).await;
        assert_eq!(members(&report).stored, 0);
        assert_eq!(generation(&world).await, 2);
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn a_full_read_killed_in_the_middle_goes_on_in_the_generation_it_began() {
    for tracked in [true, false] {
        for dies_at in [2, 4, 6] {
            let world = loaded(of_five_pages(), tracked, MEMBERS).await;
            let run = ("full", Mode::Full);
            world.die_at_read(run, ("contacts", dies_at), |_| {}).await;
            // Of a load whose first page is not known to be stored nobody knows when it began.
            let position = world.cursor("members").await.unwrap().position;
            let begun_again = u64::from(position == Position::Start);
            let report = world.complete_as("full", Mode::Full).await;
            assert_eq!(
                generation(&world).await,
                2 + begun_again,
                "{tracked} {dies_at}"
            );
            // Of five pages and an overlap, those are asked for again that were not stored when it died:
            // the last one, and perhaps the one before.
            let read = members(&report).requests;
            assert!(read <= 6 - dies_at + 2, "{tracked} {dies_at}: {read}");
            world.assert_copy_equals_truth().await;
        }
    }
}

#[tokio::test]
async fn a_first_load_that_was_asked_for_in_full_and_killed_goes_on_and_does_not_begin_again() {
    let world = World::of(of_five_pages(), &[MEMBERS]).await;
    let run = ("full", Mode::Full);
    world.die_at_read(run, ("contacts", 4), |_| {}).await;
    let report = world.complete_as("full", Mode::Full).await;
    assert_eq!(generation(&world).await, 1, "{report:#?}");
    world.complete_as("full", Mode::Full).await;
    assert_eq!(
        generation(&world).await,
        1,
        "it began again although it was done"
    );
    world.assert_copy_equals_truth().await;
}
