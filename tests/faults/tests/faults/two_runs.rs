//! Runs that meet: two at once, one that died, one that wakes up late, the same one twice.

use std::time::Duration;

use jiff::Timestamp;
use sync_engine::{RunRequest, RunStatus, StreamStatus};

use crate::wire::{Cut, Wire};
use crate::world::{CERTIFICATIONS, MEMBERS, World, invoke, small, stream_of};

/// Starts a run and lets it die at a call; its lease stays.
async fn die(world: &World, run_id: &str, cut: Cut) {
    let wire = Wire::new(cut);
    let process = world.process_on(wire.clone(), world.config(), |_| {});
    tokio::select! {
        report = invoke(&process, run_id, Timestamp::MAX) => panic!("it lived: {report:#?}"),
        () = wire.died() => {}
    }
}

#[tokio::test]
async fn a_second_run_finds_the_streams_held_and_changes_nothing() {
    let world = World::of(small(), &[MEMBERS, CERTIFICATIONS]).await;
    die(&world, "first", Cut::Before(60)).await;
    let cursor = world.cursor("members").await;
    let report = world.run("second").await;
    assert_eq!(report.status, RunStatus::Held, "{report:#?}");
    let members = stream_of(&report, "members");
    assert_eq!(members.status, StreamStatus::Held);
    assert!(
        members
            .reason
            .as_deref()
            .unwrap()
            .starts_with("run `first` holds the stream until 2026-11-20T23:1")
    );
    assert_eq!(world.cursor("members").await, cursor);

    world.clock.advance(Duration::from_secs(91));
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_retry_of_the_same_run_takes_its_own_lease_again_at_once() {
    let world = World::of(small(), &[MEMBERS]).await;
    die(&world, "first", Cut::After(40)).await;
    world.complete("first").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_run_that_wakes_up_after_another_took_over_stops_and_moves_no_cursor() {
    let world = World::of(small(), &[MEMBERS]).await;
    let sleeper = world.process();
    let progress = |_: sync_engine::Progress<'_>| {};
    let request = RunRequest::default();
    let mut asleep = Box::pin(sleeper.run("first", &request, Timestamp::MAX, &progress));
    // Polled until its first page is stored, then left alone while another run takes over.
    let stored_a_page = async {
        while world.cursor("members").await.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        report = &mut asleep => panic!("it was too fast: {report:?}"),
        () = stored_a_page => {}
    }
    world.clock.advance(Duration::from_secs(91));
    world.simulator.burst("contacts", 4, 10, 4).unwrap();
    world.complete("second").await;
    let cursor = world.cursor("members").await;

    let report = asleep.await.unwrap();
    let members = stream_of(&report, "members");
    assert_eq!(members.status, StreamStatus::Failed);
    assert!(
        members
            .reason
            .as_deref()
            .unwrap()
            .contains("another run has taken the stream over"),
        "{members:#?}"
    );
    assert_eq!(world.cursor("members").await, cursor);
    // What it had already sent when it fell asleep may have brought deleted rows back; the next delta
    // tells of them.
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn the_same_event_delivered_twice_writes_everything_once() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("event-1").await;
    let again = world.complete("event-1").await;
    assert_eq!(stream_of(&again, "members").stored, 0);
    assert_eq!(stream_of(&again, "members").requests, 1);
}

#[tokio::test]
async fn an_unknown_stream_in_the_event_is_refused_with_the_known_ones() {
    let world = World::of(small(), &[MEMBERS, CERTIFICATIONS]).await;
    let request = RunRequest {
        streams: vec!["mebmers".into()],
        ..RunRequest::default()
    };
    let error = world
        .process()
        .run("x", &request, Timestamp::MAX, &|_| {})
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the stream file has no stream `mebmers`; it has `members`, `certifications`"
    );
}
