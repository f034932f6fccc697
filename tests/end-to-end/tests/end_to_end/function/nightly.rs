//! From event to copy.

use serde_json::{Value, json};
use sync_engine::RunReport;

use crate::support::{CONTACTS, Deployment};

/// A scheduled event as documented:
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html> and
/// <https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-aws.events.html>
fn scheduled(source: &str, id: &str) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": source,
        "account": "123456789012",
        "time": "2026-11-20T23:10:00Z",
        "region": "eu-north-1",
        "resources": ["arn:aws:scheduler:eu-north-1:123456789012:schedule/default/nightly"],
        "detail": {}
    })
}

/// The sum of a count over all streams of an answer.
fn sum(answer: &Value, count: &str) -> u64 {
    let streams = answer["streams"].as_array().unwrap();
    streams
        .iter()
        .map(|stream| stream[count].as_u64().unwrap())
        .sum()
}

#[tokio::test]
async fn the_state_machines_event_loads_a_copy_that_equals_dynamics() {
    let Some(deployment) = Deployment::new("first-load").await else {
        return;
    };
    let function = deployment.function().create().await;
    let event = json!({"run_id": "night-1", "mode": "delta"});
    let answer = function.run(&event).await;

    assert_eq!(answer["run_id"], "night-1");
    assert_eq!(answer["status"], "complete");
    let active = deployment.dynamics.active("contacts").len();
    let [members, certifications] = answer["streams"].as_array().unwrap().as_slice() else {
        panic!("not two streams: {answer}");
    };
    assert_eq!(members["name"], "members");
    assert_eq!(members["pulled"], CONTACTS);
    assert_eq!(members["stored"], active);
    assert!(active < 300, "the stream's condition leaves nothing out");
    assert_eq!(certifications["name"], "certifications");
    assert_eq!(certifications["pulled"], certifications["stored"]);
    for stream in [members, certifications] {
        assert_eq!(stream["status"], "complete");
        assert_eq!(stream["deleted"], 0);
        assert_eq!(stream["requests"], 1);
        assert!(stream["lag_seconds"].as_u64().unwrap() < 60);
    }
    deployment
        .dynamics
        .assert_copied_to(&deployment.store)
        .await;
}

#[tokio::test]
async fn a_scheduled_event_brings_the_copy_up_to_date_under_its_own_id() {
    let Some(deployment) = Deployment::new("scheduled").await else {
        return;
    };
    let simulator = &deployment.dynamics.simulator;
    let function = deployment.function().create().await;
    for (source, id) in [
        ("aws.events", "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c"),
        ("aws.scheduler", "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa"),
    ] {
        let answer = function.run(&scheduled(source, id)).await;
        assert_eq!(answer["status"], "complete", "{answer}");
        assert_eq!(answer["run_id"], id);
        let latest = deployment.store.latest_runs::<RunReport>(1).await.unwrap();
        assert_eq!(latest[0].header.run_id, id);
        assert_eq!(serde_json::to_value(&latest[0].report).unwrap(), answer);
        deployment
            .dynamics
            .assert_copied_to(&deployment.store)
            .await;
        simulator.burst("contacts", 8, 12, 5).unwrap();
        simulator.burst("hlf_certifications", 4, 6, 3).unwrap();
    }
    let answer = function.run(&json!({})).await;
    assert_eq!(sum(&answer, "pulled"), 8 + 12 + 5 + 4 + 6 + 3);
    deployment
        .dynamics
        .assert_copied_to(&deployment.store)
        .await;
}

#[tokio::test]
async fn an_event_delivered_twice_is_one_run_and_writes_nothing_the_second_time() {
    let Some(deployment) = Deployment::new("twice").await else {
        return;
    };
    let function = deployment.function().create().await;
    function.run(&json!({"run_id": "night-1"})).await;
    deployment
        .dynamics
        .simulator
        .burst("contacts", 8, 12, 5)
        .unwrap();

    let event = scheduled("aws.events", "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c");
    let first = function.run(&event).await;
    let second = function.run(&event).await;
    assert_eq!(sum(&first, "pulled"), 8 + 12 + 5);
    assert_eq!(second["status"], "complete");
    assert_eq!((sum(&second, "stored"), sum(&second, "deleted")), (0, 0));
    deployment
        .dynamics
        .assert_copied_to(&deployment.store)
        .await;

    let runs = deployment.store.latest_runs::<RunReport>(10).await.unwrap();
    let runs: Vec<_> = runs
        .iter()
        .map(|run| (run.header.run_id.as_str(), run.header.invocation))
        .collect();
    assert_eq!(
        runs,
        [
            ("cdc73f9d-aea9-11e3-9d5a-835b769c0d9c", 2),
            ("cdc73f9d-aea9-11e3-9d5a-835b769c0d9c", 1),
            ("night-1", 1)
        ]
    );
}

/// The time kept free for the report is all there is, so Dynamics is not even asked.
#[tokio::test]
async fn no_time_at_all_is_answered_with_continue_and_the_next_invocation_goes_on() {
    assert_goes_on_after("no-time", 3).await;
}

/// Enough to ask Dynamics who we are, but not for a page.
#[tokio::test]
async fn no_time_for_a_page_is_answered_with_continue_and_the_next_invocation_goes_on() {
    assert_goes_on_after("no-page", 6).await;
}

async fn assert_goes_on_after(name: &str, seconds: u32) {
    let Some(deployment) = Deployment::new(name).await else {
        return;
    };
    let event = json!({"run_id": "night-1"});
    let hurried = deployment.function().timeout(seconds).create().await;
    let answer = hurried.run(&event).await;
    assert_eq!(answer["status"], "continue", "{answer}");
    assert_eq!(answer["progress"], 0, "{answer}");
    let answer = deployment.function().create().await.run(&event).await;
    assert_eq!(answer["status"], "complete", "{answer}");
    deployment
        .dynamics
        .assert_copied_to(&deployment.store)
        .await;
    let runs = deployment.store.latest_runs::<RunReport>(10).await.unwrap();
    let invocations: Vec<_> = runs.iter().map(|run| run.header.invocation).collect();
    assert_eq!(invocations, [2, 1], "both are invocations of one run");
    assert_eq!(runs[0].header.started_at, runs[1].header.started_at);
}
