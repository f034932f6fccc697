//! Page links that were saved and are refused when a run goes on from them: the walk begins again, from
//! where nothing is missed, whatever it walks over.

use dynamics_simulator::{Class, Effect, Fault, RetryAfter};
use sync_engine::{Mode, RunReport};
use sync_store::Position;

use crate::members::{fired, generation, members, of_five_pages, set_tracking};
use crate::world::{MEMBERS, World, small};

/// The next saved link is refused, once.
fn refuse_a_link(world: &World) {
    let refusal = Effect::Status {
        status: 400,
        code: "0x8004112A".into(),
        message: "The paging cookie is invalid.".into(),
        retry_after: RetryAfter::Absent,
        html: false,
    };
    let mut fault = Fault::on(Class::Read, refusal).table("contacts");
    fault.on.contains = Some("skiptoken".into());
    world.simulator.inject(fault);
}

/// Stops where `wanted` says, lets rows change, has the saved link refused, and goes on.
async fn stopped_and_refused(
    world: &World,
    run: (&str, Mode),
    wanted: impl Fn(&Position) -> bool,
) -> RunReport {
    world.stop_where("members", run, wanted).await;
    world.simulator.burst("contacts", 2, 4, 4).unwrap();
    refuse_a_link(world);
    let report = world.complete_as(run.0, run.1).await;
    assert_eq!(fired(world), [1]);
    report
}

/// A stream that was loaded, a day ago.
async fn loaded_for(tracked: bool) -> World {
    crate::members::loaded(small(), tracked, MEMBERS).await
}

#[tokio::test]
async fn a_load_whose_saved_link_is_refused_is_begun_again_in_a_new_generation() {
    for tracked in [true, false] {
        let world = World::of(of_five_pages(), &[MEMBERS]).await;
        set_tracking(&world, tracked);
        let loading = |position: &Position| matches!(position, Position::Loading { .. });
        let report = stopped_and_refused(&world, ("first", Mode::Delta), loading).await;
        let notes = members(&report).notes.join("; ");
        assert!(notes.contains("interrupted load"), "{notes}");
        assert_eq!(generation(&world).await, 2);
        // What was deleted after the pages before were stored would stay.
        world.next_night();
        world.complete("second").await;
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn changes_whose_saved_link_is_refused_are_read_again_from_their_mark() {
    for tracked in [true, false] {
        let world = loaded_for(tracked).await;
        world.simulator.burst("contacts", 5, 55, 5).unwrap();
        let reading = |position: &Position| matches!(position, Position::Reading { .. });
        let report = stopped_and_refused(&world, ("second", Mode::Delta), reading).await;
        assert_eq!(members(&report).notes, Vec::<String>::new());
        assert_eq!(generation(&world).await, 1);
        world.next_night();
        world.complete("third").await;
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn an_overlap_whose_saved_link_is_refused_is_read_again() {
    for tracked in [true, false] {
        let world = loaded_for(tracked).await;
        // A full read, all of whose rows were modified a moment ago.
        world.simulator.burst("contacts", 0, 60, 0).unwrap();
        let overlap =
            |position: &Position| matches!(position, Position::Overlap { next: Some(_), .. });
        stopped_and_refused(&world, ("full", Mode::Full), overlap).await;
        assert_eq!(generation(&world).await, 2);
        world.next_night();
        world.complete("second").await;
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn a_walk_over_all_keys_whose_saved_link_is_refused_begins_again() {
    for tracked in [true, false] {
        let world = loaded_for(tracked).await;
        world.simulator.burst("contacts", 2, 4, 4).unwrap();
        let listing =
            |position: &Position| matches!(position, Position::Listing { next: Some(_), .. });
        let report = stopped_and_refused(&world, ("check", Mode::Reconcile), listing).await;
        assert_eq!(members(&report).notes, Vec::<String>::new());
        assert_eq!(generation(&world).await, 1);
        world.next_night();
        world.complete("third").await;
        world.assert_copy_equals_truth().await;
    }
}
