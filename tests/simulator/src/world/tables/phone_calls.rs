//! Phone calls that were made, or are to be.

use super::activities::{self, STATES};
use super::common::{PHONE, end, outcome, stamps};
use super::people;
use crate::world::cell::Cell;
use crate::world::layout::TableName;
use crate::world::schema::{Choice, Column, Kind, Table, Target};
use crate::world::value::Value;

const REGARDING: &[Target] = &[
    Target {
        table: TableName::Account,
        navigation: "regardingobjectid_account_phonecall",
    },
    Target {
        table: TableName::Contact,
        navigation: "regardingobjectid_contact_phonecall",
    },
    Target {
        table: TableName::Opportunity,
        navigation: "regardingobjectid_opportunity_phonecall",
    },
    Target {
        table: TableName::Incident,
        navigation: "regardingobjectid_incident_phonecall",
    },
];
const REASONS: &[Choice] = &[(1, "Open"), (2, "Made"), (3, "Canceled"), (4, "Received")];
const SUBJECTS: &[&str] = &["Ringte tilbake", "Spørsmål om kurs", "Oppfølging"];

pub(super) fn table() -> Table {
    let mut columns = activities::columns(
        "Phone Call",
        |cell| Value::Text(cell.pick(1, SUBJECTS).into()),
        REGARDING,
    );
    columns.extend(call());
    columns.extend(outcome(STATES, (REASONS, &[0, 1, 2, 1]), status));
    columns.extend(stamps());
    Table {
        name: TableName::PhoneCall,
        schema_name: "PhoneCall",
        label: "Phone Call",
        primary_name: "subject",
        object_type_code: 4_210,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: &[],
    }
}

fn call() -> Vec<Column> {
    vec![
        Column::new(
            "PhoneNumber",
            "phonenumber",
            "Phone Number",
            PHONE,
            |cell| people::phone(cell, 9),
        ),
        Column::new(
            "DirectionCode",
            "directioncode",
            "Direction",
            Kind::Boolean {
                labels: ("Outgoing", "Incoming"),
            },
            |cell| Value::Boolean(cell.chance(1, 50)),
        ),
        Column::new(
            "LeftVoiceMail",
            "leftvoicemail",
            "Left Voice Mail",
            Kind::Boolean {
                labels: ("Yes", "No"),
            },
            |cell| Value::Boolean(cell.chance(1, 20)),
        ),
    ]
}

fn status(cell: &Cell<'_>) -> Value {
    Value::Integer(match end(cell) {
        0 => 1,
        1 => 2,
        _ => 3,
    })
}
