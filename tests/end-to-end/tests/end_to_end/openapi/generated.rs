//! Requests made out of the description, against the real functions: no answer but those described, none of which
//! says that a function failed, and nobody gets in without a key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use changes::Changes;
use clock::SystemClock;
use serde_json::{Map, Value, json};
use streams::StreamFile;
use web::ROUTES;

use super::FILE;
use crate::support::{Aws, Deployment, INSTALL, RestApi, python};

const WHAT: &str = "the functions with requests that are made out of the description of their API";
/// How requests are made; the rest is only known here.
const CONFIGURATION: &str = include_str!("schemathesis.toml");
const STREAMS: &str = include_str!("streams.toml");
/// What can be decided about a change that is held.
const DECISIONS: [&str; 4] = ["retry", "drop", "keep-app", "keep-dynamics"];
/// The good answers that must be among those looked at: else a call was not really tried.
const GOOD: [(&str, u16); 10] = [
    ("GET /", 200),
    ("GET /health", 200),
    ("GET /healthz", 200),
    ("GET /export/{file}", 200),
    ("GET /changes", 200),
    ("GET /changes/{id}", 200),
    ("POST /changes", 202),
    ("POST /runs", 202),
    ("POST /streams/{stream}/release", 200),
    ("POST /alerts/test", 200),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_the_functions_answer_as_it_is_described_and_none_fails() {
    let (Some(python), Some(mut deployment)) = (python(WHAT), Deployment::new("openapi").await)
    else {
        return;
    };
    deployment.put_streams(STREAMS);
    let ids = fill(&deployment).await;
    let api = RestApi::start(&variables(&deployment).await).await;
    let key = new_key(&deployment, &["read", "export", "changes", "run"]).await;
    decide(&api, &key, &ids).await;
    api.take_answered();

    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("schemathesis.toml");
    std::fs::write(&configuration, configured(&api, &key, &ids)).unwrap();
    let said = run(python, configuration).await;
    let logs = api.logs().await;
    assert!(said.is_ok(), "{}\n{logs}", said.unwrap_err());

    let answered = api.take_answered();
    for (call, status) in GOOD {
        let statuses = &answered[call];
        assert!(
            statuses.contains(&status),
            "{call}: {status} is not among {statuses:?}"
        );
    }
    assert!(!logs.contains(&key), "the key is in: {logs}");
    deployment.dynamics.assert_nothing_leaks(&logs);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_with_a_wrong_one_and_with_one_for_something_else_nobody_gets_in() {
    let Some(mut deployment) = Deployment::new("openapi-keys").await else {
        return;
    };
    deployment.put_streams(STREAMS);
    let api = RestApi::start(&variables(&deployment).await).await;
    let http = reqwest::Client::new();
    let mut keys = BTreeMap::new();
    for scope in ["read", "export", "changes", "run"] {
        keys.insert(scope, new_key(&deployment, &[scope]).await);
    }
    for route in ROUTES.iter().filter(|route| !route.is_open()) {
        let path = route.path.replace(['{', '}'], "");
        let request = || http.request(route.method.clone(), format!("{}{path}", api.url()));
        let wrong = keys["read"].to_uppercase();
        for unknown in [request(), request().basic_auth("read", Some(wrong))] {
            let answer = unknown.send().await.unwrap();
            assert_eq!(answer.status(), 401, "{path}");
            let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with("Basic realm="), "{challenge}");
            assert_eq!(code(answer).await, "unauthenticated");
        }
        let good: Vec<&str> = route.scopes.iter().map(|scope| scope.name()).collect();
        for (scope, key) in keys.iter().filter(|(scope, _)| !good.contains(scope)) {
            let answer = request().basic_auth(scope, Some(key)).send().await.unwrap();
            assert_eq!(answer.status(), 403, "{path} with {scope}");
            assert_eq!(code(answer).await, "missing-scope");
        }
    }
}

async fn code(answer: reqwest::Response) -> String {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    problem["code"].as_str().unwrap().to_owned()
}

/// Decides about changes while they are still held, and gets them answered as they are shown: of that the
/// requests that follow see more.
async fn decide(api: &RestApi, key: &str, ids: &[String]) {
    let http = reqwest::Client::new();
    for (decision, id) in DECISIONS.iter().zip(ids) {
        let change = format!("{}/changes/{id}", api.url());
        let decided = http.post(format!("{change}/{decision}"));
        let decided = decided.basic_auth("read", Some(key)).send().await.unwrap();
        assert_eq!(decided.status(), 200, "{decision}");
        let shown = http.get(change).basic_auth("read", Some(key)).send().await;
        let shown = shown.unwrap().text().await.unwrap();
        assert_eq!(decided.text().await.unwrap(), shown, "{decision}");
    }
}

/// Loads a copy; then one change for each decision is held, and a guard is tripped.
async fn fill(deployment: &Deployment) -> Vec<String> {
    let sync = deployment.function().create().await;
    sync.run(&json!({"run_id": "night-1"})).await;

    let file = StreamFile::parse(STREAMS, "streams.toml").unwrap();
    let changes = Changes::new(deployment.store.clone(), file, Arc::new(SystemClock));
    let simulator = &deployment.dynamics.simulator;
    let rows: Vec<_> = simulator.truth("hlf_certifications").unwrap().collect();
    let mut ids = Vec::new();
    for (decision, row) in DECISIONS.into_iter().zip(rows) {
        let change = json!({
            "stream": "certifications",
            "operation": "update",
            "key": {"mentor_code": row["hlf_mentorcode"]},
            "fields": {"comment": "by the app"}
        })
        .to_string();
        let accepted = changes.accept("app", decision, change.as_bytes()).await;
        ids.push(accepted.unwrap().wanted.id);
        let id = row["hlf_certificationid"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let theirs = Map::from_iter([("hlf_comment".to_owned(), json!("in Dynamics"))]);
        assert!(simulator.update("hlf_certifications", id, theirs).unwrap());
    }
    simulator.burst("contacts", 0, 0, 60).unwrap();

    let answer = sync.run(&json!({"run_id": "night-2"})).await;
    let [members, certifications] = answer["streams"].as_array().unwrap().as_slice() else {
        panic!("not two streams: {answer}");
    };
    assert_eq!(members["status"], "guarded", "{answer}");
    assert_eq!(certifications["conflicts"], DECISIONS.len(), "{answer}");
    ids
}

/// What the functions need, with a state machine that takes its time.
async fn variables(deployment: &Deployment) -> BTreeMap<String, String> {
    let name = format!("{}-slow", deployment.name);
    let wait = json!({"StartAt": "Slow", "States": {"Slow": {"Type": "Wait", "Seconds": 600, "End": true}}});
    let machine = json!({
        "name": name,
        "definition": wait.to_string(),
        "roleArn": "arn:aws:iam::123456789012:role/nightly",
    });
    deployment
        .aws
        .action("states", "AWSStepFunctions.CreateStateMachine", &machine)
        .await;
    let mut variables = deployment.process_variables();
    let arn = Aws::arn("states", &format!("stateMachine:{name}"));
    variables.insert("SYNC_STATE_MACHINE_ARN".to_owned(), arn);
    variables
}

/// A key of the name of its first scope.
async fn new_key(deployment: &Deployment, scopes: &[&str]) -> String {
    let mut arguments = vec!["keys", "new", scopes[0], "--aws", "--yes"];
    for scope in scopes {
        arguments.extend(["--scope", scope]);
    }
    let made = deployment.terminal().run(&arguments).await;
    assert_eq!(made.code, 0, "{made:?}");
    made.data.trim().to_owned()
}

fn configured(api: &RestApi, key: &str, ids: &[String]) -> String {
    let url = api.url();
    format!(
        "base-url = \"{url}\"\n{CONFIGURATION}\n\
         [auth.basic]\nusername = \"read\"\npassword = \"{key}\"\n\n\
         [dictionaries.ids]\nvalues = {ids:?}\n"
    )
}

/// Makes the requests; what was wrong, with the request that shows it.
async fn run(python: PathBuf, configuration: PathBuf) -> Result<(), String> {
    let program = python.with_file_name("schemathesis");
    assert!(
        program.is_file(),
        "schemathesis is missing; to install it: {INSTALL}"
    );
    let description = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(FILE);
    let output = tokio::task::spawn_blocking(move || {
        Command::new(program)
            .arg("--config-file")
            .arg(&configuration)
            .arg("run")
            .arg(description)
            // What it remembers stays in the test's own folder.
            .current_dir(configuration.parent().unwrap())
            .env("NO_PROXY", "*")
            .output()
    });
    let output = output.await.unwrap().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    ))
}
