//! Opportunities: sales that may come about. They come with Dynamics 365 Sales.

use super::common::{DATE_ONLY, MONEY, currency, end, key, lookup, outcome, owner, stamps, text};
use super::names::COMPANIES;
use crate::world::cell::{Cell, day};
use crate::world::decimal::Decimal;
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
const LEAD: &[Target] = &[Target {
    table: TableName::Lead,
    navigation: "originatingleadid",
}];
const STAGES: &[Choice] = &[(0, "Qualify"), (1, "Develop"), (2, "Propose"), (3, "Close")];
const STATES: &[Choice] = &[(0, "Open"), (1, "Won"), (2, "Lost")];
const REASONS: &[Choice] = &[
    (1, "In Progress"),
    (2, "On Hold"),
    (3, "Won"),
    (4, "Canceled"),
    (5, "Out-Sold"),
];

pub(super) fn table() -> Table {
    let mut columns = vec![key("OpportunityId", "opportunityid", "Opportunity")];
    columns.extend(parties());
    columns.extend(prospects());
    columns.push(currency());
    columns.push(owner());
    columns.extend(outcome(STATES, (REASONS, &[0, 0, 1, 2, 2]), status));
    columns.extend(stamps());
    Table {
        name: TableName::Opportunity,
        schema_name: "Opportunity",
        label: "Opportunity",
        primary_name: "name",
        object_type_code: 3,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: &[],
    }
}

fn parties() -> Vec<Column> {
    vec![
        Column::new("Name", "name", "Topic", text(300), |cell| {
            Value::Text(format!("Avtale med {}", cell.pick(1, COMPANIES)).into())
        })
        .level(RequiredLevel::ApplicationRequired),
        Column::new(
            "CustomerId",
            "customerid",
            "Potential Customer",
            Kind::Lookup {
                kind: LookupKind::Customer,
                targets: CUSTOMERS,
            },
            |cell| cell.reference(1, TableName::Account),
        )
        .level(RequiredLevel::ApplicationRequired),
        Column::new(
            "OriginatingLeadId",
            "originatingleadid",
            "Originating Lead",
            lookup(LEAD),
            |cell| cell.reference(1, TableName::Lead),
        ),
    ]
}

fn prospects() -> Vec<Column> {
    vec![
        Column::new(
            "EstimatedValue",
            "estimatedvalue",
            "Est. revenue",
            MONEY,
            |cell| Value::Decimal(Decimal::new(i128::from(cell.draw(1, 9_000_000_000)), 4)),
        ),
        Column::new(
            "ActualValue",
            "actualvalue",
            "Actual Revenue",
            MONEY,
            |cell| match end(cell) {
                1 => Value::Decimal(Decimal::new(i128::from(cell.draw(1, 9_000_000_000)), 4)),
                _ => Value::Null,
            },
        ),
        Column::new(
            "CloseProbability",
            "closeprobability",
            "Probability",
            Kind::Integer,
            |cell| Value::Integer(i64::try_from(cell.draw(1, 101)).unwrap_or(0)),
        ),
        Column::new(
            "EstimatedCloseDate",
            "estimatedclosedate",
            "Est. Close Date",
            DATE_ONLY,
            |cell| day(2026, cell.draw(1, 700)),
        ),
        Column::new(
            "ActualCloseDate",
            "actualclosedate",
            "Actual Close Date",
            DATE_ONLY,
            |cell| match end(cell) {
                0 => Value::Null,
                _ => day(2025, cell.draw(1, 500)),
            },
        ),
        Column::new(
            "SalesStage",
            "salesstage",
            "Sales Stage",
            Kind::Picklist(STAGES),
            |cell| Value::Integer(i64::try_from(cell.draw(1, 4)).unwrap_or(0)),
        ),
    ]
}

fn status(cell: &Cell<'_>) -> Value {
    Value::Integer(match end(cell) {
        0 => 1,
        1 => 3,
        _ => 4,
    })
}
