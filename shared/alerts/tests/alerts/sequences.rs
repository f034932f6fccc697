//! What is told as time goes by.

use situation::{Credential, Outcome};
use sync_engine::StreamStatus;

use crate::support::{DAY, HOUR, NOW, OPERATIONS, World};

const FAILS: &str = "Dynamics Sync: certifications cannot be synced";
const NOT_IN_APP: &str = "Dynamics Sync: certifications not up to date in the app";

#[tokio::test]
async fn what_lasts_is_told_when_it_begins_then_after_1_3_7_14_and_14_days_and_when_it_is_over() {
    let world = World::start().await;
    let mut told_on = Vec::new();
    for day in 0..60 {
        if day == 50 {
            world.run_with(|_| ()).await;
        } else {
            world.run_with(|report| report.mismatches = 2).await;
        }
        for time in ["noon", "midnight"] {
            for subject in world.look().await {
                told_on.push((day, time, subject));
            }
            world.clock.advance(12 * HOUR);
        }
    }
    insta::assert_debug_snapshot!(told_on);
}

#[tokio::test]
async fn a_changed_table_is_told_to_operations_when_it_begins_again_after_a_day_and_when_it_is_settled()
 {
    let world = World::start().await;
    let mut told = Vec::new();
    for (hours, changes) in [
        (0, Some(2)),
        (12, Some(2)),
        (24, Some(1)),
        // Nobody could look.
        (36, None),
        (48, Some(0)),
        (60, Some(0)),
    ] {
        let noon: jiff::Timestamp = NOW.parse().unwrap();
        world.clock.set(clock::after(noon, hours * HOUR));
        world
            .run_with(|report| report.schema_changes = changes)
            .await;
        for message in world.messages().await {
            assert_eq!(message.topic, OPERATIONS);
            told.push((hours, message.subject));
        }
    }
    let changed = "Dynamics Sync: the table of certifications was changed";
    assert_eq!(
        told,
        [
            (0, changed.to_owned()),
            (24, format!("Reminder: {changed}")),
            (
                48,
                "Dynamics Sync: the table of certifications is as expected".to_owned()
            ),
        ]
    );
}

#[tokio::test]
async fn a_stream_that_fails_once_is_told_only_if_it_has_not_succeeded_for_20_hours() {
    let world = World::start().await;
    world.clock.set("2026-11-19T23:15:00Z".parse().unwrap());
    world.run(StreamStatus::Complete).await;
    world.clock.advance(HOUR);
    world.run(StreamStatus::Failed).await;
    assert_eq!(world.look().await, [""; 0]);
    world.clock.advance(18 * HOUR);
    assert_eq!(world.look().await, [""; 0]);
    world.clock.advance(HOUR);
    assert_eq!(world.look().await, [NOT_IN_APP, FAILS]);
    world.run(StreamStatus::Complete).await;
    assert_eq!(
        world.look().await,
        [
            "Dynamics Sync: certifications is up to date again",
            "Dynamics Sync: certifications is synced again",
        ]
    );
    assert_eq!(world.look().await, [""; 0]);
}

#[tokio::test]
async fn a_stream_that_failed_three_times_in_a_row_is_told_at_once() {
    let world = World::start().await;
    world.run(StreamStatus::Complete).await;
    for _ in 0..2 {
        world.clock.advance(HOUR);
        world.run(StreamStatus::Failed).await;
        assert_eq!(world.look().await, [""; 0]);
    }
    world.clock.advance(HOUR);
    world.run(StreamStatus::Failed).await;
    assert_eq!(world.look().await, [NOT_IN_APP, FAILS]);
}

#[tokio::test]
async fn what_is_over_before_the_coordinators_are_up_is_not_told_to_them() {
    let world = World::start().await;
    world.run(StreamStatus::Complete).await;
    world.clock.set("2026-11-21T01:00:00Z".parse().unwrap());
    for _ in 0..3 {
        world.run(StreamStatus::Failed).await;
        world.clock.advance(HOUR);
    }
    assert_eq!(world.look().await, [FAILS]);
    world.run(StreamStatus::Complete).await;
    let again = "Dynamics Sync: certifications is synced again";
    assert_eq!(world.look().await, [again]);
    world.clock.advance(12 * HOUR);
    assert_eq!(world.look().await, [""; 0]);
}

#[tokio::test]
async fn a_night_without_a_run_is_told_at_six_in_the_morning_and_when_the_run_is_done() {
    let world = World::start().await;
    world.clock.set("2026-03-28T00:00:00Z".parse().unwrap());
    world.run(StreamStatus::Complete).await;
    // 05:59 and 06:00 in Oslo, on the night in which an hour is missing.
    world.clock.set("2026-03-29T03:59:59Z".parse().unwrap());
    assert_eq!(world.look().await, [""; 0]);
    world.clock.set("2026-03-29T04:00:00Z".parse().unwrap());
    let missing = "Dynamics Sync: last night's sync was not done by 6:00";
    assert_eq!(world.look().await, [missing]);
    world.run(StreamStatus::Complete).await;
    let done = "Dynamics Sync: the missing sync is done";
    assert_eq!(world.look().await, [done]);
}

