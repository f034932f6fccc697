//! Rows that cannot be read: nobody knows whether they are still valid, so they are hidden.

use dynamics_simulator::{Class, Effect, Fault};
use serde_json::json;
use sync_engine::StreamStatus;

use super::mentors::{CERTIFICATIONS, EXPIRY_OF_MENTORS, MEMBERS, NEXT_YEAR, world};
use crate::world::{World, stream_of};

/// From now on the certification's status is a choice that the stream file does not know.
fn spoil(world: &World, id: &str) {
    let strange = Effect::ReplaceValue {
        id: id.parse().unwrap(),
        property: "hlf_status".into(),
        value: json!(99),
    };
    let fault = Fault::on(Class::Read, strange).table("hlf_certifications");
    world.simulator.inject(fault.times(u32::MAX));
}

#[tokio::test]
async fn a_certification_that_cannot_be_read_is_hidden_with_its_mentor_until_it_can() {
    let world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    let mentor = world.member();
    let unknown = world.certification_of(&mentor, "M-1", NEXT_YEAR);
    let other = world.certification("M-2", NEXT_YEAR);
    world.complete("first").await;
    assert!(world.certified(&unknown).await.is_valid());

    world.edit(&unknown, json!({"hlf_comment": "changed"}));
    world.edit(&other, json!({"hlf_comment": "changed"}));
    spoil(&world, &unknown);
    // The third run asks for it by its id, and is no wiser.
    for run in ["second", "third"] {
        world.next_night();
        let report = world.complete(run).await;
        let certifications = stream_of(&report, "certifications");
        assert_eq!(certifications.status, StreamStatus::Complete);
        assert_eq!(
            (certifications.quarantined, certifications.suppressed),
            (1, 1)
        );
        let item = world.item("certifications", &unknown).await;
        assert!(item.contains_key("unverified"));
        assert!(world.certified(&unknown).await.is_hidden());
        assert!(!world.is_shown(&mentor).await);
    }
    assert!(world.certified(&other).await.is_valid());
    assert!(world.simulator.faults_fired()[0].fired >= 2);

    world.simulator.clear_faults();
    world.next_night();
    let report = world.complete("fourth").await;
    assert_eq!(stream_of(&report, "certifications").quarantined, 0);
    let item = world.item("certifications", &unknown).await;
    assert!(!item.contains_key("unverified"));
    assert!(world.certified(&unknown).await.is_valid());
    assert!(world.is_shown(&mentor).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_mentor_with_another_valid_certification_stays_shown_while_one_cannot_be_read() {
    let world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    let mentor = world.member();
    let unknown = world.certification_of(&mentor, "M-1", NEXT_YEAR);
    world.certification_of(&mentor, "M-2", NEXT_YEAR);
    world.complete("first").await;
    world.edit(&unknown, json!({"hlf_comment": "changed"}));
    spoil(&world, &unknown);
    world.complete("second").await;
    assert!(world.certified(&unknown).await.is_hidden());
    assert!(world.is_shown(&mentor).await);
}
