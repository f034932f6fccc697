//! Columns that all activities have: what people did, or mean to do, about a row of some other table.

use super::common::{USER_LOCAL, end, key, lookup, owner, text};
use crate::world::cell::{Cell, moment};
use crate::world::layout::TableName;
use crate::world::schema::{Choice, Column, Kind, RequiredLevel, Target};
use crate::world::value::Value;

pub(super) const STATES: &[Choice] = &[(0, "Open"), (1, "Completed"), (2, "Canceled")];

const PRIORITIES: &[Choice] = &[(0, "Low"), (1, "Normal"), (2, "High")];
/// 2026-01-01T00:00:00Z.
const THIS_YEAR: u64 = 1_767_225_600;
const BEGIN_DRAW: u64 = 1;
/// About the row that the activity is for; see `regarding`.
const ABOUT_DRAW: u64 = 2;

/// Key, subject, what it is about, when it was meant to happen and when it did, and whose it is. `regarding` are
/// the tables that it may be about.
pub(super) fn columns(
    label: &'static str,
    subject: fn(&Cell<'_>) -> Value,
    regarding: &'static [Target],
) -> Vec<Column> {
    vec![
        key("ActivityId", "activityid", label),
        Column::new("Subject", "subject", "Subject", text(200), subject)
            .level(RequiredLevel::ApplicationRequired),
        Column::new(
            "RegardingObjectId",
            "regardingobjectid",
            "Regarding",
            lookup(regarding),
            about,
        ),
        Column::new(
            "PriorityCode",
            "prioritycode",
            "Priority",
            Kind::Picklist(PRIORITIES),
            |cell| Value::Integer(i64::try_from(cell.draw(1, 3)).unwrap_or(1)),
        ),
        Column::new(
            "ScheduledStart",
            "scheduledstart",
            "Start Date",
            USER_LOCAL,
            |cell| moment(begin(cell)),
        ),
        Column::new(
            "ScheduledEnd",
            "scheduledend",
            "Due Date",
            USER_LOCAL,
            |cell| moment(begin(cell).saturating_add(3_600)),
        ),
        Column::new(
            "ActualEnd",
            "actualend",
            "Actual End",
            USER_LOCAL,
            |cell| match end(cell) {
                0 => Value::Null,
                _ => moment(begin(cell).saturating_add(cell.draw(1, 7_200))),
            },
        ),
        Column::new(
            "ActualDurationMinutes",
            "actualdurationminutes",
            "Duration",
            Kind::Integer,
            |cell| Value::Integer(i64::try_from(cell.draw(1, 120)).unwrap_or(0)),
        ),
        owner(),
    ]
}

/// Every other one is about a contact, the others are about an account, an opportunity or a case.
fn about(cell: &Cell<'_>) -> Value {
    let table = match cell.row_draw(ABOUT_DRAW, 6) {
        0 => TableName::Account,
        1 => TableName::Opportunity,
        2 => TableName::Incident,
        _ => TableName::Contact,
    };
    cell.reference(1, table)
}

/// Seconds since 1970.
fn begin(cell: &Cell<'_>) -> u64 {
    THIS_YEAR.saturating_add(cell.row_draw(BEGIN_DRAW, 20_000_000))
}
