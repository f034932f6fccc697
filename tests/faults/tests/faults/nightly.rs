//! The ordinary nights: a first load, deltas, rows that leave and come back, and a night without change.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clock::Clock;
use dynamics_simulator::{Class, Effect, Limit, Options, RetryAfter};
use serde_json::{Map, Value as Json, json};
use sync_engine::{RunStatus, StreamStatus};
use sync_store::Position;

use crate::members::fired;
use crate::wire::{Cut, Throttle, Wire};
use crate::world::{CERTIFICATIONS, MEMBERS, World, invoke, small, stream_of};

fn changes(json: Json) -> Map<String, Json> {
    json.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_first_load_and_then_each_nights_changes_make_the_copy_equal_to_dynamics() {
    let world = World::of(small(), &[MEMBERS, CERTIFICATIONS]).await;
    world.complete("first").await;
    world.assert_copy_equals_truth().await;
    for night in 0..3 {
        world.simulator.burst("contacts", 5, 20, 5).unwrap();
        world
            .simulator
            .burst("hlf_certifications", 3, 8, 2)
            .unwrap();
        world.next_night();
        let report = world.complete(&format!("night-{night}")).await;
        let members = stream_of(&report, "members");
        assert!(members.stored > 0 && members.deleted > 0, "{members:#?}");
        for stream in &report.streams {
            let told = stream.stored + stream.deleted + stream.unchanged + stream.excluded;
            assert_eq!(
                stream.pulled, told,
                "not every row is accounted for: {stream:#?}"
            );
        }
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn a_night_without_changes_asks_once_a_stream_and_writes_nothing() {
    let world = World::of(small(), &[MEMBERS, CERTIFICATIONS]).await;
    world.complete("first").await;
    world.simulator.burst("contacts", 5, 20, 5).unwrap();
    world.complete("second").await;
    let report = world.complete("third").await;
    for stream in &report.streams {
        assert_eq!(
            (stream.requests, stream.stored, stream.deleted),
            (1, 0, 0),
            "{stream:#?}"
        );
    }
}

#[tokio::test]
async fn a_pull_makes_no_more_requests_than_its_pages_and_two() {
    let options = Options {
        contacts: 1_000,
        page_size_max: 100,
        ..Options::default()
    };
    let world = World::of(options, &[MEMBERS]).await;
    let report = world.complete("first").await;
    let members = stream_of(&report, "members");
    assert_eq!(members.pulled, 1_000);
    assert!(members.requests <= 10 + 2, "{} requests", members.requests);
    let log = world.simulator.requests();
    assert_eq!(members.requests, log.of(Class::Read));
    // Apart from the pull, once a run: token, who am I, the table's definition and date columns, and
    // how deep the application user may read it; and, once a day, the choices of the column in `where`.
    assert_eq!(report.preparing_requests, 6);
    assert_eq!(log.total, members.requests + report.preparing_requests);

    world.simulator.burst("contacts", 50, 150, 30).unwrap();
    world.next_night();
    let report = world.complete("second").await;
    let members = stream_of(&report, "members");
    assert_eq!(members.pulled, 230);
    assert!(members.requests <= 3 + 2, "{} requests", members.requests);
}

#[tokio::test]
async fn a_row_that_no_longer_meets_where_is_buried_and_comes_back_when_it_does_again() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let records = world.store.count_live("members").await.unwrap();
    let row = world
        .simulator
        .truth("contacts")
        .unwrap()
        .find(|row| row["statecode"] == 0)
        .unwrap();
    let id = row["contactid"].as_str().unwrap().parse().unwrap();

    world
        .simulator
        .update("contacts", id, changes(json!({"statecode": 1})))
        .unwrap();
    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "members").deleted, 1);
    assert_eq!(
        world.store.count_live("members").await.unwrap(),
        records - 1
    );
    world.assert_copy_equals_truth().await;

    world
        .simulator
        .update("contacts", id, changes(json!({"statecode": 0})))
        .unwrap();
    let report = world.complete("third").await;
    assert_eq!(stream_of(&report, "members").stored, 1);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_stream_in_the_middle_of_its_first_load_is_told_apart_and_goes_on_from_its_page() {
    let options = Options {
        contacts: 200,
        ..small()
    };
    let world = World::of(options, &[MEMBERS]).await;
    // Each answer takes ten seconds; after a few pages the deadline is too near for another.
    let clock = world.clock.clone();
    let slow = move |_| clock.advance(Duration::from_secs(10));
    let process = world.process_on(Wire::new(Cut::Never), world.config(), slow);
    let report = invoke(&process, "long", world.in_seconds(110)).await;
    assert_eq!(report.status, RunStatus::Continue);
    assert!(report.progress > 1, "{report:#?}");
    assert!(world.clock.now() < world.in_seconds(110));
    let cursor = world.cursor("members").await.unwrap();
    assert!(matches!(cursor.position, Position::Loading { .. }));
    assert_eq!(stream_of(&report, "members").lag_seconds, None);

    let so_far = stream_of(&report, "members").pages;
    let report = world.complete("long").await;
    assert_eq!(
        stream_of(&report, "members").pages,
        10 - so_far + 1,
        "the rest and the overlap"
    );
    world.assert_copy_equals_truth().await;
    let runs = world
        .store
        .latest_runs::<sync_engine::RunReport>(5)
        .await
        .unwrap();
    let invocations: Vec<_> = runs.iter().map(|run| run.header.invocation).collect();
    assert_eq!(invocations, [2, 1], "both are invocations of one run");
    assert_eq!(runs[0].header.started_at, runs[1].header.started_at);
}

#[tokio::test]
async fn a_run_that_begins_too_near_its_deadline_answers_continue_with_no_progress() {
    let world = World::of(small(), &[MEMBERS]).await;
    let report = invoke(&world.process(), "late", world.in_seconds(6)).await;
    assert_eq!(report.status, RunStatus::Continue);
    assert_eq!(report.progress, 0);
    world.complete("late").await;
}

#[tokio::test]
async fn a_throttled_pull_waits_as_told_and_completes() {
    let world = World::of(small(), &[MEMBERS]).await;
    let throttled = Effect::Throttled {
        limit: Limit::Requests,
        retry_after: RetryAfter::Seconds(17),
    };
    world.fault_on("contacts", 1, throttled);
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "members").throttled, 1);
    assert_eq!(fired(&world), [1]);
    assert!(
        world.clock.slept().contains(&Duration::from_secs(17)),
        "{:?}",
        world.clock.slept()
    );
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_throttle_that_outlasts_the_deadline_saves_and_answers_continue() {
    let world = World::of(small(), &[MEMBERS]).await;
    let throttled = Effect::Throttled {
        limit: Limit::Requests,
        retry_after: RetryAfter::Seconds(600),
    };
    world.fault_on("contacts", 1, throttled);
    let report = invoke(&world.process(), "first", world.in_seconds(300)).await;
    assert_eq!(report.status, RunStatus::Continue, "{report:#?}");
    assert_eq!(stream_of(&report, "members").pages, 1);
    assert_eq!(fired(&world), [1]);
    world.clock.advance(Duration::from_secs(700));
    world.complete("first").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn the_copys_age_is_told_by_dynamics_clock() {
    let world = World::of(small(), &[MEMBERS]).await;
    let before = world.clock.now();
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "members").lag_seconds, Some(0));
    let as_of = world.store.as_of("members").await.unwrap().unwrap();
    assert_eq!(as_of.as_of, before);
    assert_eq!(as_of.run_id, "first");

    world.next_night();
    world.simulator.switch(|switches| {
        switches.forbidden.insert("contacts".into());
    });
    let report = world.run("second").await;
    let members = stream_of(&report, "members");
    assert_eq!(members.status, StreamStatus::Unreadable);
    assert_eq!(
        members.lag_seconds,
        Some(24 * 60 * 60),
        "a failed run does not make the copy fresh"
    );
}

