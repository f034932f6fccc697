//! Tasks: work that somebody has to do.

use super::activities::{self, STATES};
use super::common::{end, outcome, stamps};
use crate::world::cell::Cell;
use crate::world::layout::TableName;
use crate::world::schema::{Choice, Column, Kind, Table, Target};
use crate::world::value::Value;

const REGARDING: &[Target] = &[
    Target {
        table: TableName::Account,
        navigation: "regardingobjectid_account_task",
    },
    Target {
        table: TableName::Contact,
        navigation: "regardingobjectid_contact_task",
    },
    Target {
        table: TableName::Opportunity,
        navigation: "regardingobjectid_opportunity_task",
    },
    Target {
        table: TableName::Incident,
        navigation: "regardingobjectid_incident_task",
    },
];
const REASONS: &[Choice] = &[
    (2, "Not Started"),
    (3, "In Progress"),
    (4, "Waiting on someone else"),
    (5, "Completed"),
    (6, "Canceled"),
    (7, "Deferred"),
];
const SUBJECTS: &[&str] = &[
    "Send kursbevis",
    "Avtal samtale",
    "Følg opp etter kurs",
    "Oppdater profil",
];

pub(super) fn table() -> Table {
    let mut columns = activities::columns(
        "Task",
        |cell| Value::Text(cell.pick(1, SUBJECTS).into()),
        REGARDING,
    );
    columns.push(Column::new(
        "PercentComplete",
        "percentcomplete",
        "Percent Complete",
        Kind::Integer,
        |cell| Value::Integer(i64::try_from(cell.draw(1, 101)).unwrap_or(0)),
    ));
    columns.extend(outcome(STATES, (REASONS, &[0, 0, 0, 1, 2, 0]), status));
    columns.extend(stamps());
    Table {
        name: TableName::Task,
        schema_name: "Task",
        label: "Task",
        primary_name: "subject",
        object_type_code: 4_212,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: &[],
    }
}

fn status(cell: &Cell<'_>) -> Value {
    Value::Integer(match end(cell) {
        0 => 2,
        1 => 5,
        _ => 6,
    })
}
