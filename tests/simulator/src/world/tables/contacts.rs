//! Contacts: the members.

use super::common::{
    DATE_ONLY, EMAIL, MONEY, PHONE, currency, key, lookup, ownership, stamps, text,
};
use super::{people, texts};
use crate::world::cell::day;
use crate::world::decimal::Decimal;
use crate::world::layout::TableName;
use crate::world::schema::{
    AlternateKey, Choice, Column, Kind, LookupKind, RequiredLevel, Table, Target,
};
use crate::world::value::Value;

const PARENTS: &[Target] = &[
    Target {
        table: TableName::Account,
        navigation: "parentcustomerid_account",
    },
    Target {
        table: TableName::Contact,
        navigation: "parentcustomerid_contact",
    },
];
const MASTER: &[Target] = &[Target {
    table: TableName::Contact,
    navigation: "masterid",
}];
const GENDERS: &[Choice] = &[(1, "Male"), (2, "Female")];

/// A day that old registers use for "unknown".
const UNKNOWN_BIRTHDATE: i16 = 1900;

const KEYS: &[AlternateKey] = &[AlternateKey {
    name: "hlf_nameemail",
    schema_name: "hlf_NameEmail",
    label: "First Name and Email",
    columns: &["firstname", "emailaddress1"],
    // An e-mail address ends in the row's number: `ola.nordmann.17@example.no`.
    seeded: |values| match values {
        [_, Value::Text(email)] => email.split_once('@')?.0.rsplit('.').next()?.parse().ok(),
        _ => None,
    },
}];

pub(super) fn table() -> Table {
    let mut columns = vec![key("ContactId", "contactid", "Contact")];
    columns.extend(person());
    columns.extend(address());
    columns.extend(details());
    columns.extend(numbers_and_parent());
    columns.push(currency());
    columns.extend(ownership());
    columns.extend(stamps());
    columns.extend(merged());
    Table {
        name: TableName::Contact,
        schema_name: "Contact",
        label: "Contact",
        primary_name: "fullname",
        object_type_code: 2,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: KEYS,
    }
}

fn person() -> Vec<Column> {
    vec![
        Column::new("FirstName", "firstname", "First Name", text(50), |cell| {
            Value::Text(people::first_name(cell).into())
        })
        .level(RequiredLevel::Recommended),
        Column::new("LastName", "lastname", "Last Name", text(50), |cell| {
            Value::Text(people::family_name(cell).into())
        })
        .level(RequiredLevel::ApplicationRequired),
        Column::new(
            "FullName",
            "fullname",
            "Full Name",
            text(160),
            people::full_name,
        )
        .kept(),
        Column::new("EMailAddress1", "emailaddress1", "Email", EMAIL, |cell| {
            if cell.chance(1, 10) {
                Value::Null
            } else {
                people::email(cell, "example.no")
            }
        }),
        Column::new(
            "Telephone1",
            "telephone1",
            "Business Phone",
            PHONE,
            |cell| {
                if cell.chance(1, 55) {
                    Value::Null
                } else {
                    people::phone(cell, 2)
                }
            },
        ),
        Column::new(
            "MobilePhone",
            "mobilephone",
            "Mobile Phone",
            PHONE,
            |cell| {
                if cell.chance(1, 15) {
                    Value::Null
                } else {
                    people::phone(cell, 4 + 5 * cell.draw(2, 2))
                }
            },
        ),
    ]
}

fn address() -> Vec<Column> {
    vec![
        Column::new(
            "Address1_Line1",
            "address1_line1",
            "Address 1: Street 1",
            text(250),
            people::street,
        ),
        Column::new(
            "Address1_PostalCode",
            "address1_postalcode",
            "Address 1: ZIP/Postal Code",
            text(20),
            people::postal_code,
        ),
        Column::new(
            "Address1_City",
            "address1_city",
            "Address 1: City",
            text(80),
            people::city,
        ),
    ]
}

fn details() -> Vec<Column> {
    vec![
        Column::new(
            "BirthDate",
            "birthdate",
            "Birthday",
            DATE_ONLY,
            |cell| match cell.draw(1, 200) {
                0..=19 => Value::Null,
                20 => day(UNKNOWN_BIRTHDATE, 0),
                _ => day(1930, cell.draw(2, 28_000)),
            },
        ),
        Column::new(
            "Description",
            "description",
            "Description",
            Kind::Memo { max_length: 2_000 },
            |cell| {
                if cell.chance(1, 60) {
                    Value::Null
                } else {
                    Value::Text(cell.pick(2, texts::MEMOS).into())
                }
            },
        ),
        Column::new(
            "GenderCode",
            "gendercode",
            "Gender",
            Kind::Picklist(GENDERS),
            |cell| match cell.draw(1, 10) {
                0 => Value::Null,
                _ => Value::Integer(1 + i64::from(people::woman(cell))),
            },
        ),
        Column::new(
            "DoNotEMail",
            "donotemail",
            "Do not allow Emails",
            Kind::Boolean {
                labels: ("Do Not Allow", "Allow"),
            },
            |cell| Value::Boolean(cell.chance(1, 20)),
        ),
    ]
}

fn numbers_and_parent() -> Vec<Column> {
    vec![
        Column::new(
            "CreditLimit",
            "creditlimit",
            "Credit Limit",
            MONEY,
            |cell| match cell.draw(1, 10) {
                0..=5 => Value::Null,
                6 | 7 => Value::Decimal(Decimal::new(i128::from(cell.draw(2, 50)) * 5_000_000, 4)),
                _ => Value::Decimal(Decimal::new(
                    i128::from(cell.draw(2, 2_000_000_000)) - 100_000_000,
                    4,
                )),
            },
        ),
        Column::new(
            "NumberOfChildren",
            "numberofchildren",
            "No. of Children",
            Kind::Integer,
            |cell| {
                if cell.chance(1, 50) {
                    Value::Null
                } else {
                    Value::Integer(i64::try_from(cell.draw(2, 6)).unwrap_or(0))
                }
            },
        ),
        Column::new(
            "ParentCustomerId",
            "parentcustomerid",
            "Company Name",
            Kind::Lookup {
                kind: LookupKind::Customer,
                targets: PARENTS,
            },
            |cell| match cell.draw(1, 20) {
                0..=7 => cell.reference(2, TableName::Account),
                8 => cell.reference(2, TableName::Contact),
                _ => Value::Null,
            },
        ),
    ]
}

/// Whether the row was merged into another one, and into which.
fn merged() -> Vec<Column> {
    vec![
        Column::new(
            "Merged",
            "merged",
            "Merged",
            Kind::Boolean {
                labels: ("Yes", "No"),
            },
            |_| Value::Boolean(false),
        )
        .kept(),
        Column::new("MasterId", "masterid", "Master ID", lookup(MASTER), |_| {
            Value::Null
        })
        .kept(),
    ]
}
