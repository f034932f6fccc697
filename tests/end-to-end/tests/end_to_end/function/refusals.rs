//! What is wrong with the surroundings is said by name, with what to do, and moves nothing.

use serde_json::{Value, json};

use crate::support::{Deployment, Function, STREAMS};

/// Fails unless the text has every one of `parts`.
fn assert_names(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in: {text}");
    }
}

/// Runs the function, whose streams must all fail for a reason with every one of `parts`, and looks
/// that nothing moved.
async fn assert_fails_with(deployment: &Deployment, function: &Function, parts: &[&str]) {
    let answer = function.run(&json!({"run_id": "night-1"})).await;
    assert_eq!(answer["status"], "failed", "{answer}");
    deployment
        .dynamics
        .assert_nothing_leaks(&answer.to_string());
    for stream in answer["streams"].as_array().unwrap() {
        assert_eq!(stream["status"], "failed", "{answer}");
        assert_names(stream["reason"].as_str().unwrap(), parts);
        let name = stream["name"].as_str().unwrap();
        assert_eq!(
            deployment.store.cursor(name).await.unwrap(),
            None,
            "the cursor moved"
        );
    }
}

#[tokio::test]
async fn missing_and_malformed_settings_are_all_named_in_one_failure() {
    let Some(deployment) = Deployment::new("settings").await else {
        return;
    };
    let function = deployment
        .function()
        .without("DYNAMICS_SECRET_ID")
        .without("SYNC_STREAMS")
        .without("SYNC_STATE_TABLE")
        .with("SYNC_RECORDS_TABLE", "a b")
        .with("SYNC_BUDGET_SHARE", "half")
        .with("AZURE_AUTHORITY_HOST", "http://entra.example")
        .create()
        .await;
    let expected = [
        "DYNAMICS_TENANT_ID",
        "DYNAMICS_CLIENT_ID",
        "DYNAMICS_CLIENT_SECRET",
        "DYNAMICS_INSTANCE_URL",
        "DYNAMICS_SECRET_ID",
        "AZURE_AUTHORITY_HOST",
        "SYNC_BUDGET_SHARE",
        "SYNC_STREAMS",
        "SYNC_STATE_TABLE",
        "SYNC_RECORDS_TABLE",
    ];
    // A warm function goes on telling.
    for _ in 0..2 {
        let (kind, message) = function.fail(&json!({})).await;
        assert_eq!(kind, "DynamicsSync.Settings");
        assert_names(&message, &expected);
        assert!(!message.contains("SYNC_CHANGES_TABLE"), "{message}");
        deployment.dynamics.assert_nothing_leaks(&message);
    }
}

/// A stream file with a mistake on lines 1, 2, 4, 6 and 7.
const MISTAKEN: &str = r#"time_zone = "Europe/Olso"
lnaguage  = "nb"
[[stream]]
name      = "Members"
table     = "contacts"
direction = "sideways"
fields    = { born = { column = "birthdate", type = "dat" } }
"#;

#[tokio::test]
async fn mistakes_in_the_stream_file_are_all_named_in_one_failure() {
    let Some(mut deployment) = Deployment::new("mistakes").await else {
        return;
    };
    deployment.put_streams(MISTAKEN);
    let function = deployment.function().create().await;
    let (kind, message) = function.fail(&json!({})).await;
    assert_eq!(kind, "DynamicsSync.Settings");
    assert_names(
        &message,
        &[
            "Europe/Oslo",
            "lnaguage",
            "language",
            "Members",
            "sideways",
            "dat",
        ],
    );
    for line in [1, 2, 4, 6, 7] {
        assert_names(&message, &[&format!("other-streams.toml:{line}")]);
    }
}

#[tokio::test]
async fn missing_settings_and_mistakes_in_the_stream_file_are_named_together() {
    let Some(mut deployment) = Deployment::new("both").await else {
        return;
    };
    deployment.put_streams(MISTAKEN);
    let function = deployment
        .function()
        .without("SYNC_CHANGES_TABLE")
        .create()
        .await;
    let (_, message) = function.fail(&json!({})).await;
    assert_names(&message, &["SYNC_CHANGES_TABLE", "lnaguage", "sideways"]);
}

#[tokio::test]
async fn a_stream_file_that_is_not_there_is_named() {
    let Some(deployment) = Deployment::new("no-file").await else {
        return;
    };
    let function = deployment
        .function()
        .with("SYNC_STREAMS", "/opt/nowhere.toml")
        .create()
        .await;
    let (kind, message) = function.fail(&json!({})).await;
    assert_eq!(kind, "DynamicsSync.Settings");
    assert_names(&message, &["/opt/nowhere.toml"]);
}

