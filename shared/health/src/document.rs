//! How the sync stands, for programs: `application/health+json`.
//!
//! <https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06>

mod streams;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use situation::{Check, Level, Outcome, Situation, What};

use crate::standing::Standing;

/// By name of component and measurement, one entry a component.
type Checks = BTreeMap<&'static str, Vec<Entry>>;

#[derive(Serialize)]
struct Document {
    status: Status,
    #[serde(rename = "releaseId")]
    release: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    checks: Checks,
}

#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Pass,
    Warn,
    Fail,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    component_id: Option<String>,
    component_type: &'static str,
    #[serde(skip_serializing_if = "Value::is_null")]
    observed_value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_unit: Option<&'static str>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
}

/// The document as it is answered.
pub(crate) fn answer(standing: &Standing) -> Response<Bytes> {
    let (status, output, checks) = match standing {
        Standing::NotSetUp(problems) => {
            let entries = problems.iter().map(|problem| failed(problem)).collect();
            (
                Status::Fail,
                None,
                Checks::from([("settings:valid", entries)]),
            )
        }
        Standing::Unreadable(reason) => {
            let entries = vec![failed(reason)];
            (
                Status::Fail,
                None,
                Checks::from([("store:reachable", entries)]),
            )
        }
        Standing::Known(known) => {
            let situation = &known.situation;
            let output = situation.check.is_none().then(|| {
                "the scheduled check has not run yet, so nothing is known of the connections"
                    .to_owned()
            });
            (of(situation.verdict()), output, checks(situation))
        }
    };
    let document = Document {
        status,
        release: env!("CARGO_PKG_VERSION"),
        description: "Dynamics Sync",
        output,
        checks,
    };
    let code = match status {
        Status::Fail => StatusCode::SERVICE_UNAVAILABLE,
        Status::Pass | Status::Warn => StatusCode::OK,
    };
    let mut response = web::json(code, &document);
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/health+json");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn of(level: Level) -> Status {
    match level {
        Level::Good => Status::Pass,
        Level::Empty | Level::Attention => Status::Warn,
        Level::Broken => Status::Fail,
    }
}

fn failed(output: &str) -> Entry {
    Entry {
        status: Status::Fail,
        output: Some(output.to_owned()),
        ..entry("component")
    }
}

fn entry(component_type: &'static str) -> Entry {
    Entry {
        component_id: None,
        component_type,
        observed_value: Value::Null,
        observed_unit: None,
        status: Status::Pass,
        time: None,
        output: None,
    }
}

fn checks(situation: &Situation) -> Checks {
    let mut checks = Checks::new();
    if let Some(check) = &situation.check {
        connections(check, situation, &mut checks);
    }
    checks.insert("runs:lastEnded", vec![last_run(situation)]);
    checks.insert(
        "alerts:unsent",
        vec![Entry {
            observed_value: json!(situation.alerts_unsent),
            status: judged(situation, None, |what| {
                matches!(what, What::AlertsUnsent(_))
            }),
            ..entry("component")
        }],
    );
    for stream in &situation.streams {
        for (name, entry) in streams::measured(situation, stream) {
            checks.entry(name).or_default().push(entry);
        }
    }
    checks
}

fn last_run(situation: &Situation) -> Entry {
    let last = situation.runs.first();
    let is_of_runs = |what: &What| {
        matches!(
            what,
            What::RunNotDone | What::NothingMoves { .. } | What::NotChecked
        )
    };
    Entry {
        observed_value: last.map_or(Value::Null, |run| json!(run.report.status.name())),
        time: last.map(|run| run.ended_at),
        status: match last {
            Some(_) => judged(situation, None, is_of_runs),
            None => Status::Warn,
        },
        ..entry("component")
    }
}

/// What was judged of this; of a stream, or of no stream.
fn judged(situation: &Situation, stream: Option<&str>, is_it: impl Fn(&What) -> bool) -> Status {
    let concerns = situation.concerns.iter();
    let levels = concerns
        .filter(|concern| concern.stream.as_deref() == stream && is_it(&concern.what))
        .map(|concern| of(concern.level));
    levels.max().unwrap_or(Status::Pass)
}

fn connections(check: &Check, situation: &Situation, checks: &mut Checks) {
    let time = Some(check.at);
    let asked = |outcome: &Outcome| {
        let (status, output) = match outcome {
            Outcome::Good => (Status::Pass, None),
            Outcome::NotAsked => (Status::Warn, Some("not asked".to_owned())),
            Outcome::Failed(reason) => (Status::Fail, Some(reason.clone())),
        };
        Entry {
            status,
            output,
            time,
            ..entry("system")
        }
    };
    checks.insert("dynamics:token", vec![asked(&check.dynamics.token)]);
    checks.insert(
        "dynamics:responseTime",
        vec![Entry {
            observed_value: json!(check.dynamics.latency_ms),
            observed_unit: check.dynamics.latency_ms.map(|_| "ms"),
            ..asked(&check.dynamics.who_am_i)
        }],
    );
    let is_credential = |what: &What| {
        matches!(
            what,
            What::CredentialExpiring { .. } | What::CredentialExpired | What::CredentialEndUnknown
        )
    };
    checks.insert(
        "credential:expiresOn",
        vec![Entry {
            observed_value: check
                .credential
                .as_ref()
                .and_then(|credential| credential.expires_on)
                .map_or(Value::Null, |day| json!(day)),
            status: judged(situation, None, is_credential),
            time,
            ..entry("component")
        }],
    );
    let budget = [
        ("budget:share", check.budget_share.map(|share| json!(share))),
        (
            "budget:requestsRemaining",
            check.requests_remaining.map(|left| json!(left)),
        ),
    ];
    for (name, value) in budget {
        checks.insert(
            name,
            vec![Entry {
                observed_value: value.unwrap_or_default(),
                time,
                ..entry("system")
            }],
        );
    }
    let topics = check.subscribers.as_ref();
    let topics = topics.map(|both| {
        [
            ("operations", &both.operations),
            ("coordinators", &both.coordinators),
        ]
        .map(|(name, topic)| {
            let nobody = topic.confirmed == Some(0);
            Entry {
                component_id: Some(name.to_owned()),
                observed_value: json!(topic.confirmed),
                status: if nobody || topic.unanswered {
                    Status::Warn
                } else {
                    Status::Pass
                },
                time,
                ..entry("system")
            }
        })
    });
    checks.insert("alerts:subscribers", topics.into_iter().flatten().collect());
}
