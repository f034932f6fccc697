//! Incidents: the cases of customers who asked for help. They come with Dynamics 365 Customer Service.

use super::common::{USER_LOCAL, end, key, lookup, outcome, owner, stamps, text};
use crate::world::cell::{Cell, moment};
use crate::world::layout::TableName;
use crate::world::schema::{Choice, Column, Kind, LookupKind, RequiredLevel, Table, Target};
use crate::world::value::Value;

const CUSTOMERS: &[Target] = &[
    Target {
        table: TableName::Account,
        navigation: "customerid_account",
    },
    Target {
        table: TableName::Contact,
        navigation: "customerid_contact",
    },
];
const PRIMARY_CONTACT: &[Target] = &[Target {
    table: TableName::Contact,
    navigation: "primarycontactid",
}];
const ORIGINS: &[Choice] = &[(1, "Phone"), (2, "Email"), (3, "Web")];
const TYPES: &[Choice] = &[(1, "Question"), (2, "Problem"), (3, "Request")];
const PRIORITIES: &[Choice] = &[(1, "High"), (2, "Normal"), (3, "Low")];
const STATES: &[Choice] = &[(0, "Active"), (1, "Resolved"), (2, "Cancelled")];
const REASONS: &[Choice] = &[
    (1, "In Progress"),
    (2, "On Hold"),
    (3, "Waiting for Details"),
    (4, "Researching"),
    (5, "Problem Solved"),
    (6, "Cancelled"),
    (1_000, "Information Provided"),
    (2_000, "Merged"),
];
/// 2026-01-01T00:00:00Z.
const THIS_YEAR: u64 = 1_767_225_600;

pub(super) fn table() -> Table {
    let mut columns = vec![key("IncidentId", "incidentid", "Case")];
    columns.extend(identity());
    columns.extend(work());
    columns.push(owner());
    columns.extend(outcome(
        STATES,
        (REASONS, &[0, 0, 0, 0, 1, 2, 1, 2]),
        status,
    ));
    columns.extend(stamps());
    Table {
        name: TableName::Incident,
        schema_name: "Incident",
        label: "Case",
        primary_name: "title",
        object_type_code: 112,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: &[],
    }
}

fn identity() -> Vec<Column> {
    vec![
        Column::new("Title", "title", "Case Title", text(200), |cell| {
            Value::Text(format!("Sak om likeperson {}", cell.index + 1).into())
        })
        .level(RequiredLevel::ApplicationRequired),
        Column::new(
            "TicketNumber",
            "ticketnumber",
            "Case Number",
            text(100),
            |cell| Value::Text(format!("CAS-{:05}", 1_000 + cell.index).into()),
        ),
        Column::new(
            "CustomerId",
            "customerid",
            "Customer",
            Kind::Lookup {
                kind: LookupKind::Customer,
                targets: CUSTOMERS,
            },
            |cell| cell.reference(1, TableName::Contact),
        )
        .required(),
        Column::new(
            "PrimaryContactId",
            "primarycontactid",
            "Contact",
            lookup(PRIMARY_CONTACT),
            |_| Value::Null,
        ),
    ]
}

fn work() -> Vec<Column> {
    vec![
        choice("CaseOriginCode", "caseorigincode", "Origin", ORIGINS),
        choice("CaseTypeCode", "casetypecode", "Case Type", TYPES),
        choice("PriorityCode", "prioritycode", "Priority", PRIORITIES),
        Column::new("ResolveBy", "resolveby", "Resolve By", USER_LOCAL, |cell| {
            moment(THIS_YEAR.saturating_add(cell.draw(1, 20_000_000)))
        }),
        Column::new(
            "IsEscalated",
            "isescalated",
            "Is Escalated",
            Kind::Boolean {
                labels: ("Yes", "No"),
            },
            |cell| Value::Boolean(cell.chance(1, 10)),
        ),
    ]
}

/// A choice of one to three.
fn choice(
    schema_name: &'static str,
    name: &'static str,
    label: &'static str,
    choices: &'static [Choice],
) -> Column {
    Column::new(schema_name, name, label, Kind::Picklist(choices), |cell| {
        Value::Integer(i64::try_from(1 + cell.draw(1, 3)).unwrap_or(1))
    })
}

fn status(cell: &Cell<'_>) -> Value {
    Value::Integer(match end(cell) {
        0 => 1,
        1 => 5,
        _ => 6,
    })
}
