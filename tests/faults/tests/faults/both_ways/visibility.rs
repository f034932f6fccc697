//! What the app is shown: nobody who is past the last valid day, whatever happened to Dynamics; and nothing
//! but what Dynamics says and the app wants, with what hides it.

use jiff::civil::Date;
use serde_json::{Value as Json, json};
use sync_engine::{RunReport, StreamReport, StreamStatus};

use super::moment::{Moment, Origin, Record, Values};
use super::streams::{ACTIVE, EXPIRED, Of};

/// Whether the run says that it could not look who has expired: another one has the stream, which does it.
fn says_it_did_not_look(report: &StreamReport) -> bool {
    let reason = report.reason.as_deref().unwrap_or_default();
    report.status == StreamStatus::Held || reason.contains("what expired may still be visible")
}

/// Answers how many records of certifications were looked at.
pub(super) fn check_after_run(now: &Moment, report: &RunReport, today: Date) -> usize {
    let certifications = report
        .streams
        .iter()
        .find(|one| one.name == "certifications");
    if certifications.is_none_or(says_it_did_not_look) {
        return 0;
    }
    let mut looked_at = 0;
    for ((of, id), record) in &now.records {
        if *of != Of::Certifications {
            continue;
        }
        looked_at += 1;
        let over = record.unverified || is_over(&record.wanted(), today);
        assert!(
            !over || record.shown["visible"] != json!(true),
            "after {} the certification {id} is visible, and it is {today}: {record:?}; {report:#?}",
            report.run_id
        );
    }
    looked_at
}

/// When everything has come to rest, Dynamics was told of whatever expired and still says otherwise; a
/// person, or the app, may have said so after that.
pub(super) fn check_at_rest(now: &Moment, today: Date) {
    for (row, one) in &now.rows {
        if row.0 != Of::Certifications || one.values["status"] != json!(ACTIVE) {
            continue;
        }
        let mut changes = now.changes.values();
        let told = changes
            .any(|stand| stand.origin == Origin::Expiry && stand.row.as_ref() == Some(&row.1));
        assert!(
            told || !is_over(&one.values, today),
            "Dynamics was never told that {row:?} has expired: {one:?}"
        );
    }
}

/// At every moment a record shows what it should, as of some time since the last run.
pub(super) fn check_records(now: &Moment, today: Date) {
    for ((of, id), record) in &now.records {
        let visible = match of {
            Of::Members => "shown",
            Of::Certifications => "visible",
        };
        let wanted = record.wanted();
        assert!(
            record.shown[visible] != json!(true) || wanted[visible] == json!(true),
            "{of:?} {id} is visible, which nobody wants: {record:?}"
        );
        assert!(
            shows(record, &wanted, *of, today),
            "{of:?} {id} shows what nobody wants: {record:?}"
        );
    }
}

/// Whether each field is as wanted, or as an expiry sets it that may hide the record.
fn shows(record: &Record, wanted: &Values, of: Of, today: Date) -> bool {
    let over = of == Of::Certifications && (record.unverified || is_over(wanted, today));
    let set_by_expiry = |field: &str, value: &Json| {
        (over && of.expired(field).as_ref() == Some(value))
            || record.hidden.get(field) == Some(value)
    };
    let mut shown = record.shown.iter();
    shown.all(|(field, value)| wanted.get(field) == Some(value) || set_by_expiry(field, value))
}

fn is_over(values: &Values, today: Date) -> bool {
    let day = values["valid_to"].as_str();
    [json!(ACTIVE), json!(EXPIRED)].contains(&values["status"])
        && day.is_some_and(|day| day.parse::<Date>().unwrap() < today)
}
