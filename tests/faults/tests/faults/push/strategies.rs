//! When a value of the app's is written over what Dynamics has: `update`, `owner` and `clearable`, of the
//! stream file as it is when the change is carried out.

use serde_json::{Value as Json, json};
use sync_store::{ChangeKey, ChangeState, Operation};

use super::CERTIFICATIONS;
use crate::expiry::mentors::{NEXT_YEAR, world};
use crate::world::{World, stream_file, stream_of};

const PASSED_OVER: &str = "the row exists, and the stream's `update` leaves its values as they are";

/// A certification in Dynamics with a comment, and the app's change of it.
async fn updated(streams: &[&str], fields: Json) -> (World, String, String) {
    let world = world(streams).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.edit(&id, json!({"hlf_comment": "theirs"}));
    world.complete("first").await;
    let key = ChangeKey::Id(id.clone());
    let change = world
        .hand_in("certifications", Operation::Upsert, key, fields)
        .await;
    (world, id, change)
}

fn with_update(update: &str) -> String {
    let with = format!("conflict  = \"hold\"\nupdate    = \"{update}\"");
    // What is never written over cannot be emptied.
    CERTIFICATIONS
        .replace("conflict  = \"hold\"", &with)
        .replace(", clearable = true", "")
}

#[tokio::test]
async fn a_stream_writes_by_its_strategy() {
    // By strategy: the comment in the end, and whether that and whether the same again was written.
    for (update, comment, written, again) in [
        ("skip", "theirs", 0, 0),
        ("if-empty", "theirs", 0, 0),
        ("if-changed", "app's", 1, 0),
        ("always", "app's", 1, 1),
    ] {
        let fields = json!({"comment": "app's"});
        let (world, id, change) = updated(&[&with_update(update)], fields.clone()).await;
        world.complete("second").await;
        let row = world.row("hlf_certifications", &id);
        assert_eq!(row["hlf_comment"], comment, "{update}");
        assert_eq!(world.writes(), written, "{update}");
        if written == 0 {
            world.assert_state(&change, ChangeState::Superseded).await;
            let change = world.change(&change).await;
            assert_eq!(change.reason.unwrap(), PASSED_OVER);
            assert_eq!(change.lost, ["comment"]);
        } else {
            world.assert_state(&change, ChangeState::Applied).await;
        }
        world.assert_at_rest().await;
        let fields = json!({"comment": comment});
        let key = ChangeKey::Id(id.clone());
        let same = world
            .hand_in("certifications", Operation::Update, key, fields)
            .await;
        world.complete("third").await;
        world.assert_state(&same, ChangeState::Applied).await;
        assert_eq!(world.writes(), written + again, "{update}");
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn a_field_has_a_strategy_of_its_own() {
    let streams = with_update("skip")
        .replace(
            "comment     = { column = \"hlf_comment\" }",
            "comment     = { column = \"hlf_comment\", update = \"if-empty\" }",
        )
        .replace(
            "visible     = \"hlf_portalvisible\"",
            "visible     = { column = \"hlf_portalvisible\", update = \"if-changed\" }",
        );
    let fields = json!({
        "status": "suspended", "valid_to": "2030-01-01", "visible": false, "comment": "app's"
    });
    let (world, id, change) = updated(&[&streams], fields.clone()).await;
    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "certifications").pushed, 1);
    world.assert_state(&change, ChangeState::Applied).await;
    assert_eq!(
        world.change(&change).await.lost,
        ["comment", "status", "valid_to"]
    );
    let says = |world: &World| {
        let row = world.row("hlf_certifications", &id);
        let of = |name: &str| row[name].clone();
        json!([
            of("hlf_status"),
            of("hlf_validto"),
            of("hlf_portalvisible"),
            of("hlf_comment")
        ])
    };
    assert_eq!(says(&world), json!([1, NEXT_YEAR, false, "theirs"]));
    world.assert_at_rest().await;

    // Once it is empty it is filled.
    world.edit(&id, json!({"hlf_comment": null}));
    world.complete("emptied").await;
    let key = ChangeKey::Id(id.clone());
    world
        .hand_in("certifications", Operation::Update, key, fields)
        .await;
    world.complete("third").await;
    assert_eq!(says(&world), json!([1, NEXT_YEAR, false, "app's"]));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_new_row_gets_every_value_whatever_the_strategy() {
    for update in ["skip", "if-empty"] {
        let world = world(&[&with_update(update)]).await;
        world.certification("M-1", NEXT_YEAR);
        world.complete("first").await;
        let change = world
            .post(&json!({
                "stream": "certifications", "operation": "upsert", "key": {"mentor_code": "M-2"},
                "fields": {"status": "suspended", "visible": true, "comment": "app's"}
            }))
            .await;
        world.complete("second").await;
        world.assert_state(&change, ChangeState::Applied).await;
        let id = world.change(&change).await.row.unwrap();
        let row = world.row("hlf_certifications", &id);
        assert_eq!(
            (&row["hlf_mentorcode"], &row["hlf_status"]),
            (&json!("M-2"), &json!(3))
        );
        assert_eq!(
            (&row["hlf_portalvisible"], &row["hlf_comment"]),
            (&json!(true), &json!("app's"))
        );
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn what_the_stream_file_no_longer_lets_the_app_write_is_refused_although_it_was_taken_in() {
    let comment = "comment     = { column = \"hlf_comment\", clearable = true }";
    let status = "choice = { active = 1, expired = 2, suspended = 3 } }";
    for (line, by, fields, why) in [
        (
            comment,
            "comment     = { column = \"hlf_comment\", owner = \"dynamics\" }",
            json!({"comment": "app's", "visible": false}),
            "field `comment` belongs to Dynamics",
        ),
        (
            comment,
            "comment     = \"hlf_comment\"",
            json!({"comment": null, "visible": false}),
            "field `comment` is not `clearable`, so it may not be emptied",
        ),
        (
            comment,
            "remark      = \"hlf_comment\"",
            json!({"comment": "app's", "visible": false}),
            "the stream has no field `comment` any more",
        ),
        (
            status,
            "choice = { active = 1, expired = 2, paused = 3 } }",
            json!({"status": "suspended", "visible": false}),
            "field `status`: expected one of active, expired, paused",
        ),
    ] {
        let (mut world, id, change) = updated(&[CERTIFICATIONS], fields).await;
        let edited = CERTIFICATIONS.replace(line, by);
        assert_ne!(edited, CERTIFICATIONS);
        world.streams = stream_file(&[&edited]);
        let before = world.row("hlf_certifications", &id);
        let report = world.complete("second").await;
        assert_eq!(stream_of(&report, "certifications").refused, 1, "{why}");
        world.assert_state(&change, ChangeState::Refused).await;
        assert_eq!(world.change(&change).await.reason.unwrap(), why);
        assert_eq!(world.row("hlf_certifications", &id), before);
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn a_value_that_dynamics_has_already_is_no_reason_to_refuse_a_change() {
    let owned = CERTIFICATIONS.replace(
        "comment     = { column = \"hlf_comment\", clearable = true }",
        "comment     = { column = \"hlf_comment\", owner = \"dynamics\" }",
    );
    let fields = json!({"comment": "theirs", "visible": false});
    let (world, id, change) = updated(&[&owned], fields).await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Applied).await;
    assert_eq!(
        world.row("hlf_certifications", &id)["hlf_portalvisible"],
        false
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_change_that_was_refused_is_made_once_its_cause_is_mended_and_it_is_retried() {
    for operation in [Operation::Create, Operation::Upsert] {
        let unwritable = CERTIFICATIONS.replace("suspended = 3", "paused = 3");
        let mut world = world(&[&unwritable]).await;
        world.certification("M-1", NEXT_YEAR);
        world.complete("first").await;
        let fields = json!({"status": "suspended", "comment": "app's"});
        let key = super::by("mentor_code", "M-2");
        let change = world
            .hand_in("certifications", operation, key, fields)
            .await;
        world.complete("second").await;
        world.assert_state(&change, ChangeState::Refused).await;

        world.streams = stream_file(&[CERTIFICATIONS]);
        let never = |_: &sync_store::Fields, _| sync_store::Hiding::default();
        let now = world.in_seconds(0);
        world.store.retry(&change, &never, now).await.unwrap();
        world.complete("third").await;
        world.assert_state(&change, ChangeState::Applied).await;
        let id = world.change(&change).await.row.unwrap();
        let row = world.row("hlf_certifications", &id);
        assert_eq!(
            (&row["hlf_mentorcode"], &row["hlf_status"]),
            (&json!("M-2"), &json!(3)),
            "{operation:?}"
        );
        world.assert_at_rest().await;
    }
}
