//! What a run finds in its own tables and cannot take as it is, and stream files that changed under it:
//! each has a clear message and a defined behaviour, and nothing is lost.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use sync_engine::{RunStatus, StreamStatus};
use sync_store::Reset;

use clock::Clock;

use crate::bad_answers::{reason, world};
use crate::world::{CERTIFICATIONS, MEMBERS, World, invoke, stream_file, stream_of};

/// Replaces attributes of an item by hand.
async fn plant(
    world: &World,
    table: &str,
    key: [(&str, &str); 2],
    name: &str,
    value: AttributeValue,
) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    Client::from_conf(world.engine.config().build())
        .update_item()
        .table_name(table)
        .key(key[0].0, text(key[0].1))
        .key(key[1].0, text(key[1].1))
        .update_expression("SET #name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", value)
        .send()
        .await
        .unwrap();
}

const CURSOR: [(&str, &str); 2] = [("pk", "stream#members"), ("sk", "cursor")];

#[tokio::test]
async fn a_cursor_of_a_newer_release_stops_its_stream_and_is_left_alone() {
    let world = world().await;
    world.complete("first").await;
    let newer = AttributeValue::N("99".into());
    plant(&world, "state", CURSOR, "format", newer).await;
    for _ in 0..2 {
        let report = world.run("second").await;
        assert_eq!(report.status, RunStatus::Partial);
        assert_eq!(
            reason(&report, "members"),
            "cannot read the cursor of stream `members` from table `state`: the cursor has a newer form \
             than this release's 1. Use the release that wrote it; this one would lose what it does not \
             know"
        );
    }
    let older = AttributeValue::N("1".into());
    plant(&world, "state", CURSOR, "format", older).await;
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_damaged_cursor_stops_its_stream_until_it_is_reset_and_then_everything_is_read_again() {
    let world = world().await;
    world.complete("first").await;
    plant(
        &world,
        "state",
        CURSOR,
        "cursor",
        AttributeValue::S("?".into()),
    )
    .await;
    let report = world.run("second").await;
    let text = reason(&report, "members");
    assert!(
        text.starts_with(
            "cannot read the cursor of stream `members` from table `state`: the cursor cannot"
        ) && text.contains("`dynamics-sync cursor reset STREAM`"),
        "{text}"
    );
    // The run did not keep the stream.
    let reset = world.store.reset_cursor("members", world.clock.now()).await;
    assert!(matches!(reset, Ok(Reset::Done)), "{reset:?}");
    let report = world.complete("third").await;
    assert!(stream_of(&report, "members").stored > 0);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_damaged_record_is_set_aside_and_named_and_the_others_go_on() {
    let world = world().await;
    world.complete("first").await;
    let rows: Vec<_> = world
        .simulator
        .truth("hlf_certifications")
        .unwrap()
        .collect();
    let id = rows[0]["hlf_certificationid"].as_str().unwrap().to_owned();
    let pk = format!("certifications#{}", &id[..1]);
    let key = [("pk", pk.as_str()), ("id", id.as_str())];
    plant(
        &world,
        "records",
        key,
        "generation",
        AttributeValue::S("?".into()),
    )
    .await;
    world
        .simulator
        .burst("hlf_certifications", 1, 24, 0)
        .unwrap();
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(stream.quarantined, 1, "{stream:#?}");
    assert!(stream.stored > 10);
    assert_eq!(
        stream.notes,
        [format!(
            "rows that cannot be read, and are asked for again in every run: 1. One is row {id}: its \
             record in the copy is damaged; restore the item, or delete it. Correct the row in \
             Dynamics, the stream file's mapping, or the record in the copy"
        )]
    );
    Client::from_conf(world.engine.config().build())
        .delete_item()
        .table_name("records")
        .key("pk", AttributeValue::S(pk))
        .key("id", AttributeValue::S(id))
        .send()
        .await
        .unwrap();
    world.next_night();
    let report = world.complete("third").await;
    assert_eq!(stream_of(&report, "certifications").quarantined, 0);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_stream_taken_out_of_the_stream_file_keeps_its_records_and_is_named_in_every_run() {
    let mut world = world().await;
    world.complete("first").await;
    let members = world.store.count_live("members").await.unwrap();
    world.streams = stream_file(&[CERTIFICATIONS]);
    for run in ["second", "third"] {
        let report = world.complete(run).await;
        assert_eq!(
            report.notes,
            [
                "the stream file has no stream `members` any more, so its records are kept and grow old; \
              remove them with `dynamics-sync cursor forget members`, or put the stream back (a renamed \
              stream is a new one)"
            ]
        );
        assert_eq!(report.streams.len(), 1);
    }
    assert_eq!(world.store.count_live("members").await.unwrap(), members);
    world.simulator.burst("contacts", 2, 5, 1).unwrap();
    world.streams = stream_file(&[MEMBERS, CERTIFICATIONS]);
    let report = world.complete("fourth").await;
    assert!(report.notes.is_empty() && stream_of(&report, "members").pulled < 10);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_renamed_stream_is_loaded_anew_and_the_old_name_is_told() {
    let mut world = world().await;
    world.complete("first").await;
    let renamed = MEMBERS.replace("\"members\"", "\"people\"");
    world.streams = stream_file(&[&renamed, CERTIFICATIONS]);
    let report = world.complete("second").await;
    assert!(
        report.notes[0].contains("no stream `members` any more"),
        "{:?}",
        report.notes
    );
    assert!(stream_of(&report, "people").stored > 0);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_stream_file_that_changes_between_two_invocations_of_a_run_is_told_and_read_by() {
    let mut world = world().await;
    // A load of several pages, of which the first invocation has time for some.
    let near = world.in_seconds(90);
    let clock = world.clock.clone();
    let slow = world.process_on(
        crate::wire::Wire::new(crate::wire::Cut::Never),
        world.config(),
        move |_| clock.advance(std::time::Duration::from_secs(6)),
    );
    let report = invoke(&slow, "run", near).await;
    assert_eq!(report.status, RunStatus::Continue, "{report:#?}");
    let wider = MEMBERS.replace("credit     =", "city = \"address1_city\"\ncredit     =");
    world.streams = stream_file(&[&wider, CERTIFICATIONS]);
    world.clock.advance(std::time::Duration::from_secs(91));
    let report = world.complete("run").await;
    assert_eq!(
        report.notes,
        [
            "the stream file changed since this run's first invocation; streams whose records it gives \
          another meaning are read again in full"
        ]
    );
    let members = stream_of(&report, "members");
    assert_eq!(members.status, StreamStatus::Complete);
    assert!(
        members.notes[0].contains("changed what its records mean"),
        "{members:#?}"
    );
    world.assert_copy_equals_truth().await;
}
