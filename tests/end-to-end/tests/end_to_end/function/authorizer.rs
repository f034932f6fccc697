//! The function `authorizer`, asked as API Gateway asks it.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Deployment, REGION, Terminal};

const EVENT: &str = include_str!("../../../../../functions/authorizer/src/answer/event.json");

/// The gateway asks about a caller who shows this.
fn asked(name: &str, key: &str) -> Value {
    let mut event: Value = serde_json::from_str(EVENT).unwrap();
    let shown = format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{key}")));
    event["headers"]["authorization"] = json!(shown);
    event["multiValueHeaders"]["authorization"] = json!([shown]);
    event
}

#[tokio::test]
async fn a_key_that_a_terminal_adds_to_the_secret_is_let_in_and_every_other_told_401() {
    let Some(deployment) = Deployment::new("authorizer").await else {
        return;
    };
    let terminal = deployment.terminal();
    let new = ["keys", "new", "app", "--scope", "changes", "--aws"];
    let unasked = terminal.run(&new).await;
    assert_eq!(
        (unasked.code, unasked.data.as_str()),
        (2, ""),
        "{unasked:?}"
    );
    let made = terminal.run(&[&new[..], &["--yes"]].concat()).await;
    assert_eq!(made.code, 0, "{made:?}");
    let key = made.data.trim();
    let other = terminal
        .run(&["keys", "new", "other", "--scope", "run", "--aws", "--yes"])
        .await;
    assert_eq!(other.code, 0, "{other:?}");

    let function = deployment.function().running("authorizer").create().await;
    let policy = function.run(&asked("app", key)).await;
    assert_eq!(policy["principalId"], "app");
    assert_eq!(
        policy["context"],
        json!({"key": "app", "scopes": "changes"})
    );
    let statement = &policy["policyDocument"]["Statement"][0];
    assert_eq!(statement["Effect"], "Allow");
    let stage = "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5/production";
    let calls = [
        "GET/healthz",
        "GET/changes",
        "GET/changes/*",
        "POST/changes",
    ];
    assert_eq!(
        statement["Resource"],
        json!(calls.map(|call| format!("{stage}/{call}")))
    );
    let policy = function.run(&asked("other", other.data.trim())).await;
    assert_eq!(policy["context"]["scopes"], "run");

    for event in [asked("other", key), asked("app", "dsk_x"), asked("", "")] {
        let told = function.fail(&event).await;
        assert_eq!(told, ("Unauthorized".to_owned(), "Unauthorized".to_owned()));
    }
    let log = function.log().await.join("\n");
    assert!(!log.contains(key) && !log.contains("dsk_"), "{log}");
}

/// A Secrets Manager with one secret, `keys`, that was made without a value: AWS then answers as if there were
/// none, which the emulator does not.
async fn without_a_value() -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let stored = Arc::new(Mutex::new(Vec::new()));
    let storing = Arc::clone(&stored);
    let answer = async move |headers: HeaderMap, body: String| {
        let asked: Value = serde_json::from_str(&body).unwrap();
        let puts = headers["x-amz-target"] == "secretsmanager.PutSecretValue";
        if !puts || asked["SecretId"] != "keys" {
            let answer = json!({"__type": "ResourceNotFoundException"});
            return (StatusCode::BAD_REQUEST, Json(answer));
        }
        storing.lock().unwrap().push(asked["SecretString"].clone());
        (StatusCode::OK, Json(json!({"Name": "keys"})))
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, stored)
}

#[tokio::test]
async fn the_first_key_goes_into_a_secret_that_has_no_value_yet_and_none_into_one_that_is_not_there()
 {
    let (address, stored) = without_a_value().await;
    let mut terminal = Terminal::bare();
    for (name, value) in [
        ("AWS_ENDPOINT_URL", address.as_str()),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCOUNT),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("SYNC_KEYS_SECRET_ID", "nowhere"),
    ] {
        terminal.set(name, value);
    }
    let new = ["keys", "new", "app", "--scope", "read", "--aws", "--yes"];
    let nowhere = terminal.run(&new).await;
    assert_eq!(
        (nowhere.code, nowhere.data.as_str()),
        (1, ""),
        "{nowhere:?}"
    );
    assert!(nowhere.words.contains("there is no secret"), "{nowhere:?}");
    terminal.set("SYNC_KEYS_SECRET_ID", "keys");
    let made = terminal.run(&new).await;
    assert_eq!(made.code, 0, "{made:?}");
    let stored = stored.lock().unwrap();
    let keys: Value = serde_json::from_str(stored[0].as_str().unwrap()).unwrap();
    assert_eq!((stored.len(), &keys["keys"][0]["name"]), (1, &json!("app")));
}

#[tokio::test]
async fn a_secret_that_is_no_list_of_keys_or_not_there_fails_and_only_the_log_says_why() {
    let Some(deployment) = Deployment::new("authorizer-broken").await else {
        return;
    };
    // The secret with the access to Dynamics: another than it should be, and not to be shown.
    let wrong = deployment.variables["DYNAMICS_SECRET_ID"].clone();
    for (secret, reason) in [
        (wrong.as_str(), "is not what it should be at line 1"),
        ("nowhere", "was not found"),
    ] {
        let function = deployment.function().running("authorizer");
        let function = function.with("SYNC_KEYS_SECRET_ID", secret).create().await;
        let (kind, message) = function.fail(&asked("app", "dsk_x")).await;
        assert_eq!(kind, "DynamicsSync.Keys");
        assert!(!message.contains(secret), "{message}");
        // The emulator collects what is written late with the next invocation.
        function.fail(&asked("app", "dsk_x")).await;
        let log = function.log().await.join("\n");
        assert!(log.contains(reason), "{log}");
        deployment.dynamics.assert_nothing_leaks(&log);
    }
    let function = deployment.function().running("authorizer");
    let function = function.without("SYNC_KEYS_SECRET_ID").create().await;
    let (kind, message) = function.fail(&asked("app", "dsk_x")).await;
    assert_eq!(kind, "DynamicsSync.Settings");
    assert!(!message.contains("SYNC_"), "{message}");
    function.fail(&asked("app", "dsk_x")).await;
    let log = function.log().await.join("\n");
    assert!(log.contains("SYNC_KEYS_SECRET_ID is missing"), "{log}");
}
