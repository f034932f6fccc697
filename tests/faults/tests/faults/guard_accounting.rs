//! What the mass-change guard counts, and what a release lets happen: deaths, outages and refused links
//! change neither.

use dynamics_simulator::Options;
use serde_json::json;
use sync_engine::{Mode, RunReport, StreamStatus};
use sync_store::Position;
use uuid::Uuid;

use crate::by_hand::record;
use crate::dying::killed_when_left;
use crate::members::{active, delete, id_of, live, loaded, members, release, rename, untracked};
use crate::wire::Throttle;
use crate::world::{CERTIFICATIONS, MEMBERS, World, invoke, small};

/// About sixty members, ten on a page: each page of deletes is just what may vanish without a person.
fn pages_of_ten() -> Options {
    Options {
        contacts: 70,
        page_size_max: 10,
        ..small()
    }
}

fn assert_guarded(report: &RunReport, vanishing: u64) {
    let members = members(report);
    assert_eq!(members.status, StreamStatus::Guarded, "{members:#?}");
    let reason = members.reason.as_deref().unwrap();
    let begins = format!("{vanishing} of ");
    assert!(reason.starts_with(&begins), "{reason}");
}

#[tokio::test]
async fn runs_killed_after_their_deletes_and_before_the_cursor_moved_let_no_more_vanish_than_one() {
    let world = loaded(pages_of_ten(), true, MEMBERS).await;
    let before = live(&world).await;
    delete(&world, 40);
    let mut reports = Vec::new();
    for run_id in ["a", "b", "c"] {
        let left = live(&world).await - 10;
        reports.push(killed_when_left(&world, (run_id, Mode::Delta), left).await);
    }
    assert!(reports[0].is_none(), "nobody was killed: {reports:#?}");
    assert_guarded(reports[2].as_ref().unwrap(), 40);
    assert_eq!(live(&world).await, before - 10);
    release(&world).await;
    world.complete("d").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn sweeps_that_are_killed_let_no_more_vanish_than_one_however_many_generations_begin() {
    let world = loaded(small(), true, MEMBERS).await;
    let before = live(&world).await;
    let mut reports = Vec::new();
    for (run_id, deletes) in [("a", 10), ("b", 9), ("c", 9)] {
        delete(&world, deletes);
        let left = live(&world).await - 9;
        reports.push(killed_when_left(&world, (run_id, Mode::Full), left).await);
    }
    assert!(reports[0].is_none(), "nobody was killed: {reports:#?}");
    assert_guarded(reports[2].as_ref().unwrap(), 10 + 19);
    assert!(live(&world).await >= before - 10);
    release(&world).await;
    world.complete("d").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn walks_over_all_keys_that_are_killed_while_they_compare_let_no_more_vanish_than_one() {
    let world = loaded(small(), false, MEMBERS).await;
    let before = live(&world).await;
    let mut reports = Vec::new();
    for (run_id, deletes) in [("a", 10), ("b", 9), ("c", 9)] {
        delete(&world, deletes);
        let left = live(&world).await - 9;
        reports.push(killed_when_left(&world, (run_id, Mode::Reconcile), left).await);
    }
    assert!(reports[0].is_none(), "nobody was killed: {reports:#?}");
    assert_guarded(reports[2].as_ref().unwrap(), 10 + 18);
    assert_eq!(live(&world).await, before - 10);
    release(&world).await;
    world.complete_as("d", Mode::Reconcile).await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_table_that_throttles_in_the_middle_of_deletes_lets_no_more_vanish_night_by_night() {
    let mut world = loaded(pages_of_ten(), true, MEMBERS).await;
    let before = live(&world).await;
    delete(&world, 40);
    world.throttle = Throttle::all_but_one_in(20, u64::MAX);
    let mut statuses = Vec::new();
    for run_id in ["a", "b", "c"] {
        let deadline = world.in_seconds(33);
        let report = invoke(&world.process(), run_id, deadline).await;
        statuses.push(members(&report).status);
        let left = live(&world).await;
        let some = (before - 10..before).contains(&left);
        assert!(some, "{run_id}: {left} of {before}");
        world.next_night();
    }
    assert_eq!(statuses[0], StreamStatus::Continue);
    world.throttle = Throttle::default();
    let report = world.run("d").await;
    assert_eq!(
        members(&report).status,
        StreamStatus::Guarded,
        "{report:#?}"
    );
    assert!(live(&world).await >= before - 10);
    release(&world).await;
    world.complete("e").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn deletes_on_many_pages_are_shown_together_and_released_together() {
    let world = loaded(pages_of_ten(), true, MEMBERS).await;
    delete(&world, 35);
    assert_guarded(&world.run("second").await, 35);
    let state = world.store.stream_state("members").await.unwrap().unwrap();
    assert_eq!(state.guarded.unwrap().vanishing, 35);
    release(&world).await;
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn more_deletes_after_a_release_than_were_shown_are_guarded_again() {
    let world = loaded(small(), true, MEMBERS).await;
    let before = live(&world).await;
    delete(&world, 20);
    assert_guarded(&world.run("second").await, 20);
    release(&world).await;
    delete(&world, 1_000);
    assert_guarded(&world.run("third").await, before);
    assert!(live(&world).await >= before - 20);
    // Who looks again and releases that too, has it.
    release(&world).await;
    world.complete("fourth").await;
    assert_eq!(live(&world).await, 0);
}

#[tokio::test]
async fn a_release_outlasts_a_saved_link_that_is_refused() {
    let world = loaded(small(), true, MEMBERS).await;
    // Updates come first: the deletes are on a page whose link was saved.
    for row in active(&world.simulator).iter().rev().take(20) {
        rename(&world.simulator, id_of(row));
    }
    delete(&world, 20);
    assert_guarded(&world.run("second").await, 20);
    let position = world.cursor("members").await.unwrap().position;
    assert!(matches!(position, Position::Reading { .. }), "{position:?}");
    release(&world).await;
    let refuse = |on| {
        world
            .simulator
            .switch(|switches| switches.refuse_next_links = on)
    };
    refuse(true);
    let report = world.run("third").await;
    assert_eq!(members(&report).status, StreamStatus::Failed, "{report:#?}");
    refuse(false);
    world.complete("fourth").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_suspension_told_on_a_page_that_the_guard_stops_is_written_all_the_same() {
    let world = World::of(small(), &[CERTIFICATIONS]).await;
    world.complete("first").await;
    let rows = world.simulator.truth("hlf_certifications").unwrap();
    let id = |row: dynamics_simulator::TruthRow| {
        let id = row["hlf_certificationid"].as_str().unwrap();
        id.parse::<Uuid>().unwrap()
    };
    let ids: Vec<Uuid> = rows.map(id).collect();
    for id in &ids[..12] {
        let there = world.simulator.delete("hlf_certifications", *id);
        assert!(there.unwrap());
    }
    let suspended = json!({"hlf_status": 3, "hlf_portalvisible": false});
    let suspended = suspended.as_object().unwrap().clone();
    let update = world
        .simulator
        .update("hlf_certifications", ids[20], suspended);
    assert!(update.unwrap());
    world.next_night();
    let report = world.run("second").await;
    let stream = &report.streams[0];
    assert_eq!(stream.status, StreamStatus::Guarded, "{stream:#?}");
    assert_eq!((stream.stored, stream.deleted), (1, 0), "{stream:#?}");
    let fields = record(&world, "certifications", ids[20]).await["fields"].clone();
    let status = fields.as_m().unwrap()["status"].as_s().unwrap().clone();
    assert_eq!(status, "suspended");
}

#[tokio::test]
async fn what_left_the_stream_on_a_page_that_the_guard_stops_is_not_removed() {
    let world = untracked(small()).await;
    world.complete("first").await;
    world.next_night();
    let before = live(&world).await;
    for row in active(&world.simulator).iter().take(15) {
        let inactive = json!({"statecode": 1});
        crate::members::update(&world.simulator, id_of(row), &inactive);
    }
    assert_guarded(&world.run("second").await, 15);
    assert_eq!(live(&world).await, before);
    release(&world).await;
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}
