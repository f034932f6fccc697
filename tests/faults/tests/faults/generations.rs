//! A cursor that cannot be gone on from: the stream is read again in full under a new generation, and what
//! is left of the old one is swept away. Nobody has to do anything, and nothing that is there vanishes.

use clock::Clock;
use dynamics_simulator::{Class, FutureToken, Options};
use jiff::Timestamp;
use sync_engine::{RunReport, RunStatus, StreamStatus};

use crate::bad_answers::world;
use crate::world::{CERTIFICATIONS, MEMBERS, World, invoke, small, stream_file, stream_of};

/// The notes of a stream that was read again in full.
fn why(report: &RunReport, stream: &str) -> String {
    let stream = stream_of(report, stream);
    assert_eq!(stream.status, StreamStatus::Complete, "{stream:#?}");
    stream.notes.join("; ")
}

async fn generation(world: &World, stream: &str) -> u64 {
    world.cursor(stream).await.unwrap().generation
}

/// Deletes so many contacts; few enough for the guard.
fn delete_contacts(world: &World, count: usize) {
    let rows: Vec<_> = world.simulator.truth("contacts").unwrap().collect();
    for row in rows.iter().filter(|row| row["statecode"] == 0).take(count) {
        let id = row["contactid"].as_str().unwrap().parse().unwrap();
        assert!(world.simulator.delete("contacts", id).unwrap());
    }
}

/// One further run reads as little as possible and writes nothing.
async fn assert_at_rest(world: &World) {
    let before = world.simulator.requests().of(Class::Read);
    let report = world.complete("at rest").await;
    for stream in &report.streams {
        let quiet = (
            stream.requests,
            stream.stored,
            stream.deleted,
            stream.repaired,
        );
        assert_eq!(quiet, (1, 0, 0, 0), "{stream:#?}");
        assert_eq!(stream.notes, Vec::<String>::new());
    }
    // And a look at one known row each, before the changes are asked for.
    let reads = world.simulator.requests().of(Class::Read) - before;
    assert_eq!(reads, 2 * report.streams.len() as u64);
}

#[tokio::test]
async fn an_expired_change_token_is_healed_by_a_full_read_that_also_finds_the_deletes_in_the_gap() {
    for status in [400, 410] {
        let world = world().await;
        world.complete("first").await;
        world
            .simulator
            .switch(|switches| switches.expired_token_status = status);
        delete_contacts(&world, 3);
        world.simulator.burst("contacts", 2, 4, 0).unwrap();
        world.simulator.expire_change_tokens();
        let report = world.complete("second").await;
        assert!(
            why(&report, "members").contains("change-tracking token was too old"),
            "{report:#?}"
        );
        assert_eq!(stream_of(&report, "members").deleted, 3);
        assert_eq!(generation(&world, "members").await, 2);
        world.assert_copy_equals_truth().await;
        assert_at_rest(&world).await;
    }
}

