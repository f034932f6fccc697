//! Killed at every point: before and after each call on the wire, of a run with a first load, and of a
//! run with a delta. The next run goes on, and the copy equals the truth.

use std::time::Duration;

use dynamics_simulator::Options;
use jiff::Timestamp;
use sync_engine::{Engine, Limits};
use sync_store::Position;

use crate::wire::{Cut, Wire};
use crate::world::{MEMBERS, World, invoke};

/// Few rows, but several pages.
fn tiny() -> Options {
    Options {
        contacts: 14,
        certifications: 1,
        page_size_max: 5,
        ..Options::default()
    }
}

async fn loaded_and_changed() -> World {
    let world = World::of(tiny(), &[MEMBERS]).await;
    world.complete("before").await;
    world.simulator.burst("contacts", 4, 6, 3).unwrap();
    world.next_night();
    world
}

fn one_at_a_time(world: &World, wire: Wire) -> Engine {
    let limits = Limits {
        streams: 1,
        writes: 1,
    };
    Engine {
        limits,
        ..world.process_on(wire, world.config(), |_| {})
    }
}

/// How many calls one whole run makes.
async fn calls_of(world: &World) -> u64 {
    let wire = Wire::new(Cut::Never);
    let process = one_at_a_time(world, wire.clone());
    invoke(&process, "count", Timestamp::MAX).await;
    wire.calls()
}

/// Runs until the process dies; one write at a time, so that every run makes the same calls.
async fn killed(world: &World, cut: Cut) -> bool {
    let wire = Wire::new(cut);
    let process = one_at_a_time(world, wire.clone());
    tokio::select! {
        _ = invoke(&process, "killed", Timestamp::MAX) => false,
        () = wire.died() => true,
    }
}

async fn survives(world: World, cut: Cut) -> bool {
    let died = killed(&world, cut).await;
    world.clock.advance(Duration::from_secs(91));
    world.complete("next").await;
    world.assert_copy_equals_truth().await;
    let report = world.complete("again").await;
    assert_eq!(
        report.streams[0].stored + report.streams[0].deleted,
        0,
        "{cut:?} did not settle"
    );
    died
}

#[tokio::test]
async fn a_first_load_killed_before_or_after_any_call_is_finished_by_the_next_run() {
    let calls = calls_of(&World::of(tiny(), &[MEMBERS]).await).await;
    let mut deaths = 0;
    for number in 1..=calls {
        for cut in [Cut::Before(number), Cut::After(number)] {
            deaths += u64::from(survives(World::of(tiny(), &[MEMBERS]).await, cut).await);
        }
    }
    assert_eq!(deaths, 2 * calls, "not every kill happened");
}

#[tokio::test]
async fn a_delta_killed_before_or_after_any_call_is_finished_by_the_next_run() {
    let calls = calls_of(&loaded_and_changed().await).await;
    let mut deaths = 0;
    for number in 1..=calls {
        for cut in [Cut::Before(number), Cut::After(number)] {
            deaths += u64::from(survives(loaded_and_changed().await, cut).await);
        }
    }
    assert_eq!(deaths, 2 * calls, "not every kill happened");
}

#[tokio::test]
async fn a_load_killed_after_a_page_goes_on_from_that_page() {
    let world = World::of(tiny(), &[MEMBERS]).await;
    let calls = calls_of(&World::of(tiny(), &[MEMBERS]).await).await;
    // Early enough to be in the middle, late enough to have saved a page.
    killed(&world, Cut::Before(calls * 2 / 3)).await;
    let cursor = world.cursor("members").await.unwrap();
    assert!(
        matches!(cursor.position, Position::Loading { .. }),
        "{cursor:?}"
    );
    world.clock.advance(Duration::from_secs(91));
    let pages_before = world
        .simulator
        .requests()
        .of(dynamics_simulator::Class::Read);
    let report = world.complete("next").await;
    let pages = world
        .simulator
        .requests()
        .of(dynamics_simulator::Class::Read)
        - pages_before;
    assert_eq!(pages, report.streams[0].requests);
    assert!(
        pages < 3 + 1,
        "it read {pages} pages, as many as a load from the start"
    );
    world.assert_copy_equals_truth().await;
}
