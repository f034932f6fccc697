//! What is no matter, and what looking costs.

use serde_json::json;
use sync_engine::{Mode, StreamStatus};

use super::{CERTIFICATIONS, alter, asked, certifications, loaded, options, remembered};
use crate::wire::{Cut, Wire};
use crate::world::{MEMBERS, World, invoke_as, small, stream_file};

/// Choices and states, lines and single lines of text, two for lookups, keys.
const ASKED: usize = 7;

#[tokio::test]
async fn what_the_definition_does_not_tell_is_asked_for_once_a_night() {
    let world = World::of(small(), &[CERTIFICATIONS]).await;
    let report = world.complete("first").await;
    // With token, identity, the definition and its dates, and how deep the user may read.
    assert_eq!(report.preparing_requests, 5 + ASKED as u64);
    assert_eq!(asked(&world), ASKED);
    let known = remembered(&world).await.unwrap();
    for run in ["second", "third"] {
        let report = world.complete(run).await;
        assert_eq!(asked(&world), 0);
        assert_eq!(certifications(&report).schema_changes, Some(0));
        assert_eq!(remembered(&world).await.unwrap(), known, "it was written");
    }
    // A little early.
    world.next_night();
    world.clock.set(world.in_seconds(-60 * 60));
    world.complete("night").await;
    assert_eq!(asked(&world), ASKED);
}

#[tokio::test]
async fn a_stream_that_only_reads_plain_columns_and_has_no_choice_in_where_costs_nothing_more() {
    let plain = MEMBERS.replace("where = { statecode = 0 }\n", "");
    let world = World::of(small(), &[&plain]).await;
    let report = world.complete("first").await;
    assert_eq!(report.preparing_requests, 5);
    assert_eq!(asked(&world), 0);
}

#[tokio::test]
async fn a_run_that_reads_everything_asks_once_however_many_invocations_it_takes() {
    let world = loaded().await;
    world.complete("second").await;
    for mode in [Mode::Full, Mode::Reconcile] {
        asked(&world);
        let run = format!("{mode:?}");
        for expected in [ASKED, 0] {
            let process = world.process_on(Wire::new(Cut::Never), world.config(), |_| {});
            invoke_as(&process, &run, mode, jiff::Timestamp::MAX).await;
            assert_eq!(asked(&world), expected, "{mode:?}");
        }
    }
}

#[tokio::test]
async fn what_does_not_matter_to_the_stream_is_not_told_and_learnt_at_once() {
    let world = loaded().await;
    alter(&world, "hlf_mentorcode", json!({ "MaxLength": 200 }));
    alter(&world, "hlf_comment", json!({ "DisplayName": null }));
    alter(&world, "new_column", json!({}));
    alter(&world, "hlf_fee", json!({ "AttributeType": "String" }));
    let more = [(0, "Active"), (1, "Inactive"), (2, "Locked")];
    alter(&world, "statecode", options(&more));
    let report = world.complete("second").await;
    let stream = certifications(&report);
    assert_eq!(stream.schema_changes, Some(0));
    assert!(stream.notes.is_empty(), "{stream:#?}");
    // What is longer now is what a shortening is measured by.
    world.next_night();
    alter(&world, "hlf_mentorcode", json!({ "MaxLength": 100 }));
    let report = world.complete("third").await;
    let told = certifications(&report).told_changes().unwrap();
    assert!(told.contains("2026-11-21T23:10:00Z"), "{told}");
    assert!(
        told.contains("at most 100 characters now, and took 200"),
        "{told}"
    );
}

#[tokio::test]
async fn columns_of_a_stream_that_only_reads_may_be_shorter_demanded_or_locked() {
    let pulled = CERTIFICATIONS
        .replace("direction = \"both\"\n", "")
        .replace(", clearable = true", "");
    let world = World::of(small(), &[&pulled]).await;
    world.complete("first").await;
    world.next_night();
    let demanded = json!({
        "MaxLength": 5,
        "RequiredLevel": { "Value": "SystemRequired" },
        "IsValidForUpdate": false,
    });
    alter(&world, "hlf_comment", demanded);
    let report = world.complete("second").await;
    let stream = certifications(&report);
    assert!(stream.notes.is_empty(), "{stream:#?}");
}

#[tokio::test]
async fn the_table_of_another_environment_is_learnt_anew() {
    let world = loaded().await;
    alter(&world, "hlf_mentorcode", json!({ "MaxLength": 8 }));
    world
        .simulator
        .set_organization_id(uuid::Uuid::from_u128(7));
    let report = world.complete("second").await;
    let stream = certifications(&report);
    assert_eq!(
        (stream.schema_changes, stream.told_changes()),
        (Some(0), None)
    );
    world.next_night();
    let report = world.complete("third").await;
    assert_eq!(certifications(&report).schema_changes, Some(0));
}

#[tokio::test]
async fn a_stream_file_that_names_another_table_is_not_told_as_a_change_in_dynamics() {
    let mut world = loaded().await;
    // One that is not there, and one of other columns.
    for table in ["hlf_certificationz", "contacts"] {
        let edited = CERTIFICATIONS.replace(super::TABLE, table);
        world.streams = stream_file(&[&edited]);
        let report = world.run(table).await;
        let stream = certifications(&report);
        assert_eq!(stream.status, StreamStatus::Failed, "{table}");
        assert_eq!(
            (stream.schema_changes, stream.told_changes()),
            (None, None),
            "{table}"
        );
    }
}
