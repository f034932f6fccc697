//! Runs that meet: two at once, one that died, one that wakes up late, the same one twice.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use clock::Clock;
use dynamics_simulator::Class;
use futures::future::LocalBoxFuture;
use jiff::Timestamp;
use sync_engine::{Engine, Limits, RunReport, RunRequest, RunStatus, StreamStatus};
use sync_store::{Acquired, ErrorKind, Position};

use crate::wire::{Cut, Nap, Wire};
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
async fn a_run_that_was_broken_off_leaves_its_streams_to_the_next_and_moves_no_cursor_any_more() {
    let world = World::of(small(), &[MEMBERS, CERTIFICATIONS]).await;
    let now = world.clock.now();
    let acquired = world.store.acquire("members", "first", now).await;
    let Ok(Acquired::Granted { lease, .. }) = acquired else {
        panic!("{acquired:?}");
    };
    let others = world.store.acquire("certifications", "second", now).await;
    assert!(matches!(others, Ok(Acquired::Granted { .. })), "{others:?}");

    world.process().break_off("first").await.unwrap();
    let late = world.store.renew(&lease, now).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::LeaseLost);
    let report = world.run("third").await;
    let [members, certifications] =
        ["members", "certifications"].map(|name| stream_of(&report, name));
    assert_eq!(members.status, StreamStatus::Complete);
    // Another run's is not given back.
    assert_eq!(certifications.status, StreamStatus::Held);
}

#[tokio::test]
async fn a_stream_that_cannot_be_given_back_keeps_no_other_from_it() {
    let world = World::of(small(), &[MEMBERS, CERTIFICATIONS]).await;
    let now = world.clock.now();
    let acquired = world.store.acquire("certifications", "first", now).await;
    let Ok(Acquired::Granted { lease, .. }) = acquired else {
        panic!("{acquired:?}");
    };
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let damaged = world.dynamodb().put_item().table_name("state");
    let damaged = damaged
        .item("pk", text("stream#members"))
        .item("sk", text("cursor"))
        .item("guarded", text("?"));
    damaged.send().await.unwrap();

    world.process().break_off("first").await.unwrap_err();
    let late = world.store.renew(&lease, now).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::LeaseLost);
}

#[tokio::test]
async fn a_retry_of_the_same_run_takes_its_own_lease_again_at_once() {
    let world = World::of(small(), &[MEMBERS]).await;
    die(&world, "first", Cut::After(40)).await;
    world.complete("first").await;
    world.assert_copy_equals_truth().await;
}

/// Lets a run that writes one record at a time fall asleep just before some of its writes, and answers
/// run and alarm clock.
async fn asleep<'a>(
    world: &mut World,
    writes: &[u64],
    request: &'a RunRequest,
) -> (LocalBoxFuture<'a, RunReport>, Nap) {
    let nap = Nap::before(writes);
    world.nap = nap.clone();
    let limits = Limits {
        streams: 1,
        writes: 1,
    };
    let sleeper = Engine {
        limits,
        ..world.process()
    };
    world.nap = Nap::default();
    let run = async move { sleeper.run(request, Timestamp::MAX, &|_| {}).await.unwrap() };
    let mut run: LocalBoxFuture<'a, RunReport> = Box::pin(run);
    tokio::select! {
        report = &mut run => panic!("it never slept: {report:?}"),
        () = nap.fallen_asleep() => {}
    }
    (run, nap)
}

fn assert_held(report: &RunReport) {
    let members = stream_of(report, "members");
    assert_eq!(members.status, StreamStatus::Held, "{members:#?}");
    let reason = members.reason.as_deref().unwrap();
    assert!(
        reason.contains("another run has taken the stream over"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_run_that_falls_asleep_in_a_load_and_wakes_up_late_changes_nothing_any_more() {
    let mut world = World::of(small(), &[MEMBERS]).await;
    let request = RunRequest::new("first");
    // Its second page: the first one has 20 rows and is begun with a write of its own.
    let (sleeping, nap) = asleep(&mut world, &[25], &request).await;
    world.clock.advance(Duration::from_secs(91));
    world.simulator.burst("contacts", 4, 10, 4).unwrap();
    world.complete("second").await;
    let cursor = world.cursor("members").await;

    nap.wake();
    assert_held(&sleeping.await);
    assert_eq!(world.cursor("members").await, cursor);
    // A load tells of no deletes; the delta after it does.
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn rows_deleted_while_a_run_slept_in_a_delta_do_not_come_back_when_it_wakes_up() {
    let mut world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    world.simulator.burst("contacts", 15, 0, 0).unwrap();
    let born: Vec<_> = world.simulator.truth("contacts").unwrap().collect();
    let request = RunRequest::new("second");
    let (sleeping, nap) = asleep(&mut world, &[3], &request).await;
    world.clock.advance(Duration::from_secs(91));
    for row in born
        .iter()
        .filter(|row| row["versionnumber"].as_i64() > Some(1_000))
    {
        let id = row["contactid"].as_str().unwrap().parse().unwrap();
        world.simulator.delete("contacts", id).unwrap();
    }
    world.complete("third").await;
    nap.wake();
    assert_held(&sleeping.await);
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
        ..RunRequest::new("x")
    };
    let error = world
        .process()
        .run(&request, Timestamp::MAX, &|_| {})
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the stream file has no stream `mebmers`; it has `members`, `certifications`"
    );
}

/// Lets a run go on until something is so; panics if it ends before.
async fn until<T>(run: &mut LocalBoxFuture<'_, RunReport>, so: impl Future<Output = T>) -> T {
    tokio::select! {
        report = run => panic!("it ended: {report:?}"),
        so = so => so,
    }
}

#[tokio::test]
async fn the_next_page_is_fetched_while_a_page_is_being_stored() {
    let mut world = World::of(small(), &[MEMBERS]).await;
    let request = RunRequest::new("first");
    let (mut run, nap) = asleep(&mut world, &[5], &request).await;
    let fetched_ahead = async {
        while world.simulator.requests().of(Class::Read) < 2 {
            tokio::task::yield_now().await;
        }
    };
    until(&mut run, fetched_ahead).await;
    assert!(!matches!(
        world.cursor("members").await.unwrap().position,
        Position::Loading { .. }
    ));
    nap.wake();
    assert_eq!(run.await.status, RunStatus::Complete);
}

#[tokio::test]
async fn a_page_that_takes_longer_than_a_lease_lasts_keeps_the_stream() {
    let mut world = World::of(small(), &[MEMBERS]).await;
    let request = RunRequest::new("first");
    let (mut run, nap) = asleep(&mut world, &[5, 9], &request).await;
    world.clock.advance(Duration::from_secs(60));
    nap.wake();
    until(&mut run, nap.fallen_asleep()).await;
    // More than a lease after it was taken, less than one after it was renewed.
    let other = world
        .store
        .acquire("members", "other", world.in_seconds(45))
        .await
        .unwrap();
    assert!(matches!(other, Acquired::Held { .. }), "{other:?}");
    nap.wake();
    assert_eq!(run.await.status, RunStatus::Complete);
}
