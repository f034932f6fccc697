//! Accounts: local branches, employers and partners.

use super::common::{EMAIL, MONEY, PHONE, currency, key, lookup, ownership, stamps, text};
use super::names::{COMPANIES, COMPANY_FORMS};
use super::{people, texts};
use crate::world::decimal::Decimal;
use crate::world::layout::TableName;
use crate::world::schema::{AlternateKey, Choice, Column, Kind, Table, Target};
use crate::world::value::Value;

const PRIMARY_CONTACT: &[Target] = &[Target {
    table: TableName::Contact,
    navigation: "primarycontactid",
}];
const INDUSTRIES: &[Choice] = &[
    (1, "Accounting"),
    (2, "Agriculture and Non-petrol Natural Resource Extraction"),
    (15, "Health Care, Nursing"),
    (33, "Public Service"),
];

const KEYS: &[AlternateKey] = &[AlternateKey {
    name: "hlf_accountnumber",
    schema_name: "hlf_AccountNumber",
    label: "Account Number",
    columns: &["accountnumber"],
    seeded: |values| match values {
        [Value::Text(number)] => number.parse::<u64>().ok()?.checked_sub(FIRST_NUMBER),
        _ => None,
    },
}];
/// The account number of the first seeded row.
const FIRST_NUMBER: u64 = 100;

pub(super) fn table() -> Table {
    let mut columns = vec![key("AccountId", "accountid", "Account")];
    columns.extend(identity());
    columns.extend(business());
    columns.push(currency());
    columns.extend(ownership());
    columns.extend(stamps());
    Table {
        name: TableName::Account,
        schema_name: "Account",
        label: "Account",
        primary_name: "name",
        object_type_code: 1,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: KEYS,
    }
}

fn identity() -> Vec<Column> {
    vec![
        Column::new("Name", "name", "Account Name", text(160), |cell| {
            let (name, form) = (cell.pick(1, COMPANIES), cell.pick(2, COMPANY_FORMS));
            Value::Text(format!("{name} {form}").into())
        }),
        Column::new(
            "AccountNumber",
            "accountnumber",
            "Account Number",
            text(20),
            |cell| Value::Text(format!("{:06}", FIRST_NUMBER + cell.index).into()),
        ),
        Column::new("EMailAddress1", "emailaddress1", "Email", EMAIL, |cell| {
            Value::Text(format!("post{}@example.no", cell.index).into())
        }),
        Column::new("Telephone1", "telephone1", "Main Phone", PHONE, |cell| {
            people::phone(cell, 2)
        }),
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

fn business() -> Vec<Column> {
    vec![
        Column::new("Revenue", "revenue", "Annual Revenue", MONEY, |cell| {
            if cell.chance(1, 40) {
                Value::Null
            } else {
                Value::Decimal(Decimal::new(i128::from(cell.draw(2, 9_000_000_000_000)), 4))
            }
        }),
        Column::new(
            "ExchangeRate",
            "exchangerate",
            "Exchange Rate",
            Kind::Decimal { precision: 10 },
            |_| Value::Decimal(Decimal::new(10_000_000_000, 10)),
        )
        .kept(),
        Column::new(
            "NumberOfEmployees",
            "numberofemployees",
            "Number of Employees",
            Kind::Integer,
            |cell| Value::Integer(i64::try_from(cell.draw(1, 900)).unwrap_or(0)),
        ),
        Column::new(
            "IndustryCode",
            "industrycode",
            "Industry",
            Kind::Picklist(INDUSTRIES),
            |cell| match cell.draw(1, 4) {
                0 => Value::Null,
                1 => Value::Integer(15),
                2 => Value::Integer(33),
                _ => Value::Integer(1),
            },
        ),
        Column::new(
            "Description",
            "description",
            "Description",
            Kind::Memo { max_length: 2_000 },
            |cell| {
                if cell.chance(1, 70) {
                    Value::Null
                } else {
                    Value::Text(cell.pick(2, texts::MEMOS).into())
                }
            },
        ),
        Column::new(
            "PrimaryContactId",
            "primarycontactid",
            "Primary Contact",
            lookup(PRIMARY_CONTACT),
            |cell| cell.reference(1, TableName::Contact),
        ),
    ]
}
