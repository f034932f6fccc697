//! What the calls do: the same as behind API Gateway.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::hosted::{Hosted, document, told};
use crate::command_line::{both_ways, comment};
use crate::support::{Dynamics, StateFile, Terminal};

/// Asks for a run until none goes on any more: the ids of the first and the last that were started.
async fn runs(hosted: &Hosted) -> Vec<Value> {
    let mut started = Vec::new();
    while started.len() < 2 {
        let answer = hosted.own(&Method::POST, "/runs").send().await.unwrap();
        match answer.status().as_u16() {
            202 => started.push(document(answer).await["run_id"].clone()),
            status => assert_eq!(status, 409),
        }
    }
    started
}

#[tokio::test]
async fn a_run_that_is_started_over_http_fills_the_copy_and_no_two_go_on_at_once() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let hosted = Hosted::first(&terminal).await;
    let started = tokio::time::timeout(Duration::from_secs(60), runs(&hosted)).await;
    let started = started.expect("a run that was started did not end");
    assert_ne!(started[0], started[1]);

    let export = hosted.own(
        &Method::GET,
        "/export/certifications.csv?source=copy&fields=mentor_code",
    );
    let export = export.send().await.unwrap().text().await.unwrap();
    assert!(
        export.contains("M-1001") && !export.contains("#INCOMPLETE"),
        "{export}"
    );
    let page = hosted.own(&Method::GET, "/").send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(hosted.started.interrupt().await, Some(0));
    dynamics
        .assert_copied_to(&StateFile::of(&terminal).await.store)
        .await;
}

#[tokio::test]
async fn a_change_is_handed_in_listed_and_dropped_over_http() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    terminal.write("streams.toml", &both_ways("hold"));
    let hosted = Hosted::first(&terminal).await;
    let change = comment("Moved to Bergen.");
    let handed = hosted
        .own(&Method::POST, "/changes")
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", "1");
    let answer = handed.body(change.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let id = document(answer).await["id"].as_str().unwrap().to_owned();
    let listed = hosted
        .own(&Method::GET, "/changes?status=waiting")
        .send()
        .await
        .unwrap();
    let listed = document(listed).await;
    assert_eq!(listed["changes"][0]["id"], json!(id));
    assert_eq!(listed["changes"][0]["origin"]["key"], "local");
    let dropped = hosted.own(&Method::POST, &format!("/changes/{id}/drop"));
    let dropped = document(dropped.send().await.unwrap()).await;
    assert_eq!(dropped["state"], "dropped");
}

#[tokio::test]
async fn a_body_that_no_call_takes_is_refused() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let hosted = Hosted::first(&terminal).await;
    for size in [300_000, 2_000_000] {
        let handed = hosted
            .own(&Method::POST, "/changes")
            .header("Content-Type", "application/json");
        let handed = handed.header("Idempotency-Key", "1").body("x".repeat(size));
        assert_eq!(told(handed).await, (413, "too-large".to_owned()), "{size}");
    }
}

#[tokio::test]
async fn a_demo_stays_up_with_the_change_that_was_refused_and_a_dynamics_to_sync_with() {
    let hosted = Hosted::after_demo(&Terminal::bare()).await;
    let refused = hosted.own(&Method::GET, "/changes?status=refused").send();
    let refused = document(refused.await.unwrap()).await;
    assert_eq!(refused["changes"].as_array().unwrap().len(), 1);
    let export = hosted.own(&Method::GET, "/export/members.csv?source=dynamics");
    let export = export.send().await.unwrap();
    assert_eq!(export.status(), 200);
    assert_eq!(export.headers()["x-sync-source"], "dynamics");
    assert_eq!(hosted.started.interrupt().await, Some(0));
}
