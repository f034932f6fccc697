//! The real binary, which streams its answers.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use local_store::LocalStore;
use serde_json::{Value, json};
use sync_store::{ExportOutcome, Store, TableNames};

use crate::support::{Dynamics, FunctionProcess, Streamed, call};

struct World {
    dynamics: Dynamics,
    store: Store,
    function: FunctionProcess,
    _engine: LocalStore,
    _folder: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        let dynamics = Dynamics::start().await;
        let engine = LocalStore::in_memory().await.unwrap();
        let tables = TableNames {
            state: "state".into(),
            records: "records".into(),
            changes: "changes".into(),
        };
        let store = Store::new(engine.config(), tables);
        store.create_tables().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let streams = folder.path().join("streams.toml");
        std::fs::write(&streams, crate::support::STREAMS).unwrap();
        let mut variables: BTreeMap<String, String> = [
            ("SYNC_STREAMS", streams.display().to_string()),
            ("SYNC_STATE_TABLE", "state".to_owned()),
            ("SYNC_RECORDS_TABLE", "records".to_owned()),
            ("SYNC_CHANGES_TABLE", "changes".to_owned()),
            ("AWS_ENDPOINT_URL", engine.endpoint()),
            ("AWS_REGION", "eu-north-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let settings = dynamics.settings();
        variables.extend(settings.map(|(name, value)| (name.to_owned(), value)));
        Self {
            function: FunctionProcess::start("export", &variables).await,
            dynamics,
            store,
            _engine: engine,
            _folder: folder,
        }
    }
}

fn asked_for(path: &str, headers: &[(&str, &str)]) -> Value {
    let mut event = call("GET", path, "export", None);
    for (name, value) in headers {
        event["headers"][*name] = json!(value);
    }
    event
}

fn text(answer: &Streamed) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_the_gateway_is_answered_piece_by_piece_and_the_process_goes_on() {
    let mut world = World::start().await;
    for packed in [false, true] {
        let accepts = [("accept-encoding", if packed { "gzip" } else { "identity" })];
        let answer = world
            .function
            .invoke(&asked_for("/export/members.csv", &accepts))
            .await;
        let sent = &answer.headers;
        assert_eq!(sent["lambda-runtime-function-response-mode"], "streaming");
        assert_eq!(sent["transfer-encoding"], "chunked");
        assert_eq!(
            sent["content-type"],
            "application/vnd.awslambda.http-integration-response"
        );
        let prelude = &answer.prelude;
        assert_eq!(prelude["statusCode"], 200, "{prelude}");
        assert_eq!(prelude["headers"]["x-sync-source"], "dynamics");
        assert_eq!(
            prelude["headers"]["content-type"],
            "text/csv; charset=utf-8"
        );
        let mut file = text_of(&answer, packed);
        assert!(!answer.aborted);
        file = file.split_off('\u{feff}'.len_utf8());
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .from_reader(file.as_bytes());
        let rows = reader.records().map(Result::unwrap).count();
        assert_eq!(rows, world.dynamics.active("contacts").len());
    }
    let records = world.store.latest_exports(10).await.unwrap();
    assert_eq!(records.len(), 2);
    for record in records {
        assert_eq!(
            (record.outcome, record.key.as_str()),
            (ExportOutcome::Complete, "app")
        );
    }
    world.dynamics.assert_nothing_leaks(&world.function.log());
}

fn text_of(answer: &Streamed, packed: bool) -> String {
    if !packed {
        return text(answer);
    }
    assert_eq!(answer.prelude["headers"]["content-encoding"], "gzip");
    let mut file = String::new();
    let mut unpacked = GzDecoder::new(answer.body.as_slice());
    unpacked.read_to_string(&mut file).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_after_the_first_byte_ends_in_its_line_and_breaks_the_transfer_off() {
    let mut world = World::start().await;
    world
        .dynamics
        .simulator
        .switch(|switches| switches.refuse_next_links = true);
    // More than one page.
    let simulator = &world.dynamics.simulator;
    simulator.burst("contacts", 5_500, 0, 0).unwrap();
    let answer = world
        .function
        .invoke(&asked_for("/export/members.csv", &[]))
        .await;
    assert_eq!(answer.prelude["statusCode"], 200, "{}", answer.prelude);
    let file = text(&answer);
    assert!(
        file.ends_with("\r\n#INCOMPLETE\r\n"),
        "{}",
        world.function.log()
    );
    assert!(answer.aborted, "the transfer ended like a whole one");
    let record = world.store.latest_exports(1).await.unwrap().remove(0);
    assert_eq!(record.outcome, ExportOutcome::Incomplete);
    let log = world.function.log();
    assert!(log.contains("an export broke off"), "{log}");
    world.dynamics.assert_nothing_leaks(&log);
    assert_eq!(world.function.exit_code().await, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_named_or_asks_wrongly_gets_a_problem() {
    let mut world = World::start().await;
    let mut nobody = asked_for("/export/members.csv", &[]);
    nobody["requestContext"]["authorizer"] = Value::Null;
    let mut other = asked_for("/export/members.csv", &[]);
    other["requestContext"]["authorizer"]["scopes"] = json!("read");
    let unknown = asked_for("/export/member.csv", &[]);
    for (event, status, code) in [
        (nobody, 401, "unauthenticated"),
        (other, 403, "missing-scope"),
        (unknown, 404, "not-found"),
    ] {
        let answer = world.function.invoke(&event).await;
        assert_eq!(answer.prelude["statusCode"], status);
        let kind = &answer.prelude["headers"]["content-type"];
        assert_eq!(kind, "application/problem+json");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(problem["code"], code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_without_settings_answers_that_and_logs_which() {
    let mut function = FunctionProcess::start("export", &BTreeMap::new()).await;
    let answer = function
        .invoke(&asked_for("/export/members.csv", &[]))
        .await;
    assert_eq!(answer.prelude["statusCode"], 500);
    assert!(!text(&answer).contains("SYNC_"), "{}", text(&answer));
    let log = function.log();
    for name in ["SYNC_STREAMS", "SYNC_STATE_TABLE", "DYNAMICS_TENANT_ID"] {
        assert!(log.contains(name), "no {name} in {log}");
    }
}
