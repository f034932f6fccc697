//! Events as API Gateway sends them, through the runtime's own reading of them.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clock::SystemClock;
use lambda_http::IntoResponse;
use local_store::LocalStore;
use serde_json::{Value, json};
use streams::StreamFile;
use sync_store::{Store, TableNames};

use super::*;

const EVENT: &str = include_str!("event.json");

const FILE: &str = "time_zone = \"Europe/Oslo\"\n[[stream]]\nname = \"certifications\"\n\
    table = \"hlf_certifications\"\ndirection = \"both\"\nkey = [\"hlf_mentorcode\"]\n\
    fields = { mentor_code = \"hlf_mentorcode\", comment = \"hlf_comment\" }\n";

/// Changes on an engine, which stops when it is dropped.
async fn changes() -> (Changes, LocalStore) {
    let engine = LocalStore::in_memory().await.unwrap();
    let tables = TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    };
    let store = Store::new(engine.config(), tables);
    store.create_tables().await.unwrap();
    let file = StreamFile::parse(FILE, "streams.toml").unwrap();
    let changes = Changes::new(store, file, Arc::new(SystemClock));
    (changes, engine)
}

fn event() -> Value {
    serde_json::from_str(EVENT).unwrap()
}

/// Status, headers and body, as the gateway gets them.
async fn answered(changes: Option<&Changes>, event: &Value) -> (u16, Value, Value) {
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = answer(changes, request).await.into_response().await;
    let Body::Text(body) = response.body() else {
        panic!("the gateway would send this as base64")
    };
    let headers = response.headers().iter();
    let header = |(name, value): (
        &lambda_http::http::HeaderName,
        &lambda_http::http::HeaderValue,
    )| { (name.to_string(), json!(value.to_str().unwrap())) };
    let body = serde_json::from_str(body).unwrap();
    (
        response.status().as_u16(),
        headers.map(header).collect(),
        body,
    )
}

#[tokio::test]
async fn an_event_of_the_gateway_hands_a_change_in_and_another_asks_for_it() {
    let (changes, _engine) = changes().await;
    let (status, headers, body) = answered(Some(&changes), &event()).await;
    assert_eq!(status, 202, "{body}");
    let id = body["id"].as_str().unwrap();
    assert_eq!(headers["location"], format!("changes/{id}"));

    let mut asked = event();
    let path = format!("/changes/{id}");
    asked["httpMethod"] = json!("GET");
    asked["resource"] = json!("/changes/{id}");
    asked["path"] = json!(path);
    asked["body"] = Value::Null;
    let (status, _, body) = answered(Some(&changes), &asked).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["fields"]["comment"], "Blåbærsyltetøy");
    assert_eq!(body["origin"]["key"], "app");
}

#[tokio::test]
async fn a_body_in_base64_is_the_same_body() {
    let (changes, _engine) = changes().await;
    let (_, _, first) = answered(Some(&changes), &event()).await;
    let mut encoded = event();
    let body = BASE64_STANDARD.encode(encoded["body"].as_str().unwrap());
    encoded["body"] = json!(body);
    encoded["isBase64Encoded"] = json!(true);
    let (status, _, again) = answered(Some(&changes), &encoded).await;
    assert_eq!((status, again), (202, first));
}

#[tokio::test]
async fn the_query_of_an_event_is_read() {
    let (changes, _engine) = changes().await;
    answered(Some(&changes), &event()).await;
    let mut asked = event();
    asked["httpMethod"] = json!("GET");
    asked["queryStringParameters"] = json!({ "status": "waiting", "after": "certifications:0" });
    asked["multiValueQueryStringParameters"] =
        json!({ "status": ["waiting"], "after": ["certifications:0"] });
    let (status, _, body) = answered(Some(&changes), &asked).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["changes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whom_the_authorizer_has_not_named_is_asked_who_they_are() {
    let (changes, _engine) = changes().await;
    for authorizer in [
        json!(null),
        json!({}),
        json!({ "key": "", "scopes": "changes" }),
    ] {
        let mut event = event();
        event["requestContext"]["authorizer"] = authorizer;
        let (status, headers, body) = answered(Some(&changes), &event).await;
        assert_eq!(status, 401, "{body}");
        assert!(
            headers["www-authenticate"]
                .as_str()
                .unwrap()
                .starts_with("Basic")
        );
        assert_eq!(headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn a_key_without_scopes_may_do_nothing() {
    let (changes, _engine) = changes().await;
    let mut event = event();
    event["requestContext"]["authorizer"] = json!({ "key": "app" });
    let (status, _, body) = answered(Some(&changes), &event).await;
    assert_eq!((status, &body["code"]), (403, &json!("missing-scope")));
}

#[tokio::test]
async fn a_function_without_settings_answers_that_and_not_which() {
    let (status, _, body) = answered(None, &event()).await;
    assert_eq!((status, &body["code"]), (500, &json!("failed")));
    assert!(!body.to_string().contains("SYNC_"), "{body}");
}
