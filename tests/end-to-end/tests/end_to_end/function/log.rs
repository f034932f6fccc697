//! What the function writes to its log: a line a stream, and nothing about anybody.

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
    let function = deployment.function().create().await;
    function.run(&json!({"run_id": "night-1"})).await;

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
