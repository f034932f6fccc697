//! An organisation that lets the sync write who is visible and when it was there last, and nothing else.
//! Column security refuses a write that names any other column, even with the value that is there.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use sync_engine::RunReport;
use sync_store::ChangeState;

use super::says;
use crate::expiry::mentors::{NEXT_YEAR, YESTERDAY};
use crate::world::{World, stream_of};

const FILE: &str = include_str!("../../../../../../infra/streams/visibility.toml");
const WRITABLE: [&str; 2] = ["hlf_portalvisible", "hlf_lastsyncedon"];

/// A world in which one certification is there and nothing but visibility and stamp may be written.
async fn locked(valid_to: &str) -> (World, String) {
    let world = super::world(FILE).await;
    let id = world.certification("M-1", valid_to);
    let row = world.row("hlf_certifications", &id);
    let columns = row.as_object().unwrap().keys().map(|property| {
        let lookup = property.strip_prefix('_');
        let lookup = lookup.and_then(|rest| rest.strip_suffix("_value"));
        lookup.unwrap_or(property).to_owned()
    });
    let locked: BTreeSet<String> = columns
        .filter(|column| !WRITABLE.contains(&column.as_str()))
        .collect();
    assert!(locked.contains("hlf_status") && locked.contains("hlf_contactid"));
    world.simulator.switch(|switches| {
        let table = "hlf_certifications".to_owned();
        switches.locked_columns.insert(table, locked);
    });
    (world, id)
}

/// Nothing was refused, and nothing waits because it was.
fn assert_nothing_was_refused(report: &RunReport) {
    let stream = stream_of(report, "certifications");
    assert_eq!((stream.refused, stream.waiting), (0, 0), "{stream:#?}");
    let mut notes = stream.notes.iter();
    assert!(
        notes.all(|note| note.starts_with("these rows differ from what was asserted")),
        "{stream:#?}"
    );
}

fn visibility(operation: &str, visible: bool) -> Json {
    json!({
        "stream": "certifications", "operation": operation, "key": {"mentor_code": "m-1"},
        "fields": {"portal_visible": visible}
    })
}

#[tokio::test]
async fn where_only_visibility_and_stamp_may_be_written_the_app_hides_and_shows() {
    let (world, id) = locked(NEXT_YEAR).await;
    world.complete("first").await;
    for (run, operation, visible) in [("second", "update", false), ("third", "upsert", true)] {
        world.next_night();
        let change = world.post(&visibility(operation, visible)).await;
        let report = world.complete(run).await;
        assert_nothing_was_refused(&report);
        assert_eq!(stream_of(&report, "certifications").pushed, 1);
        world.assert_state(&change, ChangeState::Applied).await;
        assert_eq!(says(&world, &id), (json!(1), json!(visible), true));
    }
    assert_eq!(world.writes(), 2);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_change_of_what_dynamics_owns_is_turned_away_at_the_door() {
    let (world, _) = locked(NEXT_YEAR).await;
    let mut body = visibility("update", false);
    body["fields"]["status"] = json!("suspended");
    body["fields"]["valid_to"] = json!(NEXT_YEAR);
    assert_eq!(
        world.turned_away(&body).await,
        [
            ("/fields/status".to_owned(), "owned-by-dynamics"),
            ("/fields/valid_to".to_owned(), "owned-by-dynamics")
        ]
    );
}

#[tokio::test]
async fn an_expiry_hides_in_dynamics_and_leaves_the_status_alone_and_a_new_date_shows_again() {
    let (world, id) = locked(YESTERDAY).await;
    let report = world.complete("first").await;
    assert_nothing_was_refused(&report);
    assert_eq!(says(&world, &id), (json!(1), json!(false), true));
    world.assert_at_rest().await;

    world.next_night();
    world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
    let report = world.complete("second").await;
    assert_nothing_was_refused(&report);
    assert_eq!(says(&world, &id), (json!(1), json!(true), true));
    let shown = world.sees("certifications", &id, "portal_visible").await;
    assert_eq!(shown.as_bool(), Ok(&true));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn visibility_that_dynamics_changes_is_asserted_again() {
    for visible in [false, true] {
        let (world, id) = locked(NEXT_YEAR).await;
        world.edit(&id, json!({"hlf_portalvisible": visible}));
        world.complete("first").await;
        world.next_night();
        world.edit(&id, json!({"hlf_portalvisible": !visible, "hlf_status": 3}));
        let report = world.complete("second").await;
        assert_nothing_was_refused(&report);
        assert_eq!(stream_of(&report, "certifications").asserted, 1);
        assert_eq!(says(&world, &id), (json!(3), json!(visible), true));
        world.assert_at_rest().await;
    }
}
