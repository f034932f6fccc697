//! How long a change is told: until it is mended, dealt with, or has been left alone for long.

use serde_json::{Value as Json, json};
use sync_engine::StreamStatus;

use super::{ADVICE, CERTIFICATIONS, SINCE, alter, certifications, change_back, loaded};
use crate::world::{World, stream_file};

const SHORTER: &str = "column `hlf_mentorcode` (field `mentor_code`) takes at most 8 characters now, and took 20, so longer texts of the app are refused";

/// A stream whose key was shortened since yesterday.
async fn shortened() -> World {
    let world = loaded().await;
    alter(&world, "hlf_mentorcode", json!({ "MaxLength": 8 }));
    world
}

#[tokio::test]
async fn a_change_is_told_in_the_same_words_every_night_until_it_is_changed_back() {
    let world = shortened().await;
    let expected = format!("{SINCE}{SHORTER}{ADVICE}");
    // Also in a run that asks for nothing.
    for (run, passes) in [("second", false), ("third", true), ("fourth", true)] {
        let report = world.complete(run).await;
        let stream = certifications(&report);
        assert_eq!(stream.notes, [expected.as_str()]);
        assert_eq!(stream.schema_changes, Some(1));
        if passes {
            world.next_night();
        }
    }
    change_back(&world);
    let report = world.complete("fifth").await;
    let stream = certifications(&report);
    assert_eq!((stream.schema_changes, stream.notes.len()), (Some(0), 0));
    // What it is measured by from then on.
    world.next_night();
    alter(&world, "hlf_mentorcode", json!({ "MaxLength": 8 }));
    let report = world.complete("sixth").await;
    let told = certifications(&report).told_changes().unwrap();
    assert!(
        told.contains("since the run of 2026-11-23T23:10:00Z: "),
        "{told}"
    );
}

#[tokio::test]
async fn a_change_that_the_stream_file_was_fitted_to_is_not_told_any_more() {
    let mut world = shortened().await;
    assert_eq!(
        certifications(&world.complete("second").await).schema_changes,
        Some(1)
    );
    // A remark is no fitting, and neither is another stream's change.
    let remark = CERTIFICATIONS.replace("where ", "alert = \"coordinators\"\nwhere ");
    world.streams = stream_file(&[&remark]);
    assert_eq!(
        certifications(&world.complete("third").await).schema_changes,
        Some(1)
    );
    let fitted = remark.replace(
        "\"hlf_mentorcode\"\nmentor ",
        "{ column = \"hlf_mentorcode\" }\nmentor ",
    );
    world.streams = stream_file(&[&fitted]);
    assert_eq!(
        certifications(&world.complete("fourth").await).schema_changes,
        Some(1)
    );
    let fitted = fitted.replace("comment     =", "remark      =");
    world.streams = stream_file(&[&fitted]);
    let report = world.complete("fifth").await;
    let stream = certifications(&report);
    assert_eq!(
        (stream.schema_changes, stream.told_changes()),
        (Some(0), None)
    );
}

#[tokio::test]
async fn a_change_that_stops_nothing_is_taken_as_meant_after_14_days_and_that_is_told_once() {
    let world = shortened().await;
    let mut told = 0;
    for night in 0..14 {
        let report = world.complete(&format!("night-{night}")).await;
        told += certifications(&report).schema_changes.unwrap();
        world.next_night();
    }
    assert_eq!(told, 14);
    let report = world.complete("last").await;
    let stream = certifications(&report);
    let meant = format!(
        "what was changed in the table 14 days ago is taken as meant from now on: {SHORTER}"
    );
    assert_eq!(
        (stream.schema_changes, &stream.notes),
        (Some(0), &vec![meant])
    );
    world.next_night();
    let report = world.complete("after").await;
    let stream = certifications(&report);
    assert_eq!((stream.schema_changes, stream.notes.len()), (Some(0), 0));
}

#[tokio::test]
async fn another_change_begins_the_14_days_anew() {
    let world = shortened().await;
    for night in 0..13 {
        world.complete(&format!("night-{night}")).await;
        world.next_night();
    }
    alter(&world, "hlf_comment", json!({ "MaxLength": 10 }));
    for night in 13..20 {
        let report = world.complete(&format!("night-{night}")).await;
        assert_eq!(certifications(&report).schema_changes, Some(2));
        world.next_night();
    }
}

#[tokio::test]
async fn a_change_that_stops_the_stream_is_never_taken_as_meant() {
    let world = loaded().await;
    alter(&world, "hlf_comment", Json::Null);
    for night in 0..20 {
        let report = world.run(&format!("night-{night}")).await;
        let stream = certifications(&report);
        assert_eq!(stream.status, StreamStatus::Failed);
        assert_eq!(stream.schema_changes, Some(1));
        assert!(stream.told_changes().unwrap().starts_with(SINCE));
        world.next_night();
    }
    change_back(&world);
    let report = world.complete("mended").await;
    assert_eq!(certifications(&report).schema_changes, Some(0));
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_stream_file_without_the_column_that_is_gone_ends_what_its_removal_began() {
    let mut world = loaded().await;
    alter(&world, "hlf_comment", Json::Null);
    world.run("second").await;
    let line = "comment     = { column = \"hlf_comment\", clearable = true }\n";
    world.streams = stream_file(&[&CERTIFICATIONS.replace(line, "")]);
    let report = world.complete("third").await;
    let stream = certifications(&report);
    assert_eq!(
        (stream.schema_changes, stream.told_changes()),
        (Some(0), None)
    );
}
