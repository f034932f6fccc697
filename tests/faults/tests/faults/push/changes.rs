//! Changes of the app, and what becomes of them where nothing goes wrong.

use serde_json::json;
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{both_ways, by};
use crate::expiry::mentors::{NEXT_YEAR, YESTERDAY};
use crate::world::stream_of;

#[tokio::test]
async fn a_renewal_shows_at_once_reaches_dynamics_in_the_next_run_and_then_both_sides_rest() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world.edit(&id, json!({"hlf_status": 2, "hlf_portalvisible": false}));
    world.complete("first").await;

    let fields = json!({"status": "active", "valid_to": NEXT_YEAR, "visible": true});
    let key = by("mentor_code", "m-1");
    let change = world
        .hand_in("certifications", Operation::Upsert, key, fields)
        .await;
    let seen = world.certified(&id).await;
    assert!(
        seen.visible && seen.status.as_deref() == Some("active"),
        "{seen:?}"
    );

    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "certifications").pushed, 1);
    world.assert_state(&change, ChangeState::Applied).await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_status"], &row["hlf_portalvisible"]),
        (&json!(1), &json!(true))
    );
    assert!(
        !world
            .item("certifications", &id)
            .await
            .contains_key("pending")
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn changes_of_one_row_are_made_in_the_order_in_which_they_were_handed_in() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let mut changes = Vec::new();
    for comment in ["one", "two", "three"] {
        let key = ChangeKey::Id(id.clone());
        let fields = json!({"comment": comment});
        changes.push(
            world
                .hand_in("certifications", Operation::Update, key, fields)
                .await,
        );
    }
    world.complete("second").await;
    for change in &changes {
        world.assert_state(change, ChangeState::Applied).await;
    }
    assert_eq!(world.row("hlf_certifications", &id)["hlf_comment"], "three");
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_row_that_dynamics_does_not_have_is_created_once_and_later_changes_of_its_key_find_it() {
    let world = both_ways().await;
    world.complete("first").await;
    let mut changes = Vec::new();
    for comment in ["one", "two"] {
        let fields = json!({"comment": comment, "status": "active", "valid_to": NEXT_YEAR});
        let key = by("mentor_code", "M-9");
        changes.push(
            world
                .hand_in("certifications", Operation::Upsert, key, fields)
                .await,
        );
    }
    world.complete("second").await;
    for change in &changes {
        world.assert_state(change, ChangeState::Applied).await;
    }
    let row = world.change(&changes[1]).await.row.unwrap();
    let row = world.row("hlf_certifications", &row);
    assert_eq!(
        (&row["hlf_mentorcode"], &row["hlf_comment"]),
        (&json!("M-9"), &json!("two"))
    );
    assert_eq!(
        world.simulator.truth("hlf_certifications").unwrap().count(),
        1
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_lookup_is_written_by_the_business_key_of_the_row_it_refers_to() {
    let world = both_ways().await;
    let mentor = world.member();
    world.edit_member(&mentor, json!({"emailaddress1": "kari@example.no"}));
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let key = || by("mentor_code", "M-1");
    let fields = json!({"mentor": {"email": "Kari@Example.no"}});
    let found = world
        .hand_in("certifications", Operation::Update, key(), fields)
        .await;
    let fields = json!({"mentor": {"email": "nobody@example.no"}});
    let lost = world
        .hand_in("certifications", Operation::Update, key(), fields)
        .await;
    world.complete("second").await;
    world.assert_state(&found, ChangeState::Applied).await;
    assert_eq!(
        world.row("hlf_certifications", &id)["_hlf_contactid_value"],
        json!(mentor)
    );
    world.assert_state(&lost, ChangeState::Refused).await;
    assert_eq!(
        world.change(&lost).await.reason.unwrap(),
        "field `mentor`: Dynamics has no active row with this key"
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_null_empties_a_column_and_a_delete_removes_the_row() {
    let world = both_ways().await;
    let (emptied, deleted) = (
        world.certification("M-1", NEXT_YEAR),
        world.certification("M-2", NEXT_YEAR),
    );
    world.edit(&emptied, json!({"hlf_comment": "something"}));
    world.complete("first").await;
    let key = by("mentor_code", "M-1");
    world
        .hand_in(
            "certifications",
            Operation::Update,
            key,
            json!({"comment": null}),
        )
        .await;
    let key = by("mentor_code", "M-2");
    let delete = world
        .hand_in("certifications", Operation::Delete, key, json!({}))
        .await;
    world.complete("second").await;
    world.assert_state(&delete, ChangeState::Applied).await;
    assert!(world.row("hlf_certifications", &emptied)["hlf_comment"].is_null());
    assert!(world.row("hlf_certifications", &deleted).is_null());
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_stream_in_which_nothing_waits_costs_dynamics_nothing() {
    let world = both_ways().await;
    world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let report = world.complete("second").await;
    assert!(
        report
            .streams
            .iter()
            .all(|stream| stream.push_requests == 0)
    );
    assert_eq!(world.writes(), 0);
}
