//! The organisation's table of postings, which the accounting exports; none are seeded.

use super::common::{DATE_ONLY, MONEY, currency, key, lookup, ownership, stamps, text};
use super::texts;
use crate::world::cell::day;
use crate::world::decimal::Decimal;
use crate::world::layout::TableName;
use crate::world::schema::{AlternateKey, Column, Kind, RequiredLevel, Table, Target};
use crate::world::value::Value;

const MEMBER: &[Target] = &[Target {
    table: TableName::Contact,
    navigation: "hlf_MemberId",
}];

const KEYS: &[AlternateKey] = &[AlternateKey {
    name: "hlf_reference",
    schema_name: "hlf_Reference",
    label: "Reference",
    columns: &["hlf_reference"],
    seeded: |_| None,
}];

pub(super) fn table() -> Table {
    let mut columns = vec![key("hlf_postingId", "hlf_postingid", "Posting")];
    columns.extend(details());
    columns.push(currency());
    columns.extend(ownership());
    columns.extend(stamps());
    Table {
        name: TableName::Posting,
        schema_name: "hlf_Posting",
        label: "Posting",
        primary_name: "hlf_reference",
        object_type_code: 10_043,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: KEYS,
    }
}

fn details() -> Vec<Column> {
    vec![
        Column::new(
            "hlf_Reference",
            "hlf_reference",
            "Reference",
            text(50),
            |cell| Value::Text(format!("P-{}", cell.version).into()),
        )
        .level(RequiredLevel::ApplicationRequired),
        Column::new("hlf_Amount", "hlf_amount", "Amount", MONEY, |cell| {
            Value::Decimal(Decimal::new(i128::from(cell.draw(1, 60_000_000)), 4))
        }),
        Column::new(
            "hlf_Quantity",
            "hlf_quantity",
            "Quantity",
            Kind::Decimal { precision: 5 },
            |cell| Value::Decimal(Decimal::new(i128::from(cell.draw(1, 9_000_000)), 5)),
        ),
        Column::new(
            "hlf_PostedOn",
            "hlf_postedon",
            "Posted On",
            DATE_ONLY,
            |cell| day(2026, cell.draw(1, 365)),
        ),
        Column::new("hlf_Account", "hlf_account", "Account", text(20), |cell| {
            Value::Text(format!("{}", 3_000 + cell.draw(1, 6_000)).into())
        }),
        Column::new(
            "hlf_Text",
            "hlf_text",
            "Text",
            Kind::Memo { max_length: 2_000 },
            |cell| Value::Text(cell.pick(1, texts::MEMOS).into()),
        ),
        Column::new(
            "hlf_MemberId",
            "hlf_memberid",
            "Member",
            lookup(MEMBER),
            |cell| cell.reference(1, TableName::Contact),
        ),
    ]
}
