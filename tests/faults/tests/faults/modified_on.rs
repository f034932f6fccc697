//! Streams whose changes are told by `modifiedon`, because their table has no change tracking: what
//! changes is followed, deletes included, and so is a switch of the tracking.
//!
//! Never in here: a user who may not read the whole table (`narrow_sight`).

use std::time::Duration;

use clock::Clock;
use dynamics_simulator::{Class, Request, Simulator, TruthRow};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sync_engine::{Mode, RunStatus};
use sync_store::CursorKind;

use crate::members::{
    generation, id_of, kind, live, members, of_five_pages, set_tracking, untracked, update,
};
use crate::wire::{Cut, Wire};
use crate::world::{MEMBERS, World, invoke, small, stream_file};

/// How many requests for the table's rows used change tracking's tokens.
pub(crate) fn deltas(world: &World) -> usize {
    let log = world.simulator.requests();
    let by_token = |request: &&Request| request.target.contains("deltatoken");
    log.last.iter().filter(by_token).count()
}

#[tokio::test]
async fn a_table_without_change_tracking_is_loaded_and_its_creates_updates_and_deletes_followed() {
    let world = untracked(small()).await;
    world.complete("first").await;
    world.assert_copy_equals_truth().await;
    assert_eq!(kind(&world).await, CursorKind::ModifiedOn);
    for night in 0..3 {
        world.next_night();
        world.simulator.burst("contacts", 5, 20, 5).unwrap();
        let report = world.complete(&format!("night-{night}")).await;
        let members = members(&report);
        assert!(members.stored > 0 && members.deleted > 0, "{members:#?}");
        assert_eq!(members.repaired, 0, "{members:#?}");
        world.assert_copy_equals_truth().await;
    }
    world.next_night();
    let report = world.complete("quiet").await;
    let members = members(&report);
    let wrote = (members.stored, members.deleted, members.repaired);
    assert_eq!(wrote, (0, 0, 0), "{members:#?}");
    assert_eq!(deltas(&world), 0);
}

#[tokio::test]
async fn without_change_tracking_a_second_run_in_one_night_does_not_walk_the_keys_again() {
    let world = untracked(small()).await;
    world.complete("first").await;
    world.next_night();
    let nightly = world.complete("second").await;
    let again = world.complete("third").await;
    // One request for what changed, three for the keys of 60 rows.
    assert_eq!(members(&nightly).requests, 1 + 3);
    assert_eq!(members(&again).requests, 1);
}

#[tokio::test]
async fn rows_modified_at_the_same_time_across_page_borders_all_come_and_are_written_once() {
    for page_overlap in [0, 3] {
        let world = untracked(small()).await;
        world.complete("first").await;
        world.next_night();
        let now = format!("{:.0}", world.clock.now());
        world.simulator.burst("contacts", 0, 50, 0).unwrap();
        world
            .simulator
            .switch(|switches| switches.page_overlap = page_overlap);
        let rows = world.simulator.truth("contacts").unwrap();
        let tied: Vec<_> = rows.filter(|row| row["modifiedon"] == now).collect();
        assert_eq!(tied.len(), 50, "they do not share a time");
        let active = tied.iter().filter(|row| row["statecode"] == 0).count();
        let report = world.complete("second").await;
        let members = members(&report);
        assert_eq!(
            members.stored,
            u64::try_from(active).unwrap(),
            "{members:#?}"
        );
        let overlapped = members.pulled > 50;
        assert_eq!(overlapped, page_overlap > 0, "{members:#?}");
        assert_eq!(members.repaired, 0, "{members:#?}");
        world.assert_copy_equals_truth().await;
    }
}

