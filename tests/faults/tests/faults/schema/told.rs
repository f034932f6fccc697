//! Each kind of change, and the text that tells of it.

use dynamics_simulator::KeyStatus;
use serde_json::{Value as Json, json};
use sync_engine::StreamStatus;

use super::{ADVICE, CERTIFICATIONS, SINCE, TABLE, alter, certifications, loaded, options};
use crate::bad_answers::reason;
use crate::world::{World, small};

/// What the next run tells, which goes on all the same, without beginning and end.
async fn told(world: &World) -> String {
    let report = world.complete("second").await;
    let stream = certifications(&report);
    let notes = stream.notes.iter();
    let told: Vec<_> = notes.filter(|one| one.starts_with(SINCE)).collect();
    let [told] = told.as_slice() else {
        panic!("not one note: {stream:#?}");
    };
    assert_eq!(stream.told_changes(), Some(told.as_str()));
    let changes = told.strip_prefix(SINCE).unwrap();
    let changes = changes.strip_suffix(ADVICE).unwrap();
    let count = u64::try_from(changes.split("; ").count()).unwrap();
    assert_eq!(stream.schema_changes, Some(count), "{told}");
    changes.to_owned()
}

/// What the next run tells once a column's definition was changed.
async fn told_of(column: &str, definition: Json) -> String {
    let world = loaded().await;
    alter(&world, column, definition);
    told(&world).await
}

/// Why the next run fails.
async fn failing(world: &World) -> String {
    let report = world.run("second").await;
    let stream = certifications(&report);
    assert_eq!(stream.status, StreamStatus::Failed, "{stream:#?}");
    assert_eq!(stream.schema_changes, Some(1));
    let reason = reason(&report, "certifications").to_owned();
    assert!(reason.contains(stream.told_changes().unwrap()), "{reason}");
    reason
}

const MISFIT: &str =
    "stream `certifications` does not fit table `hlf_certifications` in Dynamics: ";

#[tokio::test]
async fn a_column_that_was_removed_fails_the_stream_and_the_reason_says_what_it_was_and_until_when()
{
    let world = loaded().await;
    alter(&world, "hlf_comment", Json::Null);
    let gone = "field `comment`: the table has no column `hlf_comment`. Use its logical name, in lower case";
    let was = "column `hlf_comment` (field `comment`) is gone, and was lines of text of at most 1000 characters";
    assert_eq!(
        failing(&world).await,
        format!("{MISFIT}{gone}; {SINCE}{was}{ADVICE}")
    );
}

#[tokio::test]
async fn a_column_that_appeared_in_place_of_one_that_is_gone_is_told_with_it() {
    for (column, definition) in [
        // Nearly its name, and another label.
        ("hlf_comments", json!({ "DisplayName": null })),
        // Quite another name, and its very label.
        (
            "new_remark",
            json!({ "DisplayName": { "LocalizedLabels": [{ "Label": "Comment", "LanguageCode": 1033 }] } }),
        ),
    ] {
        let world = loaded().await;
        alter(&world, "hlf_comment", Json::Null);
        alter(&world, column, definition);
        let reason = failing(&world).await;
        let advice = ADVICE.trim_start_matches('.');
        let hint = format!(
            "is gone, and was lines of text of at most 1000 characters; did you mean `{column}`, which is new since then?{advice}"
        );
        assert!(reason.ends_with(&hint), "{reason}");
        assert_eq!(reason.matches("id you mean").count(), 1, "{reason}");
    }
}

#[tokio::test]
async fn a_column_that_was_there_all_along_is_not_taken_for_one_that_is_gone() {
    let world = World::of(small(), &[CERTIFICATIONS]).await;
    alter(&world, "hlf_comments", json!({ "DisplayName": null }));
    world.complete("first").await;
    world.next_night();
    alter(&world, "hlf_comment", Json::Null);
    let reason = failing(&world).await;
    assert!(!reason.to_lowercase().contains("did you mean"), "{reason}");
}

