//! An event as API Gateway sends it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use web::Scope;

use super::*;
use crate::ring::tests::{World, key};

/// The event of a caller who shows this.
fn event(authorization: &str) -> Value {
    let mut event: Value = serde_json::from_str(include_str!("event.json")).unwrap();
    event["headers"]["authorization"] = json!(authorization);
    event["multiValueHeaders"]["authorization"] = json!([authorization]);
    event
}

fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

async fn answered(world: &World, event: Value) -> Result<Value, Failure> {
    let policy = answer(&world.ring, event).await?;
    Ok(serde_json::to_value(policy).unwrap())
}

#[tokio::test]
async fn a_known_key_gets_a_policy_of_all_that_it_is_good_for_and_its_name_goes_on() {
    let app = key(1, "app", &[Scope::Changes, Scope::Read]);
    let world = World::of(&[&app]).await;
    let policy = answered(&world, event(&basic(&app.text))).await.unwrap();
    assert_eq!(policy["principalId"], "app");
    let context = json!({"key": "app", "scopes": "read changes"});
    assert_eq!(policy["context"], context);
    let resources = &policy["policyDocument"]["Statement"][0]["Resource"];
    let resources: Vec<&str> = resources
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    let stage = "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5/production";
    for call in ["GET/", "GET/health", "GET/changes/*", "POST/changes"] {
        assert!(
            resources.contains(&format!("{stage}/{call}").as_str()),
            "{call}: {resources:?}"
        );
    }
    for call in ["POST/changes/*/drop", "POST/runs", "GET/export/*"] {
        assert!(
            !resources.contains(&format!("{stage}/{call}").as_str()),
            "{call}: {resources:?}"
        );
    }
}

#[tokio::test]
async fn who_shows_nothing_that_is_known_or_two_things_is_told_the_word_that_becomes_401() {
    let app = key(1, "app", &[Scope::Read]);
    let right = basic(&app.text);
    let world = World::of(&[&app]).await;
    let mut events = vec![
        event(""),
        event("Basic"),
        event(&right.replace("Basic", "Bearer")),
        event(&basic(&format!("{}x", app.text))),
        event(&basic("app:")),
    ];
    for headers in ["headers", "multiValueHeaders"] {
        let mut none = event(&right);
        none["headers"] = Value::Null;
        none[headers] = json!({});
        events.push(none);
    }
    let mut twice = event(&right);
    twice["multiValueHeaders"]["Authorization"] = json!([basic("app:x")]);
    events.push(twice);
    let mut twice = event(&right);
    twice["multiValueHeaders"]["authorization"] = json!([basic("app:x"), right]);
    events.push(twice);
    for event in events {
        let failure = answered(&world, event.clone()).await.unwrap_err();
        assert_eq!(failure, Failure::Unknown, "{event}");
    }
    assert_eq!(Failure::Unknown.diagnostic().error_message, "Unauthorized");
    assert!(answered(&world, event(&right)).await.is_ok());
}

#[tokio::test]
async fn an_event_of_something_else_is_no_question() {
    let world = World::of(&[]).await;
    let arn = |arn: &str| {
        let mut event = event("");
        event["methodArn"] = json!(arn);
        event
    };
    for event in [
        json!(null),
        json!({}),
        arn(""),
        arn("arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5"),
        arn("arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5//GET/"),
        arn("arn:aws:lambda:eu-north-1:123456789012:a1b2c3d4e5/production/GET/"),
    ] {
        let failure = answered(&world, event.clone()).await.unwrap_err();
        assert_eq!(failure, Failure::Event, "{event}");
    }
}
