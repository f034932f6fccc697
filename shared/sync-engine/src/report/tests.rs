//! The report as the history of runs keeps it, for 400 days and any release: `stored/{number}.json` is each form
//! that it ever had. See ARCHITECTURE.md, "Stored items across releases".

use serde_json::Value;

use super::*;

/// The forms that were ever stored, the newest last.
const STORED: [&str; 1] = [include_str!("stored/1.json")];

/// Something in every member.
fn full() -> RunReport {
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
            expiring: 23,
            pages: 24,
            requests: 25,
            throttled: 26,
            lag_seconds: Some(27),
            is_read: false,
        }],
    }
}

#[test]
fn a_report_that_any_release_has_stored_means_the_same_to_this_one() {
    for stored in STORED {
        assert_eq!(serde_json::from_str::<RunReport>(stored).unwrap(), full());
    }
}

/// If this fails, add the new form beside the others: `stored/2.json`.
#[test]
fn what_this_release_stores_of_a_report_is_the_newest_form_in_every_letter() {
    let newest: Value = serde_json::from_str(STORED.last().unwrap()).unwrap();
    assert_eq!(serde_json::to_value(full()).unwrap(), newest);
}

#[test]
fn what_a_newer_release_has_added_to_a_report_is_passed_over() {
    let newer = r#"{"run_id": "night-1", "status": "paused", "added": 1, "streams": [{"name": "members", "status": "new"}]}"#;
    let read: RunReport = serde_json::from_str(newer).unwrap();
    assert_eq!(read.status, RunStatus::Unknown);
    assert_eq!(read.streams[0].status, StreamStatus::Unknown);
}
