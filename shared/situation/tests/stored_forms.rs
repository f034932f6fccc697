//! Reports of runs and checks as they are stored, for 400 days and any release: `stored/{which}-{number}.json` is
//! each form that they ever had. See ARCHITECTURE.md, "Stored items across releases".
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use serde_json::Value;
use situation::{Check, Credential, Dynamics, Outcome, Subscribers, Topic};
use sync_engine::{RunReport, RunStatus, StreamReport, StreamStatus};

/// The forms that were ever stored, the newest last.
const REPORTS: [&str; 1] = [include_str!("stored/report-1.json")];
const CHECKS: [&str; 1] = [include_str!("stored/check-1.json")];

/// A report with something in every member.
fn report() -> RunReport {
    RunReport {
        run_id: "night-1".into(),
        status: RunStatus::Partial,
        progress: 1,
        preparing_requests: 2,
        notes: vec!["worth knowing".into()],
        streams: vec![StreamReport {
            name: "members".into(),
            entity: Some("contact".into()),
            status: StreamStatus::Guarded,
            reason: Some("too much would vanish".into()),
            notes: vec!["pages are smaller now".into()],
            pulled: 3,
            stored: 4,
            deleted: 5,
            unchanged: 6,
            excluded: 7,
            suppressed: 8,
            pushed: 9,
            conflicts: 10,
            superseded: 11,
            held: 12,
            refused: 13,
            dissolved: 14,
            waiting: 15,
            push_requests: 16,
            quarantined: 17,
            repaired: 18,
            mismatches: 19,
            mismatched: BTreeSet::new(),
            returned: 20,
            asserted: 21,
            unheeded: 22,
            schema_changes: Some(28),
            expiring: 23,
            pages: 24,
            requests: 25,
            throttled: 26,
            lag_seconds: Some(27),
            is_read: false,
        }],
    }
}

/// A check with something in every member.
fn check() -> Check {
    Check {
        at: "2026-11-20T23:10:00Z".parse().unwrap(),
        dynamics: Dynamics {
            token: Outcome::Good,
            who_am_i: Outcome::Failed("Dynamics is busy".into()),
            latency_ms: Some(12),
        },
        credential: Some(Credential {
            certificate: true,
            expires_on: Some("2027-03-31".parse().unwrap()),
        }),
        subscribers: Some(Subscribers {
            operations: Topic {
                confirmed: Some(2),
                pending: Some(1),
                unanswered: false,
            },
            coordinators: Topic {
                unanswered: true,
                ..Topic::default()
            },
        }),
        budget_share: Some(0.5),
        requests_remaining: Some(5_999),
        instance: Some("https://contoso.crm4.dynamics.com/".into()),
    }
}

#[test]
fn what_any_release_has_stored_means_the_same_to_this_one() {
    for stored in REPORTS {
        assert_eq!(serde_json::from_str::<RunReport>(stored).unwrap(), report());
    }
    for stored in CHECKS {
        assert_eq!(serde_json::from_str::<Check>(stored).unwrap(), check());
    }
}

/// If this fails, add the new form beside the others: `stored/report-2.json`.
#[test]
fn what_this_release_stores_is_the_newest_form_in_every_letter() {
    let newest =
        |stored: &[&str]| -> Value { serde_json::from_str(stored.last().unwrap()).unwrap() };
    assert_eq!(serde_json::to_value(report()).unwrap(), newest(&REPORTS));
    assert_eq!(serde_json::to_value(check()).unwrap(), newest(&CHECKS));
}

#[test]
fn what_a_newer_release_has_added_to_a_report_is_passed_over() {
    let newer = r#"{"run_id": "night-1", "status": "paused", "added": 1, "streams": [{"name": "members", "status": "new"}]}"#;
    let read: RunReport = serde_json::from_str(newer).unwrap();
    assert_eq!(read.status, RunStatus::Unknown);
    assert_eq!(read.streams[0].status, StreamStatus::Unknown);
}
