//! Leads: people and companies that may become customers. They come with Dynamics 365 Sales.

use super::common::{
    DATE_ONLY, EMAIL, MONEY, PHONE, currency, end, key, lookup, outcome, owner, stamps, text,
};
use super::names::COMPANIES;
use super::people;
use crate::world::cell::{Cell, day};
use crate::world::decimal::Decimal;
use crate::world::layout::TableName;
use crate::world::schema::{Choice, Column, Kind, RequiredLevel, Table, Target};
use crate::world::value::Value;

const PARENT_ACCOUNT: &[Target] = &[Target {
    table: TableName::Account,
    navigation: "parentaccountid",
}];
const PARENT_CONTACT: &[Target] = &[Target {
    table: TableName::Contact,
    navigation: "parentcontactid",
}];
const RATINGS: &[Choice] = &[(1, "Hot"), (2, "Warm"), (3, "Cold")];
const STATES: &[Choice] = &[(0, "Open"), (1, "Qualified"), (2, "Disqualified")];
const REASONS: &[Choice] = &[
    (1, "New"),
    (2, "Contacted"),
    (3, "Qualified"),
    (4, "Lost"),
    (5, "Cannot Contact"),
    (6, "No Longer Interested"),
    (7, "Canceled"),
];

pub(super) fn table() -> Table {
    let mut columns = vec![key("LeadId", "leadid", "Lead")];
    columns.extend(person());
    columns.extend(prospect());
    columns.push(currency());
    columns.push(owner());
    columns.extend(outcome(STATES, (REASONS, &[0, 0, 1, 2, 2, 2, 2]), status));
    columns.extend(stamps());
    Table {
        name: TableName::Lead,
        schema_name: "Lead",
        label: "Lead",
        primary_name: "fullname",
        object_type_code: 4,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: &[],
    }
}

fn person() -> Vec<Column> {
    vec![
        Column::new("Subject", "subject", "Topic", text(300), |cell| {
            Value::Text(format!("Henvendelse {}", cell.index + 1).into())
        })
        .level(RequiredLevel::ApplicationRequired),
        Column::new("FirstName", "firstname", "First Name", text(50), |cell| {
            Value::Text(people::first_name(cell).into())
        })
        .level(RequiredLevel::Recommended),
        Column::new("LastName", "lastname", "Last Name", text(50), |cell| {
            Value::Text(people::family_name(cell).into())
        })
        .level(RequiredLevel::ApplicationRequired),
        Column::new("FullName", "fullname", "Name", text(160), people::full_name).kept(),
        Column::new(
            "CompanyName",
            "companyname",
            "Company Name",
            text(100),
            |cell| Value::Text(cell.pick(1, COMPANIES).into()),
        ),
        Column::new("EMailAddress1", "emailaddress1", "Email", EMAIL, |cell| {
            people::email(cell, "example.com")
        }),
        Column::new(
            "Telephone1",
            "telephone1",
            "Business Phone",
            PHONE,
            |cell| people::phone(cell, 2),
        ),
    ]
}

fn prospect() -> Vec<Column> {
    vec![
        Column::new(
            "LeadQualityCode",
            "leadqualitycode",
            "Rating",
            Kind::Picklist(RATINGS),
            |cell| Value::Integer(i64::try_from(1 + cell.draw(1, 3)).unwrap_or(1)),
        ),
        Column::new(
            "EstimatedAmount",
            "estimatedamount",
            "Est. Value",
            MONEY,
            |cell| Value::Decimal(Decimal::new(i128::from(cell.draw(1, 900_000_000)), 4)),
        ),
        Column::new(
            "EstimatedCloseDate",
            "estimatedclosedate",
            "Est. Close Date",
            DATE_ONLY,
            |cell| day(2026, cell.draw(1, 700)),
        ),
        Column::new(
            "ParentAccountId",
            "parentaccountid",
            "Parent Account for lead",
            lookup(PARENT_ACCOUNT),
            |cell| cell.reference(1, TableName::Account),
        ),
        Column::new(
            "ParentContactId",
            "parentcontactid",
            "Parent Contact for lead",
            lookup(PARENT_CONTACT),
            |_| Value::Null,
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
