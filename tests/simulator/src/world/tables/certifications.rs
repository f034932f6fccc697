//! The organisation's own table: peer mentors' certifications.

use jiff::civil::Date;

use super::common::{DATE_ONLY, MONEY, USER_LOCAL, currency, key, lookup, ownership, stamps, text};
use super::texts;
use crate::world::cell::{Cell, day, moment};
use crate::world::decimal::Decimal;
use crate::world::layout::TableName;
use crate::world::schema::{
    AlternateKey, Choice, Column, DateTimeBehavior, Kind, RequiredLevel, Table, Target,
};
use crate::world::value::Value;

const MENTOR: &[Target] = &[Target {
    table: TableName::Contact,
    navigation: "hlf_ContactId",
}];
const STATUSES: &[Choice] = &[(1, "Active"), (2, "Expired"), (3, "Suspended")];
/// The number of the first mentor code, `M-1001`.
const FIRST_CODE: u64 = 1_001;
/// Days by which the last seeded certification has ended, counted from 2024.
const VALIDITY_DAYS: u64 = 1_600;
/// Certifications that end before this day count as expired.
const TODAY: Date = Date::constant(2026, 6, 1);

const VALID_TO_DRAW: u64 = 11;

const KEYS: &[AlternateKey] = &[
    AlternateKey {
        name: "hlf_code",
        schema_name: "hlf_Code",
        label: "Mentor Code",
        columns: &["hlf_mentorcode"],
        seeded: |values| by_code(values.first()?),
    },
    AlternateKey {
        name: "hlf_contactcode",
        schema_name: "hlf_ContactCode",
        label: "Mentor and Code",
        columns: &["hlf_contactid", "hlf_mentorcode"],
        seeded: |values| by_code(values.get(1)?),
    },
];

/// The seeded row that has this mentor code.
fn by_code(code: &Value) -> Option<u64> {
    let Value::Text(code) = code else {
        return None;
    };
    let number = code.strip_prefix(['M', 'm'])?.strip_prefix('-')?;
    number.parse::<u64>().ok()?.checked_sub(FIRST_CODE)
}

pub(super) fn table() -> Table {
    let mut columns = vec![key(
        "hlf_certificationId",
        "hlf_certificationid",
        "Certification",
    )];
    columns.extend(identity());
    columns.extend(validity());
    columns.extend(details());
    columns.push(currency());
    columns.extend(ownership());
    columns.extend(stamps());
    Table {
        name: TableName::Certification,
        schema_name: "hlf_Certification",
        label: "Certification",
        primary_name: "hlf_mentorcode",
        object_type_code: 10_042,
        tracked: true,
        ownership: "UserOwned",
        columns,
        keys: KEYS,
    }
}

fn identity() -> Vec<Column> {
    vec![
        Column::new(
            "hlf_MentorCode",
            "hlf_mentorcode",
            "Mentor Code",
            text(20),
            |cell| Value::Text(format!("M-{}", FIRST_CODE.saturating_add(cell.index)).into()),
        )
        .level(RequiredLevel::ApplicationRequired),
        Column::new(
            "hlf_ContactId",
            "hlf_contactid",
            "Mentor",
            lookup(MENTOR),
            |cell| {
                if cell.chance(1, 2) {
                    Value::Null
                } else {
                    cell.reference(2, TableName::Contact)
                }
            },
        ),
    ]
}

fn validity() -> Vec<Column> {
    vec![
        Column::new(
            "hlf_Status",
            "hlf_status",
            "Certification Status",
            Kind::Picklist(STATUSES),
            |cell| {
                let ended = matches!(valid_to(cell), Value::Date(date) if date < TODAY);
                match cell.draw(1, 20) {
                    0 => Value::Integer(3),
                    _ => Value::Integer(1 + i64::from(ended)),
                }
            },
        )
        .global_choices("hlf_certificationstatus"),
        Column::new(
            "hlf_ValidFrom",
            "hlf_validfrom",
            "Valid From",
            DATE_ONLY,
            |cell| day(2022, cell.row_draw(VALID_TO_DRAW, VALIDITY_DAYS)),
        ),
        Column::new(
            "hlf_ValidTo",
            "hlf_validto",
            "Valid To",
            DATE_ONLY,
            valid_to,
        ),
        Column::new(
            "hlf_PortalVisible",
            "hlf_portalvisible",
            "Visible on the Portal",
            Kind::Boolean {
                labels: ("Yes", "No"),
            },
            |cell| match cell.draw(1, 10) {
                0 => Value::Null,
                1 | 2 => Value::Boolean(false),
                _ => Value::Boolean(true),
            },
        ),
        Column::new(
            "hlf_ExamOn",
            "hlf_examon",
            "Exam",
            Kind::DateTime {
                behavior: DateTimeBehavior::TimeZoneIndependent,
                format: "DateAndTime",
            },
            // Quarters of an hour since 2022; the `Z` on the wire means the wall clock.
            |cell| moment(1_640_995_200_u64.saturating_add(cell.draw(1, 140_000) * 900)),
        ),
    ]
}

fn details() -> Vec<Column> {
    vec![
        Column::new(
            "hlf_Comment",
            "hlf_comment",
            "Comment",
            Kind::Memo { max_length: 1_000 },
            |cell| {
                if cell.chance(1, 50) {
                    Value::Null
                } else {
                    Value::Text(cell.pick(2, texts::COMMENTS).into())
                }
            },
        ),
        Column::new(
            "hlf_Fee",
            "hlf_fee",
            "Course Fee",
            MONEY,
            |cell| match cell.draw(1, 5) {
                0 => Value::Null,
                1 | 2 => Value::Decimal(Decimal::new(15_000_000, 4)),
                _ => Value::Decimal(Decimal::new(i128::from(cell.draw(2, 60_000_000)), 4)),
            },
        ),
        Column::new(
            "hlf_LastSyncedOn",
            "hlf_lastsyncedon",
            "Last Synced On",
            USER_LOCAL,
            |cell| {
                if cell.chance(1, 70) {
                    Value::Null
                } else {
                    moment(1_767_225_600_u64.saturating_add(cell.draw(2, 10_000_000)))
                }
            },
        ),
    ]
}

/// The last valid day; some never end.
fn valid_to(cell: &Cell<'_>) -> Value {
    match cell.row_draw(VALID_TO_DRAW + 1, 25) {
        0 => Value::Null,
        _ => day(2024, cell.row_draw(VALID_TO_DRAW, VALIDITY_DAYS)),
    }
}
