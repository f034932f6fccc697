//! What this software wrote is not taken for somebody else's doing.

use serde_json::json;
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{CERTIFICATIONS, MEMBERS, both_ways, by};
use crate::expiry::mentors::{EXPIRY, NEXT_YEAR, YESTERDAY, world};

#[tokio::test]
async fn a_lookup_that_the_app_owns_and_names_by_key_is_not_asserted_back() {
    let owned = CERTIFICATIONS.replace(
        "lookup = \"contacts\" }",
        "lookup = \"contacts\", owner = \"app\" }",
    );
    let world = world(&[MEMBERS, &owned]).await;
    let (before, after) = (world.member(), world.member());
    world.edit_member(&after, json!({"emailaddress1": "kari@example.no"}));
    let id = world.certification_of(&before, "M-1", NEXT_YEAR);
    world.complete("first").await;
    let fields = json!({"mentor": {"email": "kari@example.no"}});
    let change = world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(id.clone()),
            fields,
        )
        .await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Applied).await;
    assert_eq!(
        world.row("hlf_certifications", &id)["_hlf_contactid_value"],
        json!(after)
    );
}

#[tokio::test]
async fn an_expiry_of_a_field_that_the_app_owns_is_not_asserted_back() {
    let owned = CERTIFICATIONS.replace(
        "visible     = \"hlf_portalvisible\"",
        "visible     = { column = \"hlf_portalvisible\", owner = \"app\" }",
    );
    let world = world(&[&owned, EXPIRY]).await;
    let id = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_status"], &row["hlf_portalvisible"]),
        (&json!(2), &json!(false))
    );
    world.complete("second").await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_status"], &row["hlf_portalvisible"]),
        (&json!(2), &json!(false))
    );
}

#[tokio::test]
async fn a_change_whose_later_one_is_refused_is_not_asserted_back() {
    let owned = CERTIFICATIONS.replace(
        "comment     = { column = \"hlf_comment\", clearable = true }",
        "comment     = { column = \"hlf_comment\", clearable = true, owner = \"app\" }",
    );
    let world = world(&[&owned]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.edit(&id, json!({"hlf_comment": "old"}));
    world.complete("first").await;
    let mut changes = Vec::new();
    for comment in ["good".to_owned(), "too long ".repeat(1_000)] {
        let key = ChangeKey::Id(id.clone());
        let change = world.hand_in(
            "certifications",
            Operation::Update,
            key,
            json!({"comment": comment}),
        );
        changes.push(change.await);
    }
    world.complete("second").await;
    world.assert_state(&changes[0], ChangeState::Applied).await;
    world.assert_state(&changes[1], ChangeState::Refused).await;
    assert_eq!(world.row("hlf_certifications", &id)["hlf_comment"], "good");
}

#[tokio::test]
async fn a_key_in_another_case_is_not_written_to_the_row_it_finds() {
    {
        let world = world(&[CERTIFICATIONS]).await;
        world.complete("first").await;
        let id = world.certification("M-1", NEXT_YEAR);
        let key = by("mentor_code", "m-1");
        let change = world
            .hand_in(
                "certifications",
                Operation::Update,
                key,
                json!({"comment": "app's"}),
            )
            .await;
        world.complete("second").await;
        world.assert_state(&change, ChangeState::Applied).await;
        let row = world.row("hlf_certifications", &id);
        assert_eq!(
            (&row["hlf_comment"], &row["hlf_mentorcode"]),
            (&json!("app's"), &json!("M-1"))
        );
    }
}

#[tokio::test]
async fn our_own_update_is_no_conflict_for_the_delete_after_it() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(id.clone()),
            json!({"comment": "bye"}),
        )
        .await;
    let delete = world
        .hand_in(
            "certifications",
            Operation::Delete,
            ChangeKey::Id(id.clone()),
            json!({}),
        )
        .await;
    world.complete("second").await;
    world.assert_state(&delete, ChangeState::Applied).await;
}

#[tokio::test]
async fn many_inactive_rows_with_a_key_do_not_hide_the_active_one() {
    let world = world(&[MEMBERS]).await;
    world.complete("first").await;
    for n in 0..12 {
        let id = world.member();
        world.edit_member(
            &id,
            json!({"emailaddress1": "kari@example.no", "statecode": i32::from(n != 11)}),
        );
    }
    let rows = world.simulator.truth("contacts").unwrap().count();
    let key = by("email", "kari@example.no");
    let fields = json!({"first_name": "Ola"});
    world
        .hand_in("members", Operation::Upsert, key, fields)
        .await;
    world.complete("second").await;
    assert_eq!(world.simulator.truth("contacts").unwrap().count(), rows);
}
