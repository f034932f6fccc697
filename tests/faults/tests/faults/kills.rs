//! Killed at every point: before and after each call on the wire of a scenario of four runs. Whatever
//! runs next goes on, the scenario is played to its end, and the copy equals the truth.
//!
//! What a death leaves behind is what Dynamics and the tables hold then. So here, of the places between
//! which none of that changed, one is chosen; that nothing changed is looked up at every place. `make
//! soak` dies at each of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;

use dynamics_simulator::Class;
use sync_engine::StreamReport;
use sync_store::{CursorKind, Position};
use uuid::Uuid;

use crate::frozen::{Frozen, Item, items_of};
use crate::scenario::{self, STEPS, Size, Step};
use crate::wire::{Cut, Look, Wire};
use crate::world::{World, say};

/// Few rows, but several pages.
const TINY: Size = Size { rows: 16, page: 5 };

/// Longer than a lease lasts.
const LEASE_PASSES: Duration = Duration::from_secs(91);

/// Which of the places where the wire could be cut it is cut at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Thoroughness {
    /// Of places between which nothing changed in Dynamics and in the tables, the first: whoever goes on
    /// from there finds the same.
    EachState,
    /// Every one.
    EachCall,
}

/// One run of the scenario as it goes if nobody kills it.
struct Rehearsed {
    step: Step,
    before: Frozen,
    /// Where it is killed.
    cuts: Vec<Cut>,
    /// Where it could be: before and after each of its calls.
    places: usize,
}

/// Plays the scenario, and makes sure that everything happens in it that it is there for.
async fn rehearse(world: &World, thoroughness: Thoroughness) -> Vec<Rehearsed> {
    let mut rehearsed = Vec::new();
    for step in STEPS {
        step.prepare(world).await;
        step.spoil(world);
        world.simulator.reset_requests();
        let before = world.freeze().await;
        let watcher = Watcher::of(world);
        let wire = Wire::watched(watcher.look(thoroughness));
        let report = step.complete(world, &wire, &step.run_id()).await;
        assert_happened(world, step, &report.streams[0]).await;
        let (cuts, places) = watcher.seen();
        assert_eq!(places as u64, 2 * wire.calls());
        rehearsed.push(Rehearsed {
            step,
            before,
            cuts,
            places,
        });
    }
    assert_settled(world, "nobody was killed").await;
    rehearsed
}

/// Kills the scenario wherever `chosen` says, by the number of the place.
async fn kill_everywhere(size: Size, thoroughness: Thoroughness, chosen: fn(usize) -> bool) {
    let mut world = scenario::world(size).await;
    let scenario = rehearse(&world, thoroughness).await;
    let (mut number, mut deaths) = (0, 0);
    for (place, run) in scenario.iter().enumerate() {
        for cut in &run.cuts {
            number += 1;
            if chosen(number) {
                world.thaw(&run.before).await;
                run.step.spoil(&world);
                survive(&world, place, *cut).await;
                deaths += 1;
            }
        }
    }
    let places: usize = scenario.iter().map(|run| run.places).sum();
    say(&format!(
        "{places} places to cut the wire at; {number} differ; killed at {deaths} of these"
    ));
}

/// The run at this place of the scenario is killed, and the scenario goes on to its end.
async fn survive(world: &World, place: usize, cut: Cut) {
    let step = STEPS[place];
    let when = format!("{step:?}, {cut:?}");
    let run_id = step.run_id();
    let wire = Wire::new(cut);
    tokio::select! {
        report = step.run(world, &wire, &run_id) => panic!("{when}: not killed: {report:#?}"),
        () = wire.died() => {}
    }
    world.clock.advance(LEASE_PASSES);
    step.meanwhile(world);
    let wire = Wire::new(Cut::Never);
    // The state machine calls the same run again; the schedule, had it given up, another.
    let run_id = match cut {
        Cut::Before(call) | Cut::After(call) if call % 2 == 0 => format!("{run_id}-2"),
        _ => run_id,
    };
    step.complete(world, &wire, &run_id).await;
    // What happened meanwhile may be told after what the run went on with.
    Step::Delta.complete(world, &wire, "next").await;
    assert_equal(world, step.spoiled(world), &when).await;
    for step in &STEPS[place + 1..] {
        step.prepare(world).await;
        step.spoil(world);
        step.complete(world, &wire, &step.run_id()).await;
    }
    assert_settled(world, &when).await;
}

/// The copy equals the truth, but for the row that cannot be read.
async fn assert_equal(world: &World, spoiled: Option<Uuid>, when: &str) {
    let verdict = world.judge().await.remove(0);
    let spoiled = spoiled.map(|id| id.to_string());
    let different = verdict.different.iter().map(|(id, _)| id);
    let mut wrong = (verdict.missing.iter())
        .chain(&verdict.unexpected)
        .chain(different);
    assert!(
        wrong.all(|id| Some(id) == spoiled.as_ref()) && verdict.found > 0,
        "{when}: {verdict}"
    );
}

