//! Nights: those that go well, those that need several invocations or another run's end, and those that fail.

use std::collections::BTreeSet;
use std::time::Duration;

use clock::{Clock, SystemClock};
use dynamics_simulator::{Class, Effect, Fault};
use serde_json::{Value, json};
use sync_engine::RunReport;
use sync_store::Acquired;

use super::deployed::{Stack, Wanted};
use super::executions::{new_queue, receive};
use crate::support::{Aws, STREAMS};

#[tokio::test]
async fn a_night_longer_than_an_invocation_is_begun_by_the_schedule_and_done_in_several() {
    let wanted = Wanted {
        // Three pages of contacts.
        page_size_max: Some(100),
        sync_timeout: Some(14),
    };
    let Some(stack) = Stack::deploy("whole-night", STREAMS, wanted).await else {
        return;
    };
    // No page is waited for with less time than twice the last one took, and after such a one less is left. Each
    // invocation asks for two, of which it sees one.
    let slow = Effect::SlowBody {
        pieces: 2,
        seconds: 4,
    };
    let slow = Fault::on(Class::Read, slow).table("contacts");
    stack
        .dynamics
        .simulator
        .inject(slow.pages_above(1).times(4));

    stack.make_due("NightlySchedule").await;
    let night = stack.executions.end().await;

    assert_eq!(night.status, "SUCCEEDED", "{night:?}");
    let statuses = night.statuses();
    let (last, before) = statuses.split_last().unwrap();
    assert_eq!(*last, "complete", "{night:?}");
    assert!(before.len() >= 2, "{night:?}");
    assert!(
        before.iter().all(|status| *status == "continue"),
        "{statuses:?}"
    );
    // It went on at once, and was not tried again like one that failed.
    assert!(
        !night.history.contains("WaitToTryAgain"),
        "{}",
        night.history
    );
    let (_, schedule) = stack.schedule("NightlySchedule").await;
    let sent: Value = serde_json::from_str(schedule["Target"]["Input"].as_str().unwrap()).unwrap();
    assert_eq!(night.input, sent);
    let ids: BTreeSet<&str> = night
        .answers
        .iter()
        .map(|answer| answer["run_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, BTreeSet::from([&*night.name]));
    let runs = stack.store.latest_runs::<RunReport>(10).await.unwrap();
    let invocations: Vec<_> = runs.iter().map(|run| run.header.invocation).collect();
    let all: Vec<_> = (1..=u32::try_from(statuses.len()).unwrap()).rev().collect();
    assert_eq!(invocations, all, "all are invocations of one run");
    stack.dynamics.assert_copied_to(&stack.store).await;
    stack.dynamics.assert_nothing_leaks(&night.history);
}

#[tokio::test]
async fn a_run_that_finds_a_stream_held_waits_for_the_other_and_then_does_its_work() {
    let Some(stack) = Stack::deploy("held", STREAMS, Wanted::default()).await else {
        return;
    };
    hold(&stack, "members", Duration::from_secs(8)).await;

    stack.executions.start(&json!({"tries": 1})).await;
    let night = stack.executions.end().await;

    assert_eq!(night.status, "SUCCEEDED", "{night:?}");
    let statuses = night.statuses();
    let (last, before) = statuses.split_last().unwrap();
    assert_eq!(*last, "complete");
    assert!(!before.is_empty(), "nothing was held: {statuses:?}");
    assert!(
        before.iter().all(|status| *status == "held"),
        "{statuses:?}"
    );
    stack.dynamics.assert_copied_to(&stack.store).await;
}

/// Another run holds the stream for so long.
async fn hold(stack: &Stack, stream: &str, time: Duration) {
    let (store, now) = (&stack.store, SystemClock.now());
    let acquired = store.acquire(stream, "another-run", now).await.unwrap();
    let Acquired::Granted { lease, .. } = acquired else {
        panic!("the stream is held already");
    };
    let state = store.stream_state(stream).await.unwrap().unwrap();
    let (_, end) = state.lease.unwrap();
    store.release(lease).await.unwrap();
    // As if it had been taken, and not been renewed, so long ago that this is left of it.
    let begun = clock::after(now, time)
        .checked_sub(end.duration_since(now))
        .unwrap();
    store.acquire(stream, "another-run", begun).await.unwrap();
}

#[tokio::test]
async fn a_run_that_fails_is_tried_again_and_nobody_hears_of_it() {
    let Some(stack) = Stack::deploy("tried-again", STREAMS, Wanted::default()).await else {
        return;
    };
    let forbidden = Effect::Status {
        status: 403,
        code: "0x80072560".into(),
        message: "The user is not a member of the organization.".into(),
        retry_after: dynamics_simulator::RetryAfter::Absent,
        html: false,
    };
    stack
        .dynamics
        .simulator
        .inject(Fault::on(Class::WhoAmI, forbidden));

    stack.executions.start(&json!({"tries": 2})).await;
    let night = stack.executions.end().await;

    assert_eq!(night.status, "SUCCEEDED", "{night:?}");
    assert_eq!(night.statuses(), ["failed", "complete"]);
    stack.dynamics.assert_copied_to(&stack.store).await;
    assert_eq!(waiting(&stack).await, 0);
}

#[tokio::test]
async fn a_run_that_fails_in_every_try_reaches_the_queue_and_whoever_runs_the_sync() {
    let Some(stack) = Stack::deploy("given-up", STREAMS, Wanted::default()).await else {
        return;
    };
    let told = new_queue(&stack.aws, "given-up-told").await;
    let subscription = [
        ("Action", "Subscribe"),
        ("TopicArn", stack.output("OperationsTopic")),
        ("Protocol", "sqs"),
        ("Endpoint", &Aws::arn("sqs", "given-up-told")),
    ];
    stack.aws.form("sns", &subscription).await;
    stack
        .dynamics
        .simulator
        .switch(|switches| switches.secret_expired = true);

    stack.executions.start(&json!({"tries": 2})).await;
    let night = stack.executions.end().await;

    assert_eq!(night.status, "FAILED", "{night:?}");
    assert_eq!(night.statuses(), ["failed", "failed"]);
    let given_up = receive(&stack.aws, stack.output("FailedQueue")).await;
    assert_eq!(given_up["run_id"], night.name);
    assert_eq!(given_up["asked"], night.input);
    assert_eq!(
        (&given_up["status"], &given_up["failures"]),
        (&json!("failed"), &json!(2))
    );
    let message = loop {
        let message = receive(&stack.aws, &told).await;
        let subject = message["Subject"].as_str().unwrap().to_owned();
        // The function may have told its own before.
        if subject.ends_with("a run was given up") {
            break message["Message"].as_str().unwrap().to_owned();
        }
    };
    assert!(message.ends_with(stack.output("PublicUrl")), "{message}");
    assert!(
        message.is_ascii() && message.len() <= 160,
        "no single SMS: {message}"
    );
    stack.dynamics.assert_nothing_leaks(&night.history);
    stack.dynamics.assert_nothing_leaks(&message);
}

#[tokio::test]
async fn an_invocation_that_fails_as_a_whole_is_tried_again_and_one_that_is_asked_wrongly_is_not() {
    let Some(stack) = Stack::deploy("failing", STREAMS, Wanted::default()).await else {
        return;
    };
    stack
        .executions
        .start(&json!({"tries": 3, "mode": "all"}))
        .await;
    let wrong = stack.executions.end().await;
    let given_up = receive(&stack.aws, stack.output("FailedQueue")).await;
    assert_eq!(
        (&*wrong.status, &given_up["failures"]),
        ("FAILED", &json!(0))
    );
    assert_eq!(given_up["status"], "DynamicsSync.Request");

    let table = json!({"TableName": stack.output("StateTable")});
    stack
        .aws
        .action("dynamodb", "DynamoDB_20120810.DeleteTable", &table)
        .await;
    stack.executions.start(&json!({"tries": 3})).await;
    let failed = stack.executions.end().await;
    let given_up = receive(&stack.aws, stack.output("FailedQueue")).await;
    assert_eq!(
        (&*failed.status, &given_up["failures"]),
        ("FAILED", &json!(3))
    );
    assert_eq!(given_up["status"], "DynamicsSync.Store");
}

/// How many runs were given up.
async fn waiting(stack: &Stack) -> u64 {
    let asked = json!({
        "QueueUrl": stack.output("FailedQueue"),
        "AttributeNames": ["ApproximateNumberOfMessages"],
    });
    let told = stack
        .aws
        .action("sqs", "AmazonSQS.GetQueueAttributes", &asked)
        .await;
    let number = told["Attributes"]["ApproximateNumberOfMessages"].as_str();
    number.unwrap().parse().unwrap()
}
