//! Members that a certification which ran out hides: only while no other that is valid refers to them.

use serde_json::json;

use super::mentors::{
    CERTIFICATIONS, EXPIRY, EXPIRY_OF_MENTORS, MEMBERS, NEXT_YEAR, TODAY, YESTERDAY, world,
};
use crate::world::{World, stream_file};

async fn mentors() -> World {
    world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await
}

#[tokio::test]
async fn a_certification_that_ran_out_hides_its_mentor_and_nobody_else() {
    let world = mentors().await;
    let (mentor, other) = (world.member(), world.member());
    world.certification_of(&mentor, "M-1", TODAY);
    world.certification_of(&other, "M-2", NEXT_YEAR);
    world.complete("first").await;
    assert!(world.is_shown(&mentor).await);
    world.next_night();
    world.complete("second").await;
    assert!(!world.is_shown(&mentor).await);
    assert!(world.is_shown(&other).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_mentor_is_hidden_when_the_last_valid_certification_ran_out_and_shown_when_one_is_renewed()
 {
    let world = mentors().await;
    let mentor = world.member();
    let first = world.certification_of(&mentor, "M-1", YESTERDAY);
    world.certification_of(&mentor, "M-2", TODAY);
    world.complete("first").await;
    assert!(world.certified(&first).await.is_hidden());
    assert!(world.is_shown(&mentor).await, "another one is valid");

    world.next_night();
    world.complete("second").await;
    assert!(!world.is_shown(&mentor).await);
    world.assert_settled().await;

    world.edit(&first, json!({"hlf_validto": NEXT_YEAR}));
    world.complete("third").await;
    assert!(world.is_shown(&mentor).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_suspended_certification_neither_hides_its_mentor_nor_keeps_him_shown() {
    let world = mentors().await;
    let (mentor, other) = (world.member(), world.member());
    let suspended = world.certification_of(&mentor, "M-1", YESTERDAY);
    let also = world.certification_of(&other, "M-2", NEXT_YEAR);
    world.certification_of(&other, "M-3", YESTERDAY);
    for id in [&suspended, &also] {
        world.edit(id, json!({"hlf_status": 3}));
    }
    world.complete("first").await;
    assert!(world.is_shown(&mentor).await);
    assert!(!world.is_shown(&other).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn an_edit_of_a_hidden_member_does_not_make_him_visible() {
    let world = mentors().await;
    let mentor = world.member();
    world.certification_of(&mentor, "M-1", YESTERDAY);
    world.complete("first").await;
    let before = world.revision("members", &mentor).await;
    world.edit_member(&mentor, json!({"firstname": "Ola", "donotemail": true}));
    world.complete("second").await;
    // One write: at no time was he visible.
    assert_eq!(world.revision("members", &mentor).await, before + 1);
    let fields = world.item("members", &mentor).await["fields"].clone();
    assert_eq!(fields.as_m().unwrap()["first_name"].as_s().unwrap(), "Ola");
    assert!(!world.is_shown(&mentor).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_member_who_is_hidden_in_dynamics_stays_so_when_the_certification_is_renewed() {
    let world = mentors().await;
    let mentor = world.member();
    let renewed = world.certification_of(&mentor, "M-1", YESTERDAY);
    world.edit_member(&mentor, json!({"donotemail": false}));
    world.complete("first").await;
    assert!(!world.is_shown(&mentor).await);
    world.edit(&renewed, json!({"hlf_validto": NEXT_YEAR}));
    world.complete("second").await;
    let item = world.item("members", &mentor).await;
    assert!(!item.contains_key("suppressed"));
    assert!(!item["fields"].as_m().unwrap()["shown"].as_bool().unwrap());
    world.assert_settled().await;
}

#[tokio::test]
async fn a_member_who_is_loaded_after_the_certification_ran_out_is_hidden_by_that_run() {
    let world = mentors().await;
    let mentor = world.member();
    world.certification_of(&mentor, "M-1", YESTERDAY);
    world.complete_only("first", "certifications").await;
    let records = world.records().await;
    assert!(
        records
            .keys()
            .all(|(pk, _)| pk.starts_with("certifications#"))
    );
    world.complete_only("second", "members").await;
    assert!(!world.is_shown(&mentor).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_member_who_leaves_and_comes_back_comes_back_hidden() {
    let world = mentors().await;
    let mentor = world.member();
    world.certification_of(&mentor, "M-1", YESTERDAY);
    world.complete("first").await;
    let before = world.revision("members", &mentor).await;
    world.edit_member(&mentor, json!({"statecode": 1}));
    world.complete("second").await;
    let item = world.item("members", &mentor).await;
    assert!(item.contains_key("deleted") && !item.contains_key("fields"));
    world.edit_member(&mentor, json!({"statecode": 0}));
    world.complete("third").await;
    // One write each: the tombstone knew who hides him, and at no time was he visible.
    assert_eq!(world.revision("members", &mentor).await, before + 2);
    assert!(!world.is_shown(&mentor).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_certification_that_ran_out_hides_its_mentor_in_a_run_that_syncs_only_the_members() {
    let world = mentors().await;
    let mentor = world.member();
    let over = world.certification_of(&mentor, "M-1", TODAY);
    world.complete("first").await;
    world.next_night();
    world.complete_only("second", "members").await;
    assert!(!world.is_shown(&mentor).await);
    assert!(world.certified(&over).await.is_hidden());
    world.assert_settled().await;
}

#[tokio::test]
async fn a_certification_that_is_given_to_another_mentor_hides_that_one_instead() {
    let world = mentors().await;
    let (mentor, other) = (world.member(), world.member());
    let over = world.certification_of(&mentor, "M-1", YESTERDAY);
    world.complete("first").await;
    world.edit(&over, json!({"_hlf_contactid_value": other}));
    world.complete("second").await;
    assert!(world.is_shown(&mentor).await);
    assert!(!world.is_shown(&other).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_certification_that_ran_out_and_is_deleted_hides_nobody_any_more() {
    let world = mentors().await;
    let mentor = world.member();
    let over = world.certification_of(&mentor, "M-1", YESTERDAY);
    world.certification("M-2", NEXT_YEAR);
    world.complete("first").await;
    assert!(!world.is_shown(&mentor).await);
    let id = over.parse().unwrap();
    assert!(world.simulator.delete("hlf_certifications", id).unwrap());
    world.complete("second").await;
    assert!(world.is_shown(&mentor).await);
    world.assert_settled().await;
}

/// What shows the member again once it stands in the stream file in place of the expiry.
async fn shown_again_by(streams: &[&str]) {
    let mut world = mentors().await;
    let mentor = world.member();
    world.certification_of(&mentor, "M-1", YESTERDAY);
    world.complete("first").await;
    assert!(!world.is_shown(&mentor).await);
    world.streams = stream_file(streams);
    world.complete("second").await;
    assert!(world.is_shown(&mentor).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn an_expiry_that_no_longer_reaches_over_the_lookup_shows_the_mentors_again() {
    shown_again_by(&[MEMBERS, CERTIFICATIONS, EXPIRY]).await;
}

#[tokio::test]
async fn an_expiry_that_is_taken_out_of_the_stream_file_shows_the_mentors_again() {
    shown_again_by(&[MEMBERS, CERTIFICATIONS]).await;
}

#[tokio::test]
async fn a_stream_that_is_taken_out_of_the_stream_file_hides_nobody_any_more() {
    shown_again_by(&[MEMBERS]).await;
}
