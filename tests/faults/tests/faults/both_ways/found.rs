//! What the random worlds have found, each as small as it could be made.

use dynamics_simulator::{Class, Effect, Fault};
use serde_json::json;
use sync_store::{ChangeKey, ChangeState, Operation};

use crate::expiry::mentors::{EXPIRY, EXPIRY_OF_MENTORS, NEXT_YEAR, TODAY, YESTERDAY, world};
use crate::push::{CERTIFICATIONS, MEMBERS, both_ways, by, never};
use crate::world::World;

async fn update(world: &World, key: ChangeKey, fields: serde_json::Value) -> String {
    let stream = "certifications";
    world.hand_in(stream, Operation::Update, key, fields).await
}

/// A person tries a refused change again.
async fn retry(world: &World, id: &str) {
    let now = world.in_seconds(0);
    world.store.retry(id, &never, now).await.unwrap();
}

#[tokio::test]
async fn a_lookup_that_the_app_names_by_key_twice_is_no_conflict_with_itself() {
    for answer_is_lost in [false, true] {
        let world = both_ways().await;
        for email in ["kari@example.no", "ola@example.no"] {
            let mentor = world.member();
            world.edit_member(&mentor, json!({"emailaddress1": email}));
        }
        world.certification("M-1", NEXT_YEAR);
        world.complete("first").await;
        let mut changes = Vec::new();
        for email in ["kari@example.no", "ola@example.no"] {
            let fields = json!({"mentor": {"email": email}});
            changes.push(update(&world, by("mentor_code", "M-1"), fields).await);
        }
        if answer_is_lost {
            let lost = Fault::on(Class::Batch, Effect::ResetAfter);
            world.simulator.inject(lost);
        }
        world.complete("second").await;
        for change in &changes {
            world.assert_state(change, ChangeState::Applied).await;
        }
    }
}

#[tokio::test]
async fn a_renewal_by_the_app_that_says_invisible_makes_nobody_visible() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    let fields = json!({"status": "active", "valid_to": NEXT_YEAR, "visible": false});
    let change = update(&world, ChangeKey::Id(id.clone()), fields).await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Applied).await;
    assert!(!world.certified(&id).await.visible);
    assert_eq!(
        world.row("hlf_certifications", &id)["hlf_portalvisible"],
        false
    );
}

#[tokio::test]
async fn a_delete_after_an_update_by_the_app_is_a_conflict_with_what_people_did_before_both() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let key = || ChangeKey::Id(id.clone());
    update(&world, key(), json!({"comment": "app's"})).await;
    let delete = world
        .hand_in("certifications", Operation::Delete, key(), json!({}))
        .await;
    world.edit(&id, json!({"hlf_validto": TODAY}));
    world.complete("second").await;
    world.assert_state(&delete, ChangeState::Held).await;
    assert!(!world.row("hlf_certifications", &id).is_null());
}

#[tokio::test]
async fn a_value_of_people_that_the_app_never_saw_prevails_over_its_second_change_too() {
    let stream = CERTIFICATIONS.replace("\"hold\"", "\"dynamics-wins\"");
    let world = world(&[&stream]).await;
    world.complete("first").await;
    let key = || by("mentor_code", "M-1");
    let both = json!({"comment": "app's", "valid_to": TODAY});
    update(&world, key(), both).await;
    let second = update(&world, key(), json!({"valid_to": TODAY})).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("second").await;
    assert_eq!(
        world.row("hlf_certifications", &id)["hlf_validto"],
        NEXT_YEAR
    );
    world.assert_state(&second, ChangeState::Superseded).await;
}

#[tokio::test]
async fn a_create_that_is_tried_again_after_a_change_of_its_row_says_that_it_exists() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let fields = json!({"comment": "new"});
    let create = world
        .hand_in(
            "certifications",
            Operation::Create,
            by("mentor_code", "M-1"),
            fields,
        )
        .await;
    world.complete("second").await;
    world.assert_state(&create, ChangeState::Refused).await;
    update(&world, ChangeKey::Id(id), json!({"comment": "app's"})).await;
    retry(&world, &create).await;
    world.complete("third").await;
    world.assert_state(&create, ChangeState::Refused).await;
    assert_eq!(
        world.change(&create).await.reason.unwrap(),
        "a row with this key exists already, and the change may only create one"
    );
}

#[tokio::test]
async fn a_deactivation_that_takes_its_row_out_of_the_stream_is_done_although_its_answer_is_lost() {
    let deactivates = MEMBERS.replace(
        "[stream.fields]",
        "deletes   = { to_dynamics = \"deactivate\" }\n[stream.fields]",
    );
    let world = world(&[&deactivates]).await;
    let id = world.member();
    world.complete("first").await;
    let key = ChangeKey::Id(id.clone());
    let delete = world
        .hand_in("members", Operation::Delete, key, json!({}))
        .await;
    let lost = Fault::on(Class::Batch, Effect::ResetAfter);
    world.simulator.inject(lost);
    world.complete("second").await;
    assert_eq!(world.row("contacts", &id)["statecode"], 1);
    world.assert_state(&delete, ChangeState::Applied).await;
}

#[tokio::test]
async fn an_expiry_gives_back_only_what_it_took_itself_and_not_what_the_app_did_just_before() {
    let world = world(&[CERTIFICATIONS, EXPIRY]).await;
    let id = world.certification("M-1", TODAY);
    world.complete("first").await;
    let key = || ChangeKey::Id(id.clone());
    update(
        &world,
        key(),
        json!({"visible": false, "status": "expired"}),
    )
    .await;
    world.next_night();
    world.complete("second").await;
    let renewal = json!({"status": "active", "valid_to": "2027-11-21"});
    update(&world, key(), renewal).await;
    world.complete("third").await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(row["hlf_portalvisible"], false);
}

#[tokio::test]
async fn a_certification_that_cannot_be_read_hides_its_mentor_in_the_copy_and_not_in_dynamics() {
    let world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    let mentor = world.member();
    let id = world.certification_of(&mentor, "M-1", NEXT_YEAR);
    world.complete("first").await;
    world.edit(&id, json!({"hlf_comment": "changed"}));
    let strange = Effect::ReplaceValue {
        id: id.parse().unwrap(),
        property: "hlf_status".into(),
        value: json!(99),
    };
    let fault = Fault::on(Class::Read, strange).table("hlf_certifications");
    world.simulator.inject(fault.times(u32::MAX));
    world.complete("second").await;
    assert!(!world.is_shown(&mentor).await);
    assert_eq!(world.row("contacts", &mentor)["donotemail"], true);
}
