//! Alerts of the real function `sync`, read back from an emulated SNS.

mod every_kind;
mod topic;

use clock::{Clock, SystemClock};
use jiff::tz::TimeZone;
use serde_json::json;
use tokio::net::TcpListener;

use self::topic::Topic;
use crate::support::{Aws, Deployment, STREAMS};

/// The stream file in this language and time zone, with coordinators.
fn streams(language: &str, zone: &str) -> String {
    let alert = "name      = \"certifications\"\nalert     = \"coordinators\"\n";
    STREAMS
        .replace("Europe/Oslo", zone)
        .replace("\"nb\"", &format!("\"{language}\""))
        .replace("name      = \"certifications\"\n", alert)
}

/// A time zone where the coordinators are up: it is about noon.
fn noon() -> String {
    let hour = SystemClock.now().to_zoned(TimeZone::UTC).hour();
    // Its name counts westwards.
    format!("Etc/GMT{:+}", hour - 12)
}

/// A deployment with both topics.
async fn deployment(name: &str, language: &str) -> Option<(Deployment, Topic, Topic)> {
    let mut deployment = Deployment::new(name).await?;
    let operations = Topic::create(&deployment.aws, &format!("{name}-operations")).await;
    let coordinators = Topic::create(&deployment.aws, &format!("{name}-coordinators")).await;
    deployment.put_streams(&streams(language, &noon()));
    for (variable, value) in [
        ("SYNC_OPERATIONS_TOPIC_ARN", operations.arn.as_str()),
        ("SYNC_COORDINATORS_TOPIC_ARN", coordinators.arn.as_str()),
        ("SYNC_PUBLIC_URL", "https://sync.example.org/prod"),
    ] {
        deployment.variables.insert(variable.into(), value.into());
    }
    Some((deployment, operations, coordinators))
}

const WRONG: [(&str, &str); 1] = [("DYNAMICS_CLIENT_SECRET", "wrong")];

async fn tells_that_it_fails_and_that_it_is_well_again(language: &str) -> Option<String> {
    let name = format!("alerts-{language}");
    let (deployment, operations, coordinators) = deployment(&name, language).await?;
    let function = deployment.function().create().await;
    deployment.put_secret(&WRONG).await;
    let answer = function.run(&json!({"run_id": "night-1"})).await;
    assert_eq!(answer["status"], "failed");
    // The same night once more: nobody is told twice.
    let mut told = vec![operations.read().await, coordinators.read().await];
    function.run(&json!({"run_id": "night-1"})).await;
    assert_eq!(operations.read().await, "");
    deployment.put_secret(&[]).await;
    let answer = function.run(&json!({"run_id": "night-2"})).await;
    assert_eq!(answer["status"], "complete");
    told.extend([operations.read().await, coordinators.read().await]);
    assert_eq!(deployment.store.alerts().await.unwrap(), []);
    Some(told.join("\n"))
}

#[tokio::test]
async fn a_sync_that_fails_is_told_in_norwegian_to_both_topics_and_so_is_that_it_is_well_again() {
    if let Some(told) = tells_that_it_fails_and_that_it_is_well_again("nb").await {
        insta::assert_snapshot!(told);
    }
}

#[tokio::test]
async fn a_sync_that_fails_is_told_in_english_to_both_topics_and_so_is_that_it_is_well_again() {
    if let Some(told) = tells_that_it_fails_and_that_it_is_well_again("en").await {
        insta::assert_snapshot!(told);
    }
}

#[tokio::test]
async fn a_run_whose_topic_is_gone_ends_all_the_same_and_tells_it_when_the_topic_is_back() {
    let name = "topic-gone";
    let Some((mut deployment, _, coordinators)) = deployment(name, "en").await else {
        return;
    };
    let gone = "topic-gone-and-back";
    let variable = "SYNC_OPERATIONS_TOPIC_ARN".to_owned();
    deployment.variables.insert(variable, Aws::arn("sns", gone));
    let function = deployment.function().create().await;
    deployment.put_secret(&WRONG).await;
    let answer = function.run(&json!({"run_id": "night-1"})).await;
    assert_eq!(answer["status"], "failed");
    assert_eq!(coordinators.published().await.len(), 1);
    let unsent = deployment.store.alerts().await.unwrap();
    assert_eq!(unsent.iter().filter(|alert| alert.failed == 1).count(), 2);
    let log = function.log().await.join("\n");
    assert!(log.contains("there is no such topic"), "{log}");

    let back = Topic::create(&deployment.aws, gone).await;
    function.run(&json!({"run_id": "night-2"})).await;
    assert_eq!(back.published().await.len(), 2);
}

#[tokio::test]
async fn a_run_is_answered_in_time_although_sns_is_silent() {
    let Some((deployment, ..)) = deployment("sns-silent", "en").await else {
        return;
    };
    // Takes calls, and says nothing: for longer than the function has left.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let function = deployment.function().timeout(8);
    let function = function.with("AWS_ENDPOINT_URL_SNS", &endpoint);
    let function = function.create().await;
    deployment.put_secret(&WRONG).await;
    let answer = function.run(&json!({"run_id": "night-1"})).await;
    assert_eq!(answer["status"], "failed");
    let log = function.log().await.join("\n");
    assert!(log.contains("no time was left to tell people"), "{log}");
}
