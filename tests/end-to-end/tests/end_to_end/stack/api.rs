//! The API: through the authorizer to the functions, and from a button of the page to a run.

use reqwest::Method;
use serde_json::{Value, json};

use super::deployed::{Stack, Wanted};
use crate::support::Function;

/// A stream file by which an app hands in changes.
const STREAMS: &str = include_str!("../openapi/streams.toml");

async fn answer(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_key_opens_what_it_is_good_for_and_nothing_else_opens_anything() {
    let Some(stack) = Stack::deploy("api", STREAMS, Wanted::default()).await else {
        return;
    };
    let reader = stack.new_key("reader", &["read"]).await;
    let app = stack.new_key("app", &["changes"]).await;
    let get = |path: &str| stack.call(Method::GET, path);

    for path in ["/", "/health", "/changes"] {
        assert_eq!(answer(get(path)).await.0, 401, "{path}");
        let wrong = get(path).basic_auth("reader", Some(&app));
        assert_eq!(answer(wrong).await.0, 401, "{path}");
        let (status, text) = answer(get(path).basic_auth("reader", Some(&reader))).await;
        assert_eq!(status, 200, "{path}: {text}");
    }
    let (_, page) = answer(get("/").basic_auth("reader", Some(&reader))).await;
    assert!(
        page.contains("href=\"/test/"),
        "the page does not know its stage: {page}"
    );
    assert_eq!(answer(get("/healthz")).await, (200, "ok\n".to_owned()));
    assert_eq!(
        answer(get("/nowhere").basic_auth("reader", Some(&reader)))
            .await
            .0,
        403
    );

    let change = json!({
        "stream": "certifications",
        "operation": "update",
        "key": {"mentor_code": "M-1001"},
        "fields": {"comment": "by the app"}
    });
    let hand_in = || {
        stack
            .call(Method::POST, "/changes")
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "comment-1")
            .body(change.to_string())
    };
    let (status, _) = answer(hand_in().basic_auth("reader", Some(&reader))).await;
    assert_eq!(status, 403);
    let (status, text) = answer(hand_in().basic_auth("app", Some(&app))).await;
    assert_eq!(status, 202, "{text}");
    let accepted: Value = serde_json::from_str(&text).unwrap();
    let path = format!("/changes/{}", accepted["id"].as_str().unwrap());
    let (status, text) = answer(get(&path).basic_auth("app", Some(&app))).await;
    assert_eq!(status, 200, "{text}");
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&shown["id"], &shown["state"]),
        (&accepted["id"], &json!("waiting"))
    );
}

#[tokio::test]
async fn a_run_by_hand_goes_through_the_state_machine_under_the_id_that_was_answered() {
    let Some(stack) = Stack::deploy("by-button", STREAMS, Wanted::default()).await else {
        return;
    };
    let key = stack.new_key("office", &["run", "read"]).await;
    let press = stack.call(Method::POST, "/runs");
    let (status, text) = answer(press.basic_auth("office", Some(&key))).await;
    assert_eq!(status, 202, "{text}");
    let started: Value = serde_json::from_str(&text).unwrap();

    let run = stack.executions.end().await;
    assert_eq!(run.status, "SUCCEEDED", "{run:?}");
    assert_eq!(started["run_id"], run.name);
    assert_eq!(run.statuses(), ["complete"]);

    let (_, schedule) = stack.schedule("CheckSchedule").await;
    let target = &schedule["Target"];
    let (_, check) = target["Arn"].as_str().unwrap().rsplit_once(':').unwrap();
    let input = serde_json::from_str(target["Input"].as_str().unwrap()).unwrap();
    let checked = Function::named(&stack.aws, check).run(&input).await;
    assert_eq!(checked["dynamics"], true, "{checked}");
    let health = stack.call(Method::GET, "/health");
    let (status, text) = answer(health.basic_auth("office", Some(&key))).await;
    assert_eq!(status, 200, "{text}");
    let health: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        health["checks"]["dynamics:token"][0]["status"], "pass",
        "{health}"
    );
}
