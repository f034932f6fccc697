//! What happens in Dynamics while the first load is running.

use dynamics_simulator::{FirstLoadToken, Options};
use serde_json::json;
use sync_engine::RunStatus;

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
    world.complete("first").await;
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