/// A first load in five pages; when the third has been served, `meddle` is called with all
/// rows.
async fn loaded_while(meddle: impl Fn(&Simulator, &[TruthRow]) + Send + Sync + 'static) -> World {
    let world = untracked(of_five_pages()).await;
    let simulator = world.simulator.clone();
    let process = world.process_on(Wire::new(Cut::Never), world.config(), move |_| {
        if simulator.requests().of(Class::Read) == 3 {
            let rows: Vec<_> = simulator.truth("contacts").unwrap().collect();
            meddle(&simulator, &rows);
        }
    });
    let report = invoke(&process, "first", Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    world
}

#[tokio::test]
async fn rows_changed_and_created_while_the_load_runs_are_in_the_copy_when_it_ends() {
    let world = loaded_while(|simulator, rows| {
        let name = json!({"firstname": "Changed", "statecode": 0});
        update(simulator, id_of(&rows[2]), &name);
        update(simulator, id_of(&rows[23]), &name);
        simulator.burst("contacts", 6, 0, 0).unwrap();
    })
    .await;
    assert_eq!(world.simulator.rows("contacts").unwrap(), 31);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_row_deleted_while_the_load_runs_vanishes_the_next_night() {
    let world = loaded_while(|simulator, rows| {
        let first = rows.iter().find(|row| row["statecode"] == 0).unwrap();
        assert!(simulator.delete("contacts", id_of(first)).unwrap());
    })
    .await;
    let verdict = &world.judge().await[0];
    assert_eq!(
        verdict.unexpected.len(),
        1,
        "it was not read before: {verdict}"
    );
    world.next_night();
    let report = world.complete("second").await;
    assert_eq!(members(&report).deleted, 1);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn change_tracking_that_is_switched_off_and_on_again_is_followed_deletes_included() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    for (run_id, on, expected, said) in [
        ("off", false, CursorKind::ModifiedOn, "was switched off"),
        (
            "on",
            true,
            CursorKind::ChangeTracking,
            "by change tracking from now on",
        ),
    ] {
        world.next_night();
        set_tracking(&world, on);
        world.simulator.burst("contacts", 3, 8, 3).unwrap();
        let report = world.complete(run_id).await;
        let notes = members(&report).notes.join("; ");
        assert!(notes.contains(said), "{notes}");
        assert_eq!(kind(&world).await, expected);
        world.assert_copy_equals_truth().await;
        world.next_night();
        world.simulator.burst("contacts", 3, 8, 3).unwrap();
        let report = world.complete(&format!("{run_id} for a night")).await;
        // That it is off is told until it is on again.
        assert_eq!(members(&report).notes.len(), usize::from(!on));
        assert_eq!(members(&report).schema_changes, Some(u64::from(!on)));
        world.assert_copy_equals_truth().await;
    }
    assert_eq!(generation(&world).await, 3);
}

#[tokio::test]
async fn rows_modified_before_the_anchor_do_not_belong_until_they_are_modified() {
    for tracked in [true, false] {
        let mut world = World::of(small(), &[MEMBERS]).await;
        set_tracking(&world, tracked);
        let anchored = MEMBERS.replace("where =", "anchor = 2022-01-01\nwhere =");
        world.streams = stream_file(&[&anchored]);
        world.complete("first").await;
        let found = live(&world).await;
        assert!((5..50).contains(&found), "{found} rows belong");
        world.assert_copy_equals_truth().await;

        let is_old = |row: &TruthRow| {
            row["statecode"] == 0 && row["modifiedon"].as_str().unwrap() < "2021-12-31"
        };
        let old = world
            .simulator
            .truth("contacts")
            .unwrap()
            .find(is_old)
            .unwrap();
        world.next_night();
        update(
            &world.simulator,
            id_of(&old),
            &json!({"firstname": "Changed"}),
        );
        let report = world.complete_as("second", Mode::Reconcile).await;
        assert_eq!(members(&report).repaired, 0);
        assert_eq!(live(&world).await, found + 1);
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn a_copy_whose_keys_were_not_walked_since_a_delete_does_not_claim_to_be_fresher_than_the_walk()
 {
    let world = untracked(small()).await;
    world.complete("first").await;
    world.next_night();
    let walked = world.clock.now();
    world.complete("second").await;
    world.clock.advance(Duration::from_secs(60 * 60));
    let deleted = world.simulator.truth("contacts").unwrap();
    let deleted = deleted
        .filter(|row| row["statecode"] == 0)
        .map(|row| id_of(&row))
        .min();
    let there = world.simulator.delete("contacts", deleted.unwrap());
    assert!(there.unwrap());
    world.clock.advance(Duration::from_secs(60 * 60));
    let before = live(&world).await;
    let report = world.complete("third").await;
    assert_eq!(live(&world).await, before, "the keys were walked");
    let as_of = world.store.as_of("members").await.unwrap().unwrap();
    assert!(
        as_of.as_of <= walked + SignedDuration::from_secs(1),
        "{as_of:?}"
    );
    assert!(
        members(&report).lag_seconds >= Some(2 * 60 * 60 - 1),
        "{report:#?}"
    );

    world.next_night();
    let report = world.complete("fourth").await;
    assert_eq!(members(&report).lag_seconds, Some(0));
    world.assert_copy_equals_truth().await;
}
