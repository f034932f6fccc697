//! What the function writes to its log: a line a stream, metrics, and nothing about anybody.

use dynamics_simulator::{Class, Effect, Fault, RetryAfter};
use serde_json::{Value, json};

use crate::support::Deployment;

/// The members of the line about a stream.
const MEMBERS: [&str; 13] = [
    "timestamp",
    "level",
    "run_id",
    "stream",
    "status",
    "pulled",
    "stored",
    "deleted",
    "unchanged",
    "pages",
    "requests",
    "throttled",
    "lag_seconds",
];

#[tokio::test]
async fn the_log_has_a_line_a_stream_and_shows_no_secret_and_no_person() {
    let Some(deployment) = Deployment::new("log").await else {
        return;
    };
    let simulator = &deployment.dynamics.simulator;
    let function = deployment.function().with("SYNC_STAGE", "test").create();
    let function = function.await;
    let first = function.run(&json!({"run_id": "night-1"})).await;

    // What fails says more than what works.
    simulator.burst("contacts", 8, 12, 5).unwrap();
    let refusal = Effect::Status {
        status: 400,
        code: "0x80040203".to_owned(),
        message: "Invalid argument".to_owned(),
        retry_after: RetryAfter::Absent,
        html: false,
    };
    simulator.inject(Fault::on(Class::Read, refusal).table("contacts"));
    simulator.revoke_tokens();
    let answer = function.run(&json!({"run_id": "night-2"})).await;
    assert_eq!(answer["status"], "partial", "{answer}");
    simulator.inject(
        Fault::on(Class::Read, Effect::CutJson)
            .table("contacts")
            .times(20),
    );
    let answer = function.run(&json!({"run_id": "night-3"})).await;
    assert_eq!(answer["status"], "partial", "{answer}");
    // The emulator collects what is written late with the next invocation.
    function.fail(&json!({"modus": "none"})).await;

    let log = function.log().await;
    deployment.dynamics.assert_nothing_leaks(&log.join("\n"));
    let lines: Vec<Value> = log
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert_say_what_they_belong_to(&lines);
    assert_are_counted(&lines, &first);
    for (run, message, level) in [
        ("night-1", "stream ended", "INFO"),
        ("night-2", "stream failed", "ERROR"),
        ("night-3", "stream failed", "ERROR"),
    ] {
        let about = |stream: &str| {
            lines
                .iter()
                .filter(|line| line["run_id"] == run && line["stream"] == stream)
                .collect()
        };
        let members: Vec<&Value> = about("members");
        let certifications: Vec<&Value> = about("certifications");
        assert_eq!(
            (members.len(), certifications.len()),
            (1, 1),
            "{run}: {log:?}"
        );
        assert_eq!(
            (&members[0]["message"], &members[0]["level"]),
            (&message.into(), &level.into())
        );
        assert_eq!(certifications[0]["status"], "complete");
        for name in MEMBERS {
            assert!(!members[0][name].is_null(), "no {name} in {}", members[0]);
        }
    }
}

/// Fails unless every line of an invocation says which, and every line of a run which run.
fn assert_say_what_they_belong_to(lines: &[Value]) {
    let ours = lines.iter().filter(|line| line["level"].is_string());
    let mut of_runs = 0;
    for line in ours {
        let spans = line["spans"].as_array().unwrap();
        assert!(spans[0]["requestId"].is_string(), "{line}");
        let runs = spans.iter().filter(|span| span["name"] == "run");
        let runs: Vec<_> = runs.map(|span| &span["run_id"]).collect();
        // Of an event that asks for no run; the runtime says it once more.
        let of_event = |text: &str| text.contains("invocation failed") || text.contains("modus");
        if of_event(line["message"].as_str().unwrap()) {
            assert!(runs.is_empty(), "{line}");
            continue;
        }
        of_runs += 1;
        assert_eq!(runs.len(), 1, "{line}");
        assert!(
            line["run_id"].is_null() || line["run_id"] == *runs[0],
            "{line}"
        );
    }
    assert!(of_runs >= 9, "three lines a run");
}

/// Fails unless each run has one line of metrics of the stage, and one of each stream, with the numbers of its
/// answer.
fn assert_are_counted(lines: &[Value], first: &Value) {
    let metrics = lines.iter().filter(|line| line["_aws"].is_object());
    let (streams, runs): (Vec<&Value>, Vec<&Value>) =
        metrics.partition(|line| line["Stream"].is_string());
    let ids: Vec<_> = runs.iter().map(|line| &line["run_id"]).collect();
    assert_eq!(ids, ["night-1", "night-2", "night-3"]);
    assert_eq!(streams.len(), 6);
    let sum = |count: &str| -> u64 {
        let streams = first["streams"].as_array().unwrap().iter();
        streams.map(|stream| stream[count].as_u64().unwrap()).sum()
    };
    let run = runs[0];
    for (metric, value) in [
        ("Pulled", sum("pulled")),
        ("Stored", sum("stored")),
        (
            "Requests",
            sum("requests") + first["preparing_requests"].as_u64().unwrap(),
        ),
        ("Waiting", 0),
        ("RunsComplete", 1),
        ("RunsFailed", 0),
    ] {
        assert_eq!(run[metric], value, "{metric} in {run}");
    }
    assert_eq!(
        runs[1]["RunsFailed"], 1,
        "a partial run is none that is complete"
    );
    assert!(
        run["Duration"].as_u64().unwrap() > 0 && run["Stage"] == "test",
        "{run}"
    );
}
