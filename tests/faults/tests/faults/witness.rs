//! The row by whose version a restore is noticed, deleted while a walk is interrupted: that is no restore,
//! and nothing is read again for it.

use sync_engine::Mode;
use sync_store::Position;
use uuid::Uuid;

use crate::members::{active, generation, id_of, loaded, members, of_five_pages, rename};
use crate::world::{MEMBERS, World};

async fn witness(world: &World) -> Uuid {
    let cursor = world.cursor("members").await.unwrap();
    cursor.witness.unwrap().id.parse().unwrap()
}

/// Stops where `wanted` says, deletes the witness, and goes on.
async fn goes_on_without_its_witness(
    world: &World,
    run: (&str, Mode),
    wanted: impl Fn(&Position) -> bool,
) {
    world.stop_where("members", run, wanted).await;
    let there = world.simulator.delete("contacts", witness(world).await);
    assert!(there.unwrap());
    let report = world.complete_as(run.0, run.1).await;
    assert_eq!(members(&report).notes, Vec::<String>::new());
    assert_eq!(generation(world).await, 1);
    world.next_night();
    world.complete("next").await;
    assert_eq!(generation(world).await, 1);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_witness_deleted_while_changes_are_interrupted_is_not_taken_for_a_restore() {
    let world = loaded(of_five_pages(), true, MEMBERS).await;
    let witness = witness(&world).await;
    let others = active(&world.simulator);
    let others = others.iter().map(id_of).filter(|id| *id != witness);
    others.for_each(|id| rename(&world.simulator, id));
    let reading = |position: &Position| matches!(position, Position::Reading { .. });
    goes_on_without_its_witness(&world, ("night", Mode::Delta), reading).await;
}

#[tokio::test]
async fn a_witness_deleted_while_a_walk_over_all_keys_is_interrupted_is_not_taken_for_a_restore() {
    let world = loaded(of_five_pages(), true, MEMBERS).await;
    let listing = |position: &Position| matches!(position, Position::Listing { pages: 1.., .. });
    goes_on_without_its_witness(&world, ("check", Mode::Reconcile), listing).await;
}
