//! A `serve` that works on the tables of a deployment.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use reqwest::Method;

use super::hosted::Hosted;
use crate::support::{Dynamics, Terminal};

const TOPICS: [(&str, &str); 2] = [
    (
        "SYNC_OPERATIONS_TOPIC_ARN",
        "arn:aws:sns:eu-north-1:123456789012:operations",
    ),
    (
        "SYNC_COORDINATORS_TOPIC_ARN",
        "arn:aws:sns:eu-north-1:123456789012:coordinators",
    ),
];

/// An AWS that takes messages and nothing else, and what it was handed.
async fn sns() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let taking = Arc::clone(&taken);
    let answer = async move |body: String| {
        if !body.contains("Action=Publish&") {
            return (
                StatusCode::BAD_REQUEST,
                "{\"__type\": \"AccessDeniedException\"}",
            );
        }
        taking.lock().unwrap().push(body);
        let answer = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
        (StatusCode::OK, answer)
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, taken)
}

fn terminal(dynamics: &Dynamics, address: &str) -> Terminal {
    let mut terminal = Terminal::of(dynamics);
    for (name, value) in [
        ("SYNC_STATE_TABLE", "state"),
        ("SYNC_RECORDS_TABLE", "records"),
        ("SYNC_CHANGES_TABLE", "changes"),
        ("AWS_ENDPOINT_URL", address),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ] {
        terminal.set(name, value);
    }
    terminal
}

#[tokio::test]
async fn without_the_topics_of_the_deployment_it_does_not_start_so_that_no_message_is_lost() {
    let dynamics = Dynamics::start().await;
    let (address, _) = sns().await;
    let mut terminal = terminal(&dynamics, &address);
    let (_started, lines) = terminal.start(&["serve", "--aws"], 1).await;
    assert!(lines.is_empty(), "{lines:?}");
    let [(operations, arn), (coordinators, _)] = TOPICS;
    terminal.set(operations, arn);
    let refused = terminal.run(&["serve", "--aws"]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.words.contains(coordinators), "{refused:?}");
}

#[tokio::test]
async fn a_message_goes_to_the_topics_of_the_deployment() {
    let dynamics = Dynamics::start().await;
    let (address, taken) = sns().await;
    let mut terminal = terminal(&dynamics, &address);
    for (name, arn) in TOPICS {
        terminal.set(name, arn);
    }
    let hosted = Hosted::first_of(&terminal, &["serve", "--aws"]).await;
    let tested = hosted.own(&Method::POST, "/alerts/test").send().await;
    assert_eq!(tested.unwrap().status(), 200);
    assert_eq!(taken.lock().unwrap().len(), 2);
}
