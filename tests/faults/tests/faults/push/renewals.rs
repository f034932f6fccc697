//! What an expiry took is given back to those who are valid again, and to nobody else.

use dynamics_simulator::{Class, Fault};
use jiff::Timestamp;
use serde_json::json;
use sync_store::{ChangeKey, Operation};

use super::{CERTIFICATIONS, MEMBERS, both_ways, unavailable};
use crate::expiry::mentors::{EXPIRY_OF_MENTORS, NEXT_YEAR, YESTERDAY, world};
use crate::world::World;

#[tokio::test]
async fn a_renewal_does_not_show_whom_a_person_hid_before_the_expiry_was_written() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world
        .simulator
        .inject(Fault::on(Class::Batch, unavailable()).times(100));
    world.complete("first").await;
    world.simulator.clear_faults();
    world.edit(&id, json!({"hlf_portalvisible": false}));
    world.complete("second").await;
    assert_eq!(world.row("hlf_certifications", &id)["hlf_status"], 2);
    world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
    world.complete("third").await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_status"], &row["hlf_portalvisible"]),
        (&json!(1), &json!(false))
    );
}

#[tokio::test]
async fn a_renewal_that_waited_does_not_show_a_mentor_suspended_meanwhile() {
    let world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    let mentor = world.member();
    let id = world.certification_of(&mentor, "M-1", YESTERDAY);
    world.complete("first").await;
    assert_eq!(world.row("contacts", &mentor)["donotemail"], false);
    world.edit(
        &id,
        json!({"hlf_validto": NEXT_YEAR, "hlf_status": 1, "hlf_portalvisible": true}),
    );
    world
        .simulator
        .inject(Fault::on(Class::Batch, unavailable()).times(100));
    world.complete("second").await;
    assert_eq!(world.row("contacts", &mentor)["donotemail"], false);
    world.simulator.clear_faults();
    world.edit(&id, json!({"hlf_status": 3}));
    world.complete("third").await;
    assert_eq!(world.row("contacts", &mentor)["donotemail"], false);
    let item = world.item("members", &mentor).await;
    assert!(!item["fields"].as_m().unwrap()["shown"].as_bool().unwrap());
}

#[tokio::test]
async fn an_expiry_that_dissolved_is_written_when_it_is_true_again() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world
        .simulator
        .inject(Fault::on(Class::Batch, unavailable()).times(100));
    world.complete("first").await;
    world.simulator.clear_faults();
    world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
    world.complete("second").await;
    world.edit(&id, json!({"hlf_validto": YESTERDAY}));
    world.complete("third").await;
    assert!(!world.certified(&id).await.visible);
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_status"], &row["hlf_portalvisible"]),
        (&json!(2), &json!(false))
    );
}

#[tokio::test]
async fn a_renewal_that_dissolved_is_made_when_it_is_true_again() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
    world
        .simulator
        .inject(Fault::on(Class::Batch, unavailable()).times(100));
    world.complete("second").await;
    world.simulator.clear_faults();
    world.edit(&id, json!({"hlf_validto": YESTERDAY}));
    world.complete("third").await;
    world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
    world.complete("fourth").await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_status"], &row["hlf_portalvisible"]),
        (&json!(1), &json!(true))
    );
}

#[tokio::test]
async fn a_damaged_change_of_an_expiry_leaves_no_mentor_visible() {
    let world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    world.certification("M-1", YESTERDAY);
    world
        .simulator
        .inject(Fault::on(Class::Batch, unavailable()).times(100));
    world.complete("first").await;
    world.simulator.clear_faults();
    let changes = world
        .store
        .changes("certifications", None, None, 10)
        .await
        .unwrap();
    assert_eq!(changes.len(), 1);
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let pk = format!("change#{}", changes[0].wanted.id);
    let update = world.dynamodb().update_item().table_name("changes");
    let update = update.key("pk", text(&pk)).key("sk", text("change"));
    update
        .update_expression("REMOVE digest")
        .send()
        .await
        .unwrap();
    let mentor = world.member();
    world.certification_of(&mentor, "M-2", YESTERDAY);
    world.run("second").await;
    assert!(!world.is_shown(&mentor).await);
}

#[tokio::test]
async fn a_second_expiry_keeps_what_the_first_one_took() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    world.edit(&id, json!({"hlf_status": 1, "hlf_validto": "2026-11-19"}));
    world.complete("second").await;
    assert_eq!(world.row("hlf_certifications", &id)["hlf_status"], 2);
    world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
    world.complete("third").await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_status"], &row["hlf_portalvisible"]),
        (&json!(1), &json!(true))
    );
}

#[tokio::test]
async fn who_expired_while_the_last_push_went_on_is_hidden_when_the_run_ends() {
    let world = std::sync::Arc::new(world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await);
    let mentor = world.member();
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let hand_in = async |world: &World, id: &str, comment: &str| {
        let key = ChangeKey::Id(id.to_owned());
        world
            .hand_in(
                "certifications",
                Operation::Update,
                key,
                json!({"comment": comment}),
            )
            .await;
    };
    hand_in(&world, &id, "0").await;
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let other = world.clone();
    let of = mentor.clone();
    let look: crate::wire::Look = std::sync::Arc::new(move |_| {
        let (other, id, seen, of) = (other.clone(), id.clone(), seen.clone(), of.clone());
        Box::pin(async move {
            let batches = other.simulator.requests().of(Class::Batch);
            if batches > seen.swap(batches, std::sync::atomic::Ordering::SeqCst) {
                if batches < 3 {
                    let key = ChangeKey::Id(id);
                    other
                        .hand_in(
                            "certifications",
                            Operation::Update,
                            key,
                            json!({"comment": batches.to_string()}),
                        )
                        .await;
                } else {
                    other.certification_of(&of, "M-2", YESTERDAY);
                }
            }
        })
    });
    let process = world.process_on(crate::wire::Wire::watched(look), world.config(), |_| {});
    crate::world::invoke(&process, "second", Timestamp::MAX).await;
    assert!(!world.is_shown(&mentor).await);
}

#[tokio::test]
async fn a_renewal_does_not_show_a_mentor_whom_another_stream_still_hides() {
    let courses = CERTIFICATIONS
        .replace("\"certifications\"", "\"courses\"")
        .replace("hlf_validto", "hlf_validfrom");
    let world = world(&[
        MEMBERS,
        CERTIFICATIONS,
        EXPIRY_OF_MENTORS,
        &courses,
        EXPIRY_OF_MENTORS,
    ])
    .await;
    let mentor = world.member();
    let id = world.certification_of(&mentor, "M-1", YESTERDAY);
    world.edit(&id, json!({"hlf_validfrom": YESTERDAY}));
    world.complete("first").await;
    assert_eq!(world.row("contacts", &mentor)["donotemail"], false);
    world.edit(
        &id,
        json!({"hlf_validto": NEXT_YEAR, "hlf_status": 1, "hlf_portalvisible": true}),
    );
    for run in ["second", "third"] {
        world.complete(run).await;
    }
    assert!(!world.is_shown(&mentor).await);
    assert_eq!(world.row("contacts", &mentor)["donotemail"], false);
}