/// The copy equals the truth, nothing is set aside, and a further run writes nothing.
async fn assert_settled(world: &World, when: &str) {
    let wire = Wire::new(Cut::Never);
    assert_equal(world, None, when).await;
    assert_eq!(
        world
            .store
            .count_quarantined("certifications")
            .await
            .unwrap(),
        0,
        "{when}"
    );
    let before = records(world).await;
    let report = Step::Delta.complete(world, &wire, "further").await;
    let stream = &report.streams[0];
    assert_eq!(
        (stream.stored, stream.deleted),
        (0, 0),
        "{when} did not settle"
    );
    assert_same(&before, &records(world).await, when);
}

fn assert_same(before: &[Item], after: &[Item], when: &str) {
    assert_eq!(before.len(), after.len(), "{when}");
    for (before, after) in before.iter().zip(after) {
        let written: Vec<_> = after
            .iter()
            .filter(|(name, value)| before.get(*name) != Some(*value))
            .collect();
        assert!(
            before == after,
            "{when}: a further run wrote {:?}: {written:?}",
            after["id"]
        );
    }
}

/// All records, in an order of their own.
async fn records(world: &World) -> Vec<Item> {
    let mut items = items_of(&world.dynamodb(), "records").await;
    items.retain(|item| item.contains_key("version"));
    items.sort_by_key(|item| item["id"].as_s().unwrap().clone());
    items
}

/// The run did what it is in the scenario for.
async fn assert_happened(world: &World, step: Step, report: &StreamReport) {
    let cursor = world.cursor("certifications").await.unwrap();
    let log = world.simulator.requests();
    let told = |text: &str| report.notes.iter().any(|note| note.contains(text));
    let asked = |text: &str| log.last.iter().any(|request| request.target.contains(text));
    assert_eq!(cursor.kind, CursorKind::ChangeTracking);
    assert!(
        matches!(cursor.position, Position::Settled { .. }) && cursor.swept,
        "{cursor:?}"
    );
    match step {
        Step::Load => {
            assert_eq!((cursor.generation, report.deleted), (1, 0));
            assert!(
                log.of(Class::Read) >= 4 && asked("modifiedon%20ge"),
                "{log:#?}"
            );
        }
        Step::Delta => {
            // Two deletes and one that left.
            assert_eq!((cursor.generation, report.deleted), (1, 3), "{report:#?}");
            assert!(report.stored >= 2 && report.suppressed >= 1, "{report:#?}");
            assert_eq!(report.quarantined, 1);
        }
        Step::Again => {
            assert_eq!(cursor.generation, 2);
            assert!(told("change-tracking token"), "{report:#?}");
            assert_eq!((report.deleted, report.quarantined), (1, 1), "{report:#?}");
        }
        Step::Keys => {
            assert_eq!((report.quarantined, report.repaired), (0, 1), "{report:#?}");
            let walk = cursor.walk.unwrap();
            assert!(walk.ended && walk.run_id == step.run_id(), "{walk:?}");
        }
    }
}

/// Half of the places each, side by side.
#[tokio::test]
async fn killed_at_any_call_the_next_run_goes_on_and_nothing_is_lost() {
    kill_everywhere(TINY, Thoroughness::EachState, |number| number % 2 == 0).await;
}

#[tokio::test]
async fn killed_at_any_other_call_the_next_run_goes_on_and_nothing_is_lost() {
    kill_everywhere(TINY, Thoroughness::EachState, |number| number % 2 == 1).await;
}

/// Every place, also where nothing changed since the one before, and twice the rows.
#[tokio::test]
#[ignore = "takes long; make soak runs it"]
async fn soak_killed_at_every_single_call() {
    const LARGER: Size = Size { rows: 28, page: 5 };
    kill_everywhere(LARGER, Thoroughness::EachCall, |_| true).await;
}

/// Looks at both tables wherever the wire could be cut. (A pull changes nothing in Dynamics.)
#[derive(Clone)]
struct Watcher {
    client: Client,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    last: Option<Vec<Vec<Item>>>,
    cuts: Vec<Cut>,
    places: usize,
}

impl Watcher {
    fn of(world: &World) -> Self {
        Self {
            client: world.dynamodb(),
            seen: Arc::default(),
        }
    }

    fn look(&self, thoroughness: Thoroughness) -> Look {
        let watcher = self.clone();
        Arc::new(move |cut| {
            let watcher = watcher.clone();
            Box::pin(async move {
                let state = items_of(&watcher.client, "state").await;
                let tables = vec![state, items_of(&watcher.client, "records").await];
                let mut seen = watcher.seen.lock().unwrap();
                seen.places += 1;
                let changed = seen.last.as_ref() != Some(&tables);
                if changed || thoroughness == Thoroughness::EachCall {
                    seen.cuts.push(cut);
                }
                seen.last = Some(tables);
            })
        })
    }

    fn seen(&self) -> (Vec<Cut>, usize) {
        let seen = self.seen.lock().unwrap();
        (seen.cuts.clone(), seen.places)
    }
}
