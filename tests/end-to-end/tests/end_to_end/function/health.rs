//! The function `health`: called by the gateway, and invoked by a schedule.

use serde_json::{Value, json};

use crate::support::{Aws, Deployment, Function, answered, call};

/// What the schedule of the check sends.
fn scheduled() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "time": "2026-11-20T12:00:00Z",
        "resources": ["arn:aws:scheduler:eu-north-1:123456789012:schedule/default/check"],
        "detail": {}
    })
}

/// The function, and beside it a state machine that takes its time.
async fn function(deployment: &Deployment, others: &[(&str, &str)]) -> Function {
    let name = format!("{}-slow", deployment.name);
    let machine = json!({
        "name": name,
        "definition": json!({
            "StartAt": "Slow",
            "States": {"Slow": {"Type": "Wait", "Seconds": 600, "End": true}}
        }).to_string(),
        "roleArn": "arn:aws:iam::123456789012:role/nightly",
    });
    let aws = &deployment.aws;
    aws.action("states", "AWSStepFunctions.CreateStateMachine", &machine)
        .await;
    let arn = Aws::arn("states", &format!("stateMachine:{name}"));
    let function = deployment.function().running("health");
    let function = function.with("SYNC_STATE_MACHINE_ARN", &arn);
    let function = others.iter().fold(function, |function, (name, value)| {
        function.with(name, value)
    });
    function.create().await
}

#[tokio::test]
async fn what_the_scheduled_check_finds_is_on_the_page_and_in_the_document() {
    let Some(deployment) = Deployment::new("health").await else {
        return;
    };
    let topic = Aws::arn("sns", "health-operations");
    let fields = [("Action", "CreateTopic"), ("Name", "health-operations")];
    deployment.aws.form("sns", &fields).await;
    let variables = [
        ("SYNC_OPERATIONS_TOPIC_ARN", topic.as_str()),
        ("SYNC_STAGE", "test"),
    ];
    let function = function(&deployment, &variables).await;
    let checked = function.run(&scheduled()).await;
    assert_eq!(checked["dynamics"], true, "{checked}");
    let requests = deployment.dynamics.simulator.requests().total;

    let (status, document) = answered(&function.run(&call("GET", "/health", "read", None)).await);
    assert_eq!(
        (status, &document["status"]),
        (200, &json!("warn")),
        "{document}"
    );
    assert_eq!(document["checks"]["dynamics:token"][0]["status"], "pass");
    let subscribers = &document["checks"]["alerts:subscribers"][0];
    assert_eq!(
        subscribers["observedValue"], 0,
        "nobody has subscribed: {subscribers}"
    );
    let page = function.run(&call("GET", "/", "read run", None)).await;
    assert_eq!(page["headers"]["content-type"], "text/html; charset=utf-8");
    let html = page["body"].as_str().unwrap();
    // The stage that stands before every path.
    assert!(html.contains("action=\"/prod/runs\""), "{html}");
    deployment.dynamics.assert_nothing_leaks(html);
    let after = deployment.dynamics.simulator.requests().total;
    assert_eq!(after, requests, "looking asked Dynamics");

    let open = function.run(&unsigned("/healthz")).await;
    assert_eq!(
        (&open["statusCode"], &open["body"]),
        (&json!(200), &json!("ok\n"))
    );
    let log = function.log().await;
    let metrics = log.iter().filter(|line| line.contains("\"_aws\""));
    let metrics: Vec<Value> = metrics
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        metrics.len(),
        1,
        "a check has a line, and looking none: {log:?}"
    );
    assert_eq!(
        (&metrics[0]["Stage"], &metrics[0]["Waiting"]),
        (&json!("test"), &json!(0))
    );
    let closed = function.run(&unsigned("/health")).await;
    assert_eq!(closed["statusCode"], 401);
    let (status, refused) = answered(&function.run(&call("GET", "/health", "run", None)).await);
    assert_eq!((status, &refused["code"]), (403, &json!("missing-scope")));
}

/// A call that no authorizer stood before.
fn unsigned(path: &str) -> Value {
    let mut event = call("GET", path, "", None);
    event["requestContext"]["authorizer"] = Value::Null;
    event
}

#[tokio::test]
async fn a_run_by_hand_starts_the_state_machine_once() {
    let Some(deployment) = Deployment::new("by-hand").await else {
        return;
    };
    let function = function(&deployment, &[]).await;
    let press = call("POST", "/runs", "run", None);
    let (status, started) = answered(&function.run(&press).await);
    assert_eq!(status, 202, "{started}");
    let arn = Aws::arn(
        "states",
        &format!(
            "execution:{}-slow:{}",
            deployment.name,
            started["run_id"].as_str().unwrap()
        ),
    );
    let described = deployment
        .aws
        .action(
            "states",
            "AWSStepFunctions.DescribeExecution",
            &json!({"executionArn": arn}),
        )
        .await;
    let input: Value = serde_json::from_str(described["input"].as_str().unwrap()).unwrap();
    assert_eq!(
        input,
        json!({"mode": "delta", "streams": [], "dry_run": false})
    );

    let mut press = press;
    press["headers"]["accept"] = json!("text/html,*/*;q=0.8");
    let again = function.run(&press).await;
    assert_eq!(again["statusCode"], 303);
    assert_eq!(again["headers"]["location"], "/prod/?done=underway");
}

#[tokio::test]
async fn settings_that_are_missing_are_named_by_a_function_that_starts_all_the_same() {
    let Some(deployment) = Deployment::new("health-settings").await else {
        return;
    };
    let function = deployment
        .function()
        .running("health")
        .without("SYNC_STATE_TABLE")
        .with("SYNC_OPERATIONS_TOPIC_ARN", "not-an-arn")
        .create()
        .await;
    let (status, document) = answered(&function.run(&call("GET", "/health", "read", None)).await);
    assert_eq!(status, 503);
    let failed = document["checks"]["settings:valid"].to_string();
    let page = function.run(&call("GET", "/", "read", None)).await;
    let page = page["body"].as_str().unwrap();
    for variable in [
        "SYNC_STATE_TABLE",
        "SYNC_OPERATIONS_TOPIC_ARN",
        "SYNC_STATE_MACHINE_ARN",
    ] {
        assert!(failed.contains(variable), "{failed}");
        assert!(page.contains(variable), "{page}");
    }
    assert!(!page.contains("not-an-arn"));
    let (kind, why) = function.fail(&scheduled()).await;
    assert_eq!(kind, "DynamicsSync.NotChecked");
    assert!(why.contains("SYNC_STATE_TABLE"), "{why}");
}

#[tokio::test]
async fn a_secret_that_is_missing_is_said_by_the_check_and_shown() {
    let Some(deployment) = Deployment::new("health-secret").await else {
        return;
    };
    let arn = Aws::arn("states", "stateMachine:none");
    let function = deployment.function().running("health");
    let function = function
        .with("DYNAMICS_SECRET_ID", "not/there")
        .with("SYNC_STATE_MACHINE_ARN", &arn)
        .create()
        .await;
    let checked = function.run(&scheduled()).await;
    assert_eq!(checked["dynamics"], false, "{checked}");
    let (status, document) = answered(&function.run(&call("GET", "/health", "read", None)).await);
    assert_eq!(status, 503);
    let token = &document["checks"]["dynamics:token"][0];
    assert!(
        token["output"].as_str().unwrap().contains("not/there"),
        "{token}"
    );
}
