//! The real functions, each doing all that it is for, and what they asked AWS for meanwhile.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::recorder::{Asked, Recorder};
use crate::support::{ACCOUNT, Aws, Deployment, Function, FunctionProcess, REGION, answered, call};

/// Who asked for what, by role.
pub(super) async fn of_all_functions(deployment: &mut Deployment) -> BTreeMap<String, Vec<Asked>> {
    make_topics(deployment).await;
    make_state_machine(deployment).await;
    let [sync, health, changes, export, authorizer] = recorders(deployment).await;
    let function = |binary, recorder: &Recorder| {
        let function = deployment.function().running(binary);
        let function = function.with("AWS_ENDPOINT_URL", &recorder.endpoint);
        function.create()
    };
    let sync_function = function("sync", &sync).await;

    // A first load, whose expiries a guard stops; a person releases them, on the page.
    sync_function.run(&json!({"run_id": "night-1"})).await;
    look_and_release(&function("health", &health).await).await;
    sync_function.run(&json!({"run_id": "night-2"})).await;
    hand_in(&function("changes", &changes).await).await;
    // Rows come and go; then everything is compared, and read again.
    let simulator = &deployment.dynamics.simulator;
    simulator.burst("contacts", 3, 5, 2).unwrap();
    for event in [
        json!({"run_id": "night-3"}),
        json!({"run_id": "night-4", "mode": "reconcile"}),
        json!({"run_id": "night-5", "mode": "full"}),
    ] {
        sync_function.run(&event).await;
    }
    export_all(deployment, &export).await;
    show_a_key(&function("authorizer", &authorizer).await).await;

    [
        ("SyncRole", sync),
        ("HealthRole", health),
        ("ChangesRole", changes),
        ("ExportRole", export),
        ("AuthorizerRole", authorizer),
    ]
    .map(|(role, recorder)| (role.to_owned(), recorder.asked()))
    .into()
}

async fn recorders(deployment: &Deployment) -> [Recorder; 5] {
    let emulator = &deployment.aws.emulator.endpoint;
    [
        Recorder::before(emulator).await,
        Recorder::before(emulator).await,
        Recorder::before(emulator).await,
        Recorder::before(emulator).await,
        Recorder::before(emulator).await,
    ]
}

async fn make_topics(deployment: &mut Deployment) {
    for (variable, name) in [
        ("SYNC_OPERATIONS_TOPIC_ARN", "permitted-operations"),
        ("SYNC_COORDINATORS_TOPIC_ARN", "permitted-coordinators"),
    ] {
        let request = deployment.aws.request("sns", reqwest::Method::POST, "/");
        let request = request.body(format!("Action=CreateTopic&Name={name}"));
        let kind = "application/x-www-form-urlencoded";
        let made = request.header("Content-Type", kind).send().await.unwrap();
        assert_eq!(made.status(), 200);
        let topic = Aws::arn("sns", name);
        deployment.variables.insert(variable.to_owned(), topic);
    }
}

async fn make_state_machine(deployment: &mut Deployment) {
    let definition = json!({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}});
    let machine = json!({
        "name": "permitted-run",
        "definition": definition.to_string(),
        "roleArn": "arn:aws:iam::123456789012:role/run",
    });
    let aws = &deployment.aws;
    aws.action("states", "AWSStepFunctions.CreateStateMachine", &machine)
        .await;
    let machine = Aws::arn("states", "stateMachine:permitted-run");
    let variable = "SYNC_STATE_MACHINE_ARN".to_owned();
    deployment.variables.insert(variable, machine);
}

/// The scheduled check, the page, and its buttons.
async fn look_and_release(health: &Function) {
    health.run(&json!({})).await;
    for path in ["/", "/health"] {
        let shown = health.run(&call("GET", path, "read run", None)).await;
        assert!(shown["body"].as_str().unwrap().len() > 100, "{shown}");
    }
    for (path, status) in [
        ("/streams/certifications/release", 200),
        ("/runs", 202),
        ("/alerts/test", 200),
    ] {
        let done = health.run(&call("POST", path, "run", None)).await;
        assert_eq!(done["statusCode"], status, "{path}: {done}");
    }
}

/// The app hands in two changes, looks at them, and gives one up.
async fn hand_in(changes: &Function) {
    let body = json!({
        "stream": "certifications",
        "operation": "update",
        "key": {"mentor_code": "M-1001"},
        "fields": {"comment": "until further notice"}
    });
    let mut post = call("POST", "/changes", "changes", Some(body));
    answered(&changes.run(&post).await);
    post["headers"]["idempotency-key"] = json!("renewal-4712");
    let (status, accepted) = answered(&changes.run(&post).await);
    assert_eq!(status, 202, "{accepted}");
    let id = accepted["id"].as_str().unwrap();
    for (method, path, scopes) in [
        ("GET", "/changes".to_owned(), "changes"),
        ("GET", format!("/changes/{id}"), "changes"),
        ("POST", format!("/changes/{id}/drop"), "run"),
    ] {
        let done = changes.run(&call(method, &path, scopes, None)).await;
        assert_eq!(done["statusCode"], 200, "{method} {path}: {done}");
    }
}

/// From Dynamics, from the copy, and what waits.
async fn export_all(deployment: &Deployment, recorder: &Recorder) {
    let mut variables = deployment.variables.clone();
    for (name, value) in [
        ("AWS_ENDPOINT_URL", recorder.endpoint.as_str()),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCOUNT),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let mut function = FunctionProcess::start("export", &variables).await;
    for (file, query) in [
        ("members.csv", &[][..]),
        ("members.csv", &[("source", "copy")]),
        ("changes.csv", &[("stream", "certifications")]),
    ] {
        let mut event = call("GET", &format!("/export/{file}"), "export", None);
        let all = |value: fn(&str) -> Value| -> Map<String, Value> {
            let parameters = query.iter();
            parameters
                .map(|(name, given)| ((*name).to_owned(), value(given)))
                .collect()
        };
        event["queryStringParameters"] = all(|given| json!(given)).into();
        event["multiValueQueryStringParameters"] = all(|given| json!([given])).into();
        let answer = function.invoke(&event).await;
        let prelude = &answer.prelude;
        assert_eq!(prelude["statusCode"], 200, "{file}: {prelude}");
    }
}

async fn show_a_key(authorizer: &Function) {
    let event = include_str!("../../../../../functions/authorizer/src/answer/event.json");
    let mut event: Value = serde_json::from_str(event).unwrap();
    let shown = format!("Basic {}", BASE64_STANDARD.encode("app:dsk_x"));
    event["headers"]["authorization"] = json!(shown);
    event["multiValueHeaders"]["authorization"] = json!([shown]);
    authorizer.fail(&event).await;
}
