//! The stream `members` alone, as most tests about one stream have it: sizes of its table, switches of
//! Dynamics, edits, and looks at what became of it.
//!
//! Never in here: an expectation.

use dynamics_simulator::{Depth, Options, Simulator, TruthRow};
use serde_json::{Value as Json, json};
use sync_engine::{RunReport, StreamReport};
use sync_store::CursorKind;
use uuid::Uuid;

use crate::world::{MEMBERS, World, small, stream_of};

pub(crate) fn members(report: &RunReport) -> &StreamReport {
    stream_of(report, "members")
}

pub(crate) fn of_contacts(contacts: u64) -> Options {
    Options {
        contacts,
        ..small()
    }
}

/// Five pages of keys, or of rows.
pub(crate) fn of_five_pages() -> Options {
    Options {
        contacts: 25,
        page_size_max: 5,
        ..small()
    }
}

/// As many rows on a page as Dataverse gives.
pub(crate) fn of_large_pages(contacts: u64) -> Options {
    Options {
        contacts,
        page_size_max: 5_000,
        ..small()
    }
}

pub(crate) async fn untracked(options: Options) -> World {
    let world = World::of(options, &[MEMBERS]).await;
    set_tracking(&world, false);
    world
}

/// A stream that was loaded, a day ago.
pub(crate) async fn loaded(options: Options, tracked: bool, stream: &str) -> World {
    let world = World::of(options, &[stream]).await;
    set_tracking(&world, tracked);
    world.complete("first").await;
    world.next_night();
    world
}

pub(crate) fn set_tracking(world: &World, on: bool) {
    world.simulator.switch(|switches| match on {
        true => drop(switches.untracked.remove("contacts")),
        false => drop(switches.untracked.insert("contacts".into())),
    });
}

pub(crate) fn set_depth(simulator: &Simulator, depth: Depth) {
    simulator.switch(|switches| {
        switches.read_depth.insert("contacts".into(), depth);
    });
}

pub(crate) fn active(simulator: &Simulator) -> Vec<TruthRow> {
    let rows = simulator.truth("contacts").unwrap();
    rows.filter(|row| row["statecode"] == 0).collect()
}

pub(crate) fn id_of(row: &TruthRow) -> Uuid {
    row["contactid"].as_str().unwrap().parse().unwrap()
}

pub(crate) fn update(simulator: &Simulator, id: Uuid, values: &Json) {
    let values = values.as_object().unwrap().clone();
    assert!(simulator.update("contacts", id, values).unwrap());
}

pub(crate) fn rename(simulator: &Simulator, id: Uuid) {
    update(simulator, id, &json!({"firstname": "Changed"}));
}

/// Deletes so many contacts that belong to the stream.
pub(crate) fn delete(world: &World, count: usize) {
    for row in active(&world.simulator).iter().take(count) {
        let there = world.simulator.delete("contacts", id_of(row));
        assert!(there.unwrap());
    }
}

pub(crate) async fn kind(world: &World) -> CursorKind {
    world.cursor("members").await.unwrap().kind
}

pub(crate) async fn generation(world: &World) -> u64 {
    world.cursor("members").await.unwrap().generation
}

pub(crate) async fn live(world: &World) -> u64 {
    world.store.count_live("members").await.unwrap()
}

/// How often each of the faults struck that were ordered.
pub(crate) fn fired(world: &World) -> Vec<u32> {
    let faults = world.simulator.faults_fired();
    faults.iter().map(|report| report.fired).collect()
}

/// A person says that what the guard stopped may happen.
pub(crate) async fn release(world: &World) {
    let guarded = world
        .store
        .release_guard("members", sync_store::Guard::Vanishing)
        .await
        .unwrap();
    assert!(guarded.is_some(), "nothing was guarded");
}
