//! System users; the first is the application user that the credentials stand for.

use super::common::{EMAIL, key, lookup, stamps, text};
use super::people;
use crate::world::layout::TableName;
use crate::world::schema::{Choice, Column, Kind, Table, Target};
use crate::world::value::Value;

const BUSINESS_UNIT: &[Target] = &[Target {
    table: TableName::BusinessUnit,
    navigation: "businessunitid",
}];
const ACCESS_MODES: &[Choice] = &[
    (0, "Read-Write"),
    (1, "Administrative"),
    (2, "Read"),
    (4, "Non-interactive"),
];

pub(super) fn table() -> Table {
    let mut columns = vec![
        key("SystemUserId", "systemuserid", "User"),
        Column::new("FirstName", "firstname", "First Name", text(64), |cell| {
            if cell.index == 0 {
                Value::Text("#".into())
            } else {
                Value::Text(people::first_name(cell).into())
            }
        }),
        Column::new("LastName", "lastname", "Last Name", text(64), |cell| {
            if cell.index == 0 {
                Value::Text("Dynamics Sync".into())
            } else {
                Value::Text(people::family_name(cell).into())
            }
        }),
        Column::new("FullName", "fullname", "Full Name", text(200), |cell| {
            if cell.index == 0 {
                Value::Text("# Dynamics Sync".into())
            } else {
                people::full_name(cell)
            }
        })
        .kept(),
    ];
    columns.extend(account());
    columns.extend(stamps());
    Table {
        name: TableName::SystemUser,
        schema_name: "SystemUser",
        label: "User",
        primary_name: "fullname",
        object_type_code: 8,
        tracked: true,
        ownership: "BusinessOwned",
        columns,
        keys: &[],
    }
}

fn account() -> Vec<Column> {
    vec![
        Column::new(
            "InternalEMailAddress",
            "internalemailaddress",
            "Primary Email",
            EMAIL,
            |cell| people::email(cell, "hlf.example"),
        ),
        Column::new(
            "DomainName",
            "domainname",
            "User Name",
            text(1_024),
            |cell| people::email(cell, "hlf.example"),
        ),
        Column::new(
            "IsDisabled",
            "isdisabled",
            "Status",
            Kind::Boolean {
                labels: ("Disabled", "Enabled"),
            },
            |cell| Value::Boolean(cell.index > 0 && cell.chance(1, 10)),
        ),
        Column::new(
            "AccessMode",
            "accessmode",
            "Access Mode",
            Kind::Picklist(ACCESS_MODES),
            |cell| Value::Integer(if cell.index == 0 { 4 } else { 0 }),
        ),
        Column::new(
            "BusinessUnitId",
            "businessunitid",
            "Business Unit",
            lookup(BUSINESS_UNIT),
            |cell| cell.reference_to(TableName::BusinessUnit, 0),
        )
        .required(),
    ]
}