#[tokio::test]
async fn fetching_ahead_costs_no_request_twice() {
    let world = World::of(small(), &[MEMBERS]).await;
    let answers = Arc::new(AtomicU64::new(0));
    let counted = answers.clone();
    let count = move |number| counted.store(number, Ordering::SeqCst);
    let process = world.process_on(Wire::new(Cut::Never), world.config(), count);
    let report = invoke(&process, "first", jiff::Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Complete);
    // Three pages, the overlap, and what prepares them.
    assert_eq!(
        answers.load(Ordering::SeqCst),
        3 + 1 + report.preparing_requests
    );
}

#[tokio::test]
async fn a_table_that_throttles_most_writes_is_waited_for_and_completes() {
    let mut world = World::of(small(), &[MEMBERS]).await;
    world.throttle = Throttle::all_but_one_in(12, 300);
    world.complete("first").await;
    assert_eq!(
        world.throttle.left.load(Ordering::SeqCst),
        0,
        "it hardly throttled"
    );
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_table_that_throttles_until_the_deadline_is_answered_with_continue() {
    let mut world = World::of(small(), &[MEMBERS]).await;
    world.throttle = Throttle::all_but_one_in(0, u64::MAX);
    let report = invoke(&world.process(), "first", world.in_seconds(120)).await;
    assert_eq!(report.status, RunStatus::Continue, "{report:#?}");
    assert!(world.clock.now() < world.in_seconds(120));
    let left = world.throttle.left.load(Ordering::SeqCst);
    assert!(left < u64::MAX, "it throttled nothing");
    world.throttle = Throttle::default();
    world.complete("first").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn an_answer_from_a_clock_years_ahead_does_not_make_the_copy_look_fresh_for_years() {
    let world = World::of(small(), &[MEMBERS]).await;
    world.simulator.advance(400 * 86_400);
    world.complete("first").await;
    let years = world.simulator.now().duration_since(world.clock.now());
    assert!(years.as_hours() > 365 * 24, "{years}");
    let as_of = world.store.as_of("members").await.unwrap().unwrap();
    assert!(as_of.as_of <= world.clock.now());
}

#[tokio::test]
async fn an_overlap_read_in_several_pages_goes_on_where_it_was_stopped() {
    let world = World::of(small(), &[MEMBERS]).await;
    // All rows were modified within the ten minutes before the load, so the overlap has several pages.
    world.simulator.burst("contacts", 0, 60, 0).unwrap();
    let clock = world.clock.clone();
    let slow = move |_| clock.advance(Duration::from_secs(10));
    let mut positions = Vec::new();
    for _ in 0..20 {
        let process = world.process_on(Wire::new(Cut::Never), world.config(), slow.clone());
        let report = invoke(&process, "slow", world.in_seconds(75)).await;
        if report.status == RunStatus::Complete {
            break;
        }
        assert!(report.progress > 0, "{report:#?}");
        positions.push(world.cursor("members").await.unwrap().position);
    }
    let resumed = |position: &Position| matches!(position, Position::Overlap { next: Some(_), .. });
    assert!(positions.iter().any(resumed), "{positions:?}");
    world.assert_copy_equals_truth().await;
}