#[tokio::test]
async fn a_column_of_another_type_fails_the_stream_and_the_reason_says_of_which_it_was() {
    let world = loaded().await;
    alter(&world, "hlf_status", json!({ "AttributeType": "String" }));
    let misfit = "field `status`: column `hlf_status` is text, but `choice` needs a choice column";
    let was = "column `hlf_status` (field `status`) is text now, and was a choice";
    assert_eq!(
        failing(&world).await,
        format!("{MISFIT}{misfit}; {SINCE}{was}{ADVICE}")
    );
}

#[tokio::test]
async fn a_column_of_another_type_that_fits_too_is_told() {
    let shape = json!({ "AttributeType": "String", "MaxLength": 1_000 });
    assert_eq!(
        told_of("hlf_comment", shape).await,
        "column `hlf_comment` (field `comment`) is text now, and was lines of text"
    );
}

#[tokio::test]
async fn a_column_that_cannot_be_read_any_more_fails_the_stream_and_the_reason_says_since_when() {
    let world = loaded().await;
    alter(&world, "hlf_comment", json!({ "IsValidForRead": false }));
    let misfit = "field `comment`: column `hlf_comment` cannot be read through the Web API";
    let change =
        "column `hlf_comment` (field `comment`) cannot be read through the Web API any more";
    assert_eq!(
        failing(&world).await,
        format!("{MISFIT}{misfit}; {SINCE}{change}{ADVICE}")
    );
}

#[tokio::test]
async fn a_table_that_is_gone_is_told_with_when_it_was_there() {
    let world = loaded().await;
    world.simulator.switch(|switches| {
        switches.absent.insert(TABLE.into());
    });
    let report = world.run("second").await;
    let stream = certifications(&report);
    assert_eq!(stream.notes, [format!("{SINCE}`{TABLE}` is gone")]);
    assert_eq!(stream.schema_changes, Some(1));
    assert!(reason(&report, "certifications").contains(TABLE));
}

#[tokio::test]
async fn a_text_that_was_shortened_is_told() {
    assert_eq!(
        told_of("hlf_mentorcode", json!({ "MaxLength": 8 })).await,
        "column `hlf_mentorcode` (field `mentor_code`) takes at most 8 characters now, and took 20, so longer texts of the app are refused"
    );
}

#[tokio::test]
async fn a_mapped_choice_that_was_removed_is_told() {
    assert_eq!(
        told_of("hlf_status", options(&[(1, "Active"), (2, "Expired")])).await,
        "column `hlf_status` (field `status`) has no choice 3 (`suspended`) any more, so changes to it are refused"
    );
}

#[tokio::test]
async fn choices_that_no_field_has_a_name_for_are_told_when_they_appear() {
    let more = [
        (1, "Active"),
        (2, "Expired"),
        (3, "Suspended"),
        (4, "Revoked"),
        (5, "Lost"),
    ];
    assert_eq!(
        told_of("hlf_status", options(&more)).await,
        "column `hlf_status` (field `status`) has a choice 4, 5 now, and rows with it cannot be read until the stream file's `choice` names it"
    );
}

#[tokio::test]
async fn a_mapped_choice_that_people_call_otherwise_now_is_told() {
    let renamed = [(1, "Active"), (2, "Withdrawn"), (3, "Suspended")];
    assert_eq!(
        told_of("hlf_status", options(&renamed)).await,
        "column `hlf_status` (field `status`) calls its choice 2 (`expired`) \"Withdrawn\" now, and called it \"Expired\": check that it means the same"
    );
}

#[tokio::test]
async fn a_choice_of_where_that_was_removed_is_told() {
    assert_eq!(
        told_of("statecode", options(&[(1, "Inactive"), (2, "Other")])).await,
        "column `statecode` (in `where`) has no choice 0 any more, so no row belongs to the stream"
    );
}

