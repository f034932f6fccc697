//! What is remembered cannot be read, asked for or kept: the stream goes on all the same.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dynamics_simulator::{Class, Fault};
use jiff::Timestamp;
use serde_json::json;
use sync_engine::StreamStatus;

use super::{SINCE, alter, asked, certifications, loaded, remembered};
use crate::dying::one_at_a_time;
use crate::push::unavailable;
use crate::wire::{Cut, Wire};
use crate::world::{World, invoke};

/// Replaces an attribute of what is remembered.
async fn plant(world: &World, name: &str, value: AttributeValue) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let update = world.dynamodb().update_item().table_name("state");
    let update = update
        .key("pk", text("stream#certifications"))
        .key("sk", text("contract"))
        .update_expression("SET #name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", value);
    update.send().await.unwrap();
}

fn shorten(world: &World) {
    alter(world, "hlf_mentorcode", json!({ "MaxLength": 8 }));
}

#[tokio::test]
async fn a_damaged_contract_is_noted_and_learnt_anew_and_stops_nothing() {
    for (name, value) in [
        ("contract", AttributeValue::S("?".into())),
        ("format", AttributeValue::S("one".into())),
        ("fence", AttributeValue::S("?".into())),
    ] {
        let world = loaded().await;
        plant(&world, "contract", AttributeValue::S("?".into())).await;
        plant(&world, name, value).await;
        shorten(&world);
        let report = world.complete("second").await;
        let stream = certifications(&report);
        assert_eq!(
            stream.notes,
            [
                "what was remembered of the table is damaged and is learnt anew; what was changed in it since the last run is not told"
            ],
            "{name}"
        );
        assert_eq!(stream.schema_changes, Some(0));
        world.next_night();
        alter(&world, "hlf_mentorcode", json!({ "MaxLength": 4 }));
        let report = world.complete("third").await;
        assert_eq!(certifications(&report).schema_changes, Some(1), "{name}");
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn a_contract_of_a_newer_release_is_noted_and_left_alone_and_stops_nothing() {
    let world = loaded().await;
    plant(&world, "format", AttributeValue::N("99".into())).await;
    let before = remembered(&world).await;
    shorten(&world);
    let report = world.complete("second").await;
    assert_eq!(
        certifications(&report).notes,
        [
            "what is remembered of the table was written by a newer release and is left as it is; what is changed in the table is not told until that release is used"
        ]
    );
    assert_eq!(remembered(&world).await, before);
}

#[tokio::test]
async fn metadata_that_cannot_be_asked_for_stops_nothing_and_is_asked_for_by_the_next_run() {
    let world = loaded().await;
    shorten(&world);
    asked(&world);
    let mut fault = Fault::on(Class::Metadata, unavailable()).times(100);
    fault.on.contains = Some("PicklistAttributeMetadata".to_owned());
    world.simulator.inject(fault);
    let report = world.complete("second").await;
    let stream = certifications(&report);
    assert_eq!(stream.schema_changes, None);
    let [note] = stream.notes.as_slice() else {
        panic!("not one note: {stream:#?}");
    };
    let untold = "changes of the table may go untold until the next run asks again: ";
    assert!(note.starts_with(untold), "{note}");
    assert!(asked(&world) > 0, "the fault struck nothing");
    world.simulator.clear_faults();
    let report = world.complete("third").await;
    assert_eq!(certifications(&report).schema_changes, Some(1));
}

#[tokio::test]
async fn a_run_killed_at_any_call_leaves_the_change_to_be_told_by_the_next() {
    let mut world = loaded().await;
    shorten(&world);
    let frozen = world.freeze().await;
    let whole = Wire::new(Cut::Never);
    let report = invoke(&one_at_a_time(&world, &whole), "count", Timestamp::MAX).await;
    let told = certifications(&report).told_changes().unwrap().to_owned();
    assert!(told.starts_with(SINCE));
    // One call goes out at a time: to die after it is to die before the next.
    let before = (1..=whole.calls()).map(Cut::Before);
    for cut in before.chain([Cut::After(whole.calls())]) {
        world.thaw(&frozen).await;
        let wire = Wire::new(cut);
        let process = one_at_a_time(&world, &wire);
        tokio::select! {
            report = invoke(&process, "killed", Timestamp::MAX) => panic!("{cut:?}: {report:#?}"),
            () = wire.died() => {}
        }
        world.clock.advance(Duration::from_secs(91));
        let report = world.complete("next").await;
        let stream = certifications(&report);
        assert_eq!(stream.status, StreamStatus::Complete);
        assert_eq!(stream.told_changes(), Some(told.as_str()), "{cut:?}");
    }
}
