//! The organisation's own stream file.

use serde_json::{Value as Json, json};
use sync_store::ChangeState;

use super::says;
use crate::expiry::mentors::{NEXT_YEAR, YESTERDAY};
use crate::world::{World, stream_of};

const FILE: &str = include_str!("../../../../../../infra/streams/hlf.toml");

async fn hlf() -> World {
    super::world(FILE).await
}

fn of(code: &str, operation: &str, fields: &Json) -> Json {
    json!({
        "stream": "certifications", "operation": operation, "key": {"mentor_code": code},
        "fields": fields
    })
}

#[tokio::test]
async fn a_renewal_from_the_app_reaches_dynamics_with_the_stamp_of_the_write() {
    let world = hlf().await;
    let id = world.certification("M-1", YESTERDAY);
    world.edit(
        &id,
        json!({"hlf_status": 2, "hlf_portalvisible": false, "hlf_comment": "lapsed"}),
    );
    world.complete("first").await;
    let fields = json!({
        "status": "active", "valid_to": NEXT_YEAR, "portal_visible": true, "comment": null
    });
    let change = world.post(&of("M-1", "upsert", &fields)).await;
    world.next_night();
    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "certifications").pushed, 1);
    world.assert_state(&change, ChangeState::Applied).await;
    assert_eq!(says(&world, &id), (json!(1), json!(true), true));
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_validto"], &row["hlf_comment"]),
        (&json!(NEXT_YEAR), &Json::Null)
    );
    let stamp = world.sees("certifications", &id, "last_synced").await;
    assert_eq!(json!(stamp.as_s().unwrap()), row["hlf_lastsyncedon"]);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn what_ran_out_is_hidden_in_dynamics_with_the_stamp_of_the_write() {
    let world = hlf().await;
    let id = world.certification("M-1", "2026-11-21");
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "certifications").expiring, 1);
    assert_eq!(says(&world, &id), (json!(1), json!(true), false));
    world.next_night();
    world.complete("second").await;
    assert_eq!(says(&world, &id), (json!(2), json!(false), true));
    world.assert_at_rest().await;

    let renewal = json!({"status": "active", "valid_to": NEXT_YEAR});
    world.post(&of("M-1", "update", &renewal)).await;
    world.complete("third").await;
    assert_eq!(says(&world, &id), (json!(1), json!(true), true));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_stamp_alone_is_never_written() {
    let world = hlf().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let same = json!({"status": "active", "valid_to": NEXT_YEAR, "portal_visible": true});
    let change = world.post(&of("M-1", "upsert", &same)).await;
    world.edit(&id, json!({"hlf_comment": "looked at"}));
    world.next_night();
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Applied).await;
    assert_eq!(world.writes(), 0);
    assert!(world.row("hlf_certifications", &id)["hlf_lastsyncedon"].is_null());
    let stamp = json!({"last_synced": "2026-11-20T23:10:00Z"});
    assert_eq!(
        world.turned_away(&of("M-1", "update", &stamp)).await,
        [("/fields/last_synced".to_owned(), "stamp")]
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_certification_that_the_app_creates_has_its_mentor_and_the_stamp() {
    let world = hlf().await;
    let mentor = world.member();
    world.complete("first").await;
    let fields = json!({"mentor": mentor, "status": "active", "valid_to": NEXT_YEAR});
    let change = world.post(&of("M-9", "create", &fields)).await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Applied).await;
    let id = world.change(&change).await.row.unwrap();
    assert_eq!(says(&world, &id), (json!(1), json!(false), true));
    let row = world.row("hlf_certifications", &id);
    assert_eq!(row["_hlf_contactid_value"], json!(mentor));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_delete_deactivates_the_row_and_leaves_it_there() {
    let world = hlf().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let delete = json!({
        "stream": "certifications", "operation": "delete", "key": {"mentor_code": "M-1"}
    });
    let change = world.post(&delete).await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Applied).await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["statecode"], &row["hlf_status"], &row["hlf_validto"]),
        (&json!(1), &json!(1), &json!(NEXT_YEAR))
    );
    world.assert_at_rest().await;
}