#[tokio::test]
async fn dates_that_behave_otherwise_are_told_and_read_again() {
    let world = loaded().await;
    let behavior = json!({ "DateTimeBehavior": { "Value": "UserLocal" } });
    alter(&world, "hlf_examon", behavior);
    assert_eq!(
        told(&world).await,
        "column `hlf_examon` (field `exam`) has the date behavior UserLocal now, and had TimeZoneIndependent, so its values mean other days or times"
    );
    let cursor = world.cursor("certifications").await.unwrap();
    assert_eq!(cursor.generation, 2);
}

#[tokio::test]
async fn an_alternate_key_that_is_not_in_use_any_more_is_told() {
    for (status, what) in [
        (KeyStatus::Failed, "could not be built"),
        (KeyStatus::Pending, "is being built anew"),
    ] {
        let world = loaded().await;
        world.simulator.switch(|switches| {
            switches.key_status.insert("hlf_code".into(), status);
        });
        assert_eq!(
            told(&world).await,
            format!(
                "the alternate key `hlf_code` {what}, so Dynamics does not keep the stream's key unique"
            )
        );
    }
}

#[tokio::test]
async fn a_column_that_was_secured_is_told_although_it_can_be_read_still() {
    let world = loaded().await;
    world.simulator.switch(|switches| {
        let secured = switches.secured_columns.entry(TABLE.into()).or_default();
        secured.insert("hlf_comment".into());
    });
    assert_eq!(
        told(&world).await,
        "column `hlf_comment` (field `comment`) is secured now: unless a column security profile lets the application user read it, its values come empty"
    );
}

#[tokio::test]
async fn a_column_that_must_have_a_value_or_cannot_be_written_any_more_is_told() {
    let demanded = json!({ "RequiredLevel": { "Value": "SystemRequired" } });
    assert_eq!(
        told_of("hlf_comment", demanded).await,
        "column `hlf_comment` (field `comment`) must have a value now, so rows without one are refused"
    );
    let kept = json!({ "IsValidForUpdate": false });
    assert_eq!(
        told_of("hlf_comment", kept).await,
        "column `hlf_comment` (field `comment`) cannot be changed any more, so changes of it are refused"
    );
    let kept = json!({ "IsValidForCreate": false });
    assert_eq!(
        told_of("hlf_comment", kept).await,
        "column `hlf_comment` (field `comment`) cannot be filled in new rows any more"
    );
}

#[tokio::test]
async fn a_lookup_that_refers_to_other_tables_is_told() {
    assert_eq!(
        told_of(
            "hlf_contactid",
            json!({ "Targets": ["contact", "account"] })
        )
        .await,
        "column `hlf_contactid` (field `mentor`) may refer to `accounts` now too, and the copy takes every id for one of `contacts`"
    );
    assert_eq!(
        told_of("hlf_contactid", json!({ "Targets": ["account"] })).await,
        "column `hlf_contactid` (field `mentor`) does not refer to `contacts` any more; \
         may refer to `accounts` now too, and the copy takes every id for one of `contacts`"
            .replace("; ", "; column `hlf_contactid` (field `mentor`) ")
    );
}

#[tokio::test]
async fn change_tracking_that_was_switched_off_is_told() {
    let world = loaded().await;
    world.simulator.switch(|switches| {
        switches.untracked.insert(TABLE.into());
    });
    assert_eq!(
        told(&world).await,
        "change tracking is off now, so deletes are only told by a walk over all keys"
    );
}

#[tokio::test]
async fn everything_that_was_changed_at_once_is_told_in_one_note() {
    let world = loaded().await;
    alter(&world, "hlf_mentorcode", json!({ "MaxLength": 8 }));
    alter(&world, "hlf_comment", json!({ "MaxLength": 10 }));
    let both = told(&world).await;
    assert_eq!(both.matches("takes at most").count(), 2, "{both}");
}