#[tokio::test]
async fn a_secret_that_is_not_there_fails_the_run_and_says_what_to_check() {
    let Some(deployment) = Deployment::new("no-secret").await else {
        return;
    };
    let function = deployment
        .function()
        .with("DYNAMICS_SECRET_ID", "elsewhere/dynamics");
    let function = function.create().await;
    let parts = [
        "elsewhere/dynamics",
        "not found",
        "check that this is its name or ARN",
    ];
    assert_fails_with(&deployment, &function, &parts).await;
}

#[tokio::test]
async fn a_secret_without_a_value_fails_the_run_and_names_the_member() {
    let Some(deployment) = Deployment::new("half-secret").await else {
        return;
    };
    deployment
        .put_secret(&[
            ("DYNAMICS_CLIENT_SECRET", ""),
            ("DYNAMICS_TENANT_ID", "none"),
        ])
        .await;
    let function = deployment.function().create().await;
    let parts = [
        "half-secret/dynamics",
        "DYNAMICS_CLIENT_SECRET",
        "DYNAMICS_TENANT_ID",
    ];
    assert_fails_with(&deployment, &function, &parts).await;
}

#[tokio::test]
async fn a_wrong_client_secret_fails_the_run_and_says_what_to_do() {
    let Some(deployment) = Deployment::new("wrong-secret").await else {
        return;
    };
    let wrong = "wro~ng.8Q";
    deployment
        .put_secret(&[("DYNAMICS_CLIENT_SECRET", wrong)])
        .await;
    let function = deployment.function().create().await;
    assert_fails_with(&deployment, &function, &["client secret", "AADSTS7000215"]).await;
    let log = function.log().await.join("\n");
    assert!(log.contains("stream failed"), "{log}");
    assert!(!log.contains(wrong), "{log}");
}

/// Whoever corrects it tries again at once, and then Lambda still has the same process.
#[tokio::test]
async fn a_wrong_client_secret_that_was_corrected_is_right_for_the_next_invocation() {
    let Some(deployment) = Deployment::new("corrected-secret").await else {
        return;
    };
    deployment
        .put_secret(&[("DYNAMICS_CLIENT_SECRET", "wro~ng.8Q")])
        .await;
    let function = deployment.function().create().await;
    assert_eq!(function.run(&json!({})).await["status"], "failed");
    deployment.put_secret(&[]).await;
    let answer = function.run(&json!({})).await;
    assert_eq!(answer["status"], "complete", "{answer}");
}

#[tokio::test]
async fn a_missing_state_table_fails_the_invocation_and_is_named() {
    let Some(deployment) = Deployment::new("no-state").await else {
        return;
    };
    let function = deployment
        .function()
        .with("SYNC_STATE_TABLE", "no-such-state")
        .create()
        .await;
    let (kind, message) = function.fail(&json!({})).await;
    assert_eq!(kind, "DynamicsSync.Store");
    assert_names(&message, &["`no-such-state`", "SYNC_STATE_TABLE"]);
}

#[tokio::test]
async fn a_missing_records_table_fails_the_run_and_is_named() {
    let Some(deployment) = Deployment::new("no-records").await else {
        return;
    };
    let function = deployment
        .function()
        .with("SYNC_RECORDS_TABLE", "no-such-records");
    let function = function.create().await;
    assert_fails_with(
        &deployment,
        &function,
        &["`no-such-records`", "SYNC_RECORDS_TABLE"],
    )
    .await;
}

#[tokio::test]
async fn an_event_that_makes_no_sense_fails_the_invocation_and_says_what_was_expected() {
    let Some(mut deployment) = Deployment::new("events").await else {
        return;
    };
    deployment.put_streams(STREAMS);
    let function = deployment.function().create().await;
    let cases: [(Value, &[&str]); 4] = [
        (
            json!({"modus": "delta"}),
            &["modus", "run_id", "scheduled event"],
        ),
        (json!({"mode": "sideways"}), &["sideways", "delta"]),
        (json!({"run_id": "a b"}), &["run_id", "letters"]),
        (
            json!({"streams": ["member"]}),
            &["`member`", "`members`", "`certifications`"],
        ),
    ];
    for (event, parts) in cases {
        let (kind, message) = function.fail(&event).await;
        assert_eq!(kind, "DynamicsSync.Request", "{message}");
        assert_names(&message, parts);
    }
}