#[tokio::test]
async fn a_row_deleted_before_a_full_read_is_swept_and_one_created_again_revived() {
    let world = world().await;
    world.complete("first").await;
    let row = world
        .simulator
        .truth("contacts")
        .unwrap()
        .find(|row| row["statecode"] == 0);
    let mut row = row.unwrap();
    let id = row["contactid"].as_str().unwrap().parse().unwrap();
    world.simulator.delete("contacts", id).unwrap();
    world.simulator.expire_change_tokens();
    world.complete("second").await;
    world.assert_copy_equals_truth().await;
    for system in [
        "versionnumber",
        "createdon",
        "modifiedon",
        "@odata.etag",
        "fullname",
    ] {
        row.remove(system);
    }
    let row = row
        .into_iter()
        .filter(|(name, _)| ["contactid", "lastname", "statecode"].contains(&name.as_str()))
        .collect();
    world.simulator.create("contacts", row).unwrap();
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_changed_mapping_reads_the_table_again_and_rewrites_every_record_once() {
    let mut world = world().await;
    world.complete("first").await;
    let wider = MEMBERS.replace("credit     =", "city = \"address1_city\"\ncredit     =");
    world.streams = stream_file(&[&wider, CERTIFICATIONS]);
    let report = world.complete("second").await;
    assert!(why(&report, "members").contains("changed what its records mean"));
    let members = stream_of(&report, "members");
    let records = world.store.count_live("members").await.unwrap();
    assert_eq!((members.stored, members.deleted), (records, 0));
    assert_eq!(why(&report, "certifications"), "");
    world.assert_copy_equals_truth().await;
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn any_change_of_what_a_record_means_is_noticed() {
    for (from, to) in [
        ("{ statecode = 0 }", "{ statecode = 0, donotemail = false }"),
        ("email      =", "mail       ="),
        ("\"lastname\"\n", "\"fullname\"\n"),
        ("where =", "key   = [\"emailaddress1\"]\nwhere ="),
        ("where =", "anchor = 2001-01-01\nwhere ="),
    ] {
        let mut world = World::of(small(), &[MEMBERS]).await;
        world.complete("first").await;
        let changed = MEMBERS.replace(from, to);
        assert_ne!(changed, MEMBERS, "{from}");
        world.streams = stream_file(&[&changed]);
        world.run("second").await;
        assert_eq!(generation(&world, "members").await, 2, "{to}");
    }
}

#[tokio::test]
async fn another_environment_is_read_in_full_and_its_rows_replace_the_others() {
    let world = World::of(small(), &[CERTIFICATIONS]).await;
    world.complete("first").await;
    let other = Options { seed: 2, ..small() };
    let elsewhere = World::of(other, &[CERTIFICATIONS]).await;
    let mut process = world.process();
    process.dynamics = elsewhere.process().dynamics;
    let report = invoke(&process, "second", Timestamp::MAX).await;
    let stream = stream_of(&report, "certifications");
    assert!(
        stream
            .notes
            .join("; ")
            .contains("another Dynamics environment")
    );
    // That every record of the other environment would vanish is for a person to judge.
    assert_eq!(stream.status, StreamStatus::Guarded, "{stream:#?}");
    world
        .store
        .release_guard("certifications", sync_store::Guard::Vanishing)
        .await
        .unwrap()
        .unwrap();
    let report = invoke(&process, "third", Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    let verdict = oracle_of(&elsewhere, &world).await;
    assert!(verdict.is_equal() && verdict.found > 0, "{verdict}");
}

async fn oracle_of(truth: &World, copy: &World) -> oracle::Verdict {
    let stream = &copy.streams.streams[0];
    oracle::judge(
        &truth.simulator,
        &copy.store,
        &copy.streams,
        stream,
        copy.clock.now(),
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_cursor_that_vanished_is_not_taken_for_a_stream_that_was_never_loaded() {
    let world = world().await;
    world.complete("first").await;
    delete_contacts(&world, 2);
    world.forget_cursor("members").await;
    let report = world.complete("second").await;
    assert!(why(&report, "members").contains("its cursor was gone although its records are there"));
    assert_eq!(generation(&world, "members").await, 2);
    world.assert_copy_equals_truth().await;
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn a_restored_environment_is_noticed_whatever_it_makes_of_a_token_from_the_future() {
    for future_token in [
        FutureToken::EmptyDelta,
        FutureToken::Expired,
        FutureToken::Malformed,
    ] {
        let world = world().await;
        world.complete("first").await;
        let backup = world.simulator.snapshot();
        world.simulator.burst("contacts", 3, 6, 2).unwrap();
        world
            .simulator
            .burst("hlf_certifications", 2, 4, 1)
            .unwrap();
        world.next_night();
        world.complete("second").await;
        world.simulator.restore(backup);
        world
            .simulator
            .switch(|switches| switches.future_token = future_token);
        world.next_night();
        let report = world.complete("third").await;
        assert!(!why(&report, "members").is_empty(), "{report:#?}");
        world.assert_copy_equals_truth().await;
        assert_at_rest(&world).await;
    }
}

#[tokio::test]
async fn a_restore_that_removed_the_newest_row_is_noticed_because_no_delete_was_told() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let backup = world.simulator.snapshot();
    world.simulator.burst("contacts", 1, 0, 0).unwrap();
    world.complete("second").await;
    world.simulator.restore(backup);
    let report = world.complete("third").await;
    assert!(
        why(&report, "members").contains("as after a restore"),
        "{report:#?}"
    );
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn the_deletion_of_the_newest_row_is_an_ordinary_delete() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let witness = world.cursor("members").await.unwrap().witness.unwrap();
    world
        .simulator
        .delete("contacts", witness.id.parse().unwrap())
        .unwrap();
    let report = world.complete("second").await;
    assert_eq!(why(&report, "members"), "");
    world.assert_copy_equals_truth().await;
    assert_eq!(generation(&world, "members").await, 1);
}

#[tokio::test]
async fn a_restore_is_noticed_by_a_row_that_went_back_even_when_the_counter_has_caught_up() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let row = world
        .simulator
        .truth("contacts")
        .unwrap()
        .find(|row| row["statecode"] == 0);
    let id = row.unwrap()["contactid"].as_str().unwrap().parse().unwrap();
    let change = |name: &str| {
        let row = serde_json::json!({ "lastname": name });
        world
            .simulator
            .update("contacts", id, row.as_object().unwrap().clone())
            .unwrap();
    };
    let backup = world.simulator.snapshot();
    world.simulator.burst("contacts", 0, 20, 0).unwrap();
    change("Newer");
    world.complete("second").await;
    world.simulator.restore(backup);
    // The witness itself is written again, so that looking at it proves nothing.
    world.simulator.burst("contacts", 0, 40, 0).unwrap();
    world.run("third").await;
    world.complete("fourth").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_cursor_older_than_the_records_never_goes_back_to_their_generation() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    world.simulator.expire_change_tokens();
    world.complete("second").await;
    world.simulator.expire_change_tokens();
    world.complete("third").await;
    assert_eq!(generation(&world, "members").await, 3);
    world.forget_cursor("members").await;
    world.complete("fourth").await;
    assert_eq!(generation(&world, "members").await, 4);
    world.assert_copy_equals_truth().await;
}