#[tokio::test]
async fn a_night_without_a_run_is_told_once_and_the_copy_is_never_said_to_be_fresh_again() {
    let world = World::start().await;
    // Ten past midnight in Oslo.
    world.clock.set("2026-11-18T23:10:00Z".parse().unwrap());
    world.loaded().await;
    world.run(StreamStatus::Complete).await;
    let mut told = Vec::new();
    for hour in 1..48 {
        world.clock.advance(HOUR);
        for subject in world.look().await {
            told.push((hour, subject));
        }
    }
    let missing = "Dynamics Sync: last night's sync was not done by 6:00";
    assert_eq!(told, [(30, missing.to_owned())]);
}

#[tokio::test]
async fn an_old_copy_is_not_said_to_be_fresh_again_because_failures_explain_it_now() {
    let world = World::start().await;
    world.clock.set("2026-11-18T23:10:00Z".parse().unwrap());
    world.loaded().await;
    world.clock.advance(33 * HOUR);
    world.run(StreamStatus::Complete).await;
    let old = "Dynamics Sync: certifications is old in the app";
    assert_eq!(world.look().await, [old]);
    for _ in 0..3 {
        world.clock.advance(HOUR);
        world.run(StreamStatus::Failed).await;
    }
    assert_eq!(world.look().await, [NOT_IN_APP, FAILS]);
}

#[tokio::test]
async fn a_credential_that_nobody_could_read_is_not_said_to_be_renewed() {
    let world = World::start().await;
    world.run(StreamStatus::Complete).await;
    let expires_soon = "Dynamics Sync: our password for Dynamics expires in 5 days";
    let renewed = "Dynamics Sync: our password for Dynamics is renewed";
    for (credential, told) in [
        (expiring("2026-11-25"), vec![expires_soon]),
        (None, vec![]),
        (
            Some(Credential {
                certificate: false,
                expires_on: None,
            }),
            vec![],
        ),
        (expiring("2028-11-25"), vec![renewed]),
    ] {
        world
            .check(|check| check.credential.clone_from(&credential))
            .await;
        assert_eq!(world.look().await, told);
    }
}

#[tokio::test]
async fn a_credential_that_is_renewed_for_a_short_while_is_told_of_again() {
    let world = World::start().await;
    let mut told = Vec::new();
    for (day, end) in [(0, "2026-11-21"), (1, "2026-12-11"), (14, "2026-12-11")] {
        let noon: jiff::Timestamp = NOW.parse().unwrap();
        world.clock.set(clock::after(noon, day * DAY));
        world.run(StreamStatus::Complete).await;
        world.check(|check| check.credential = expiring(end)).await;
        told.extend(world.look().await);
    }
    let told: Vec<_> = told
        .iter()
        .filter_map(|told| told.rsplit_once("in "))
        .collect();
    let days: Vec<_> = told.into_iter().map(|(_, days)| days).collect();
    assert_eq!(days, ["1 day", "20 days", "7 days"]);
}

/// A client secret with this last day.
fn expiring(day: &str) -> Option<Credential> {
    Some(Credential {
        certificate: false,
        expires_on: Some(day.parse().unwrap()),
    })
}

#[tokio::test]
async fn a_credential_is_told_30_14_7_and_1_days_before_its_end_then_that_it_ended_and_when_it_is_renewed()
 {
    let world = World::start().await;
    let mut told = Vec::new();
    for day in 0..50 {
        world.run(StreamStatus::Complete).await;
        world
            .check(|check| check.credential = expiring("2026-12-25"))
            .await;
        for subject in world.look().await {
            told.push((day, subject));
        }
        world.clock.advance(DAY);
    }
    world.run(StreamStatus::Complete).await;
    world
        .check(|check| check.credential = expiring("2028-12-25"))
        .await;
    for subject in world.look().await {
        told.push((50, subject));
    }
    insta::assert_debug_snapshot!(told);
}

#[tokio::test]
async fn dynamics_that_does_not_answer_once_is_not_told_and_twice_is() {
    let world = World::start().await;
    let failed = || Outcome::Failed("no answer in time".into());
    world
        .check(|check| check.dynamics.who_am_i = failed())
        .await;
    assert_eq!(world.look().await, [""; 0]);
    world
        .check(|check| check.dynamics.who_am_i = Outcome::Good)
        .await;
    assert_eq!(world.look().await, [""; 0]);
    for told in [false, true] {
        world.clock.advance(HOUR);
        world.check(|check| check.dynamics.token = failed()).await;
        let subject = "Dynamics Sync: Dynamics does not let us in".to_owned();
        assert_eq!(world.look().await, Vec::from_iter(told.then_some(subject)));
    }
}
