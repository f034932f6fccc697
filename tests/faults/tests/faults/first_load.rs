//! What happens in Dynamics while the first load is running.

use std::time::Duration;

use dynamics_simulator::{FirstLoadToken, Options};
use futures::TryStreamExt;
use serde_json::json;
use sync_engine::{Mode, RunStatus};
use sync_store::Position;

use crate::dying::killed_when;
use crate::members::{generation, members};
use crate::wire::{Cut, Wire};
use crate::world::{MEMBERS, World, invoke, small};

/// Loads five pages; when the third has been served, rows of the first and last page change and one is
/// created.
async fn changed_while_loading(token: FirstLoadToken) {
    let world = World::of(
        Options {
            contacts: 100,
            ..small()
        },
        &[MEMBERS],
    )
    .await;
    world
        .simulator
        .switch(|switches| switches.first_load_token = token);
    let rows: Vec<_> = world.simulator.truth("contacts").unwrap().collect();
    let early = rows[2]["contactid"].as_str().unwrap().parse().unwrap();
    let late = rows[98]["contactid"].as_str().unwrap().parse().unwrap();
    let simulator = world.simulator.clone();
    // Token, who am I, two of metadata, then pages.
    let meddle = move |answers| {
        if answers == 4 + 3 {
            let name = json!({"firstname": "Changed", "statecode": 0});
            simulator
                .update("contacts", early, name.as_object().unwrap().clone())
                .unwrap();
            simulator
                .update("contacts", late, name.as_object().unwrap().clone())
                .unwrap();
            simulator.burst("contacts", 3, 0, 0).unwrap();
        }
    };
    let process = world.process_on(Wire::new(Cut::Never), world.config(), meddle);
    let report = invoke(&process, "first", jiff::Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    let rows = world.simulator.rows("contacts").unwrap();
    assert_eq!(rows, 103, "nothing changed while it loaded");
    world.assert_copy_equals_truth().await;
    world.complete("second").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn rows_changed_during_the_load_are_not_missed_if_the_token_means_the_loads_end() {
    changed_while_loading(FirstLoadToken::End).await;
}

#[tokio::test]
async fn rows_changed_during_the_load_are_not_missed_if_the_token_means_the_loads_start() {
    changed_while_loading(FirstLoadToken::Start).await;
}

#[tokio::test]
async fn pages_that_overlap_and_tell_rows_twice_do_no_harm() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.simulator.switch(|switches| switches.page_overlap = 3);
    let report = world.complete("first").await;
    assert!(report.streams[0].pulled > 60, "no row came twice");
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn an_empty_delta_without_a_new_link_keeps_the_old_one() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let cursor = world.cursor("members").await;
    world
        .simulator
        .switch(|switches| switches.omit_link_of_empty_delta = true);
    world.complete("second").await;
    assert_eq!(world.cursor("members").await, cursor);
    world.simulator.burst("contacts", 2, 2, 2).unwrap();
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

/// The times that reads by modification time began from, as they were asked for.
fn overlaps(world: &World) -> Vec<String> {
    let log = world.simulator.requests();
    let asked = log
        .last
        .iter()
        .filter(|request| request.target.contains("$filter=modifiedon"));
    asked
        .map(|request| request.target.replace("%20", " ").replace("%3A", ":"))
        .collect()
}

#[tokio::test]
async fn the_overlap_of_a_load_that_was_interrupted_reaches_back_to_before_its_first_page() {
    let world = World::of(
        Options {
            contacts: 100,
            ..small()
        },
        &[MEMBERS],
    )
    .await;
    let clock = world.clock.clone();
    let slow = move |_| clock.advance(Duration::from_secs(10));
    let process = world.process_on(Wire::new(Cut::Never), world.config(), slow);
    let report = invoke(&process, "first", world.in_seconds(110)).await;
    assert_eq!(report.status, RunStatus::Continue, "{report:#?}");
    assert_eq!(overlaps(&world), Vec::<String>::new());
    world.clock.advance(Duration::from_secs(3_600));
    world.complete("first").await;
    let [overlap] = &overlaps(&world)[..] else {
        panic!("{:?}", overlaps(&world))
    };
    // The first page was asked for at 23:10:40, after what prepares it; ten minutes before that.
    assert!(
        overlap.contains("modifiedon ge 2026-11-20T23:00:"),
        "{overlap}"
    );
}

#[tokio::test]
async fn the_copys_age_counts_from_when_dynamics_was_asked_and_not_from_when_it_answered() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let clock = world.clock.clone();
    let slow = move |_| clock.advance(Duration::from_secs(10));
    let process = world.process_on(Wire::new(Cut::Never), world.config(), slow);
    let report = invoke(&process, "second", jiff::Timestamp::MAX).await;
    assert!(report.streams[0].lag_seconds >= Some(10), "{report:#?}");
}

#[tokio::test]
async fn a_load_killed_in_its_first_page_is_begun_again_in_a_new_generation_and_sweeps_what_was_deleted_since()
 {
    let world = World::of(small(), &[MEMBERS]).await;
    let store = world.store.clone();
    let so = move || {
        let store = store.clone();
        async move { store.count_live("members").await.unwrap() == 5 }
    };
    let report = killed_when(&world, ("first", Mode::Delta), so).await;
    assert!(report.is_none(), "it was not killed: {report:#?}");
    let cursor = world.cursor("members").await.unwrap();
    assert_eq!(cursor.position, Position::Start);
    let stored: Vec<_> = world.store.records("members").try_collect().await.unwrap();
    let deleted = stored[0].id.parse().unwrap();
    assert!(world.simulator.delete("contacts", deleted).unwrap());

    let report = world.complete("first").await;
    let members = members(&report);
    assert_eq!(members.deleted, 1, "{members:#?}");
    let notes = members.notes.join("; ");
    assert!(
        notes.contains("ended before its first page was stored"),
        "{notes}"
    );
    assert_eq!(generation(&world).await, 2);
    world.assert_copy_equals_truth().await;
    // Though its run was killed before it could say so, the stream is known.
    assert_eq!(world.store.known_streams().await.unwrap().len(), 1);
}
