//! Values that callers send, held against the columns they are for.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::schema::{Access, Choice, Column, DateTimeBehavior, Kind, RequiredLevel, Table};
use super::{Decimal, Value};
use crate::refusal::Refusal;

/// The earliest day that a date column takes.
const EARLIEST: Date = Date::constant(1753, 1, 1);

/// Reads what was sent for `column`; `None` where the server keeps the column itself and drops
/// what callers send.
pub(crate) fn read(
    table: &Table,
    column: &Column,
    sent: &RawValue,
) -> Result<Option<Value>, Refusal> {
    if column.access == Access::Kept {
        return Ok(None);
    }
    parse(table, column, sent).map(Some)
}

/// Reads a value for `column`, whoever keeps it.
pub(crate) fn parse(table: &Table, column: &Column, sent: &RawValue) -> Result<Value, Refusal> {
    let wrong = || {
        Refusal::bad_payload(format!(
            "Error identified in Payload provided by the user for Entity :'{}': Cannot convert \
             the value sent for '{}' to the expected type '{}'.",
            table.name.entity_set(),
            column.name,
            column.kind.edm()
        ))
    };
    let json: serde_json::Value = serde_json::from_str(sent.get()).map_err(|_| wrong())?;
    if json.is_null() {
        return if column.level == RequiredLevel::SystemRequired {
            Err(Refusal::new(
                400,
                "0x80040200",
                format!("Required field '{}' is missing", column.name),
            ))
        } else {
            Ok(Value::Null)
        };
    }
    let value = match column.kind {
        Kind::Key | Kind::Lookup { .. } => text(&json).and_then(guid),
        Kind::Text { max_length, .. } | Kind::Memo { max_length } => {
            let text = text(&json).ok_or_else(wrong)?;
            if text.encode_utf16().count() > max_length {
                return Err(too_long(table, column, max_length));
            }
            Some(Value::Text(text.to_owned().into()))
        }
        Kind::Integer => json
            .as_i64()
            .filter(|number| i32::try_from(*number).is_ok())
            .map(Value::Integer),
        Kind::BigInteger => json.as_i64().map(Value::Integer),
        Kind::Decimal { precision } | Kind::Money { precision } => {
            // The text as sent: a detour over floating point would change it.
            Decimal::parse(json.as_str().unwrap_or(sent.get()))
                .map(|number| Value::Decimal(number.at_scale(precision)))
        }
        Kind::Boolean { .. } => json.as_bool().map(Value::Boolean),
        Kind::DateTime { behavior, .. } => text(&json).and_then(|text| moment(text, behavior)),
        Kind::Picklist(choices) | Kind::State(choices) | Kind::Status { choices, .. } => {
            let number = json.as_i64().ok_or_else(wrong)?;
            if choices.iter().all(|(value, _)| *value != number) {
                return Err(out_of_range(table, column, number, choices));
            }
            Some(Value::Integer(number))
        }
    };
    value.ok_or_else(wrong)
}

fn text(json: &serde_json::Value) -> Option<&str> {
    json.as_str()
}

fn guid(text: &str) -> Option<Value> {
    Uuid::try_parse(text).ok().map(Value::Guid)
}

fn moment(text: &str, behavior: DateTimeBehavior) -> Option<Value> {
    if behavior == DateTimeBehavior::DateOnly {
        let date: Date = text.parse().ok()?;
        return (text.len() == 10 && date >= EARLIEST).then_some(Value::Date(date));
    }
    let moment = text.parse::<Timestamp>().or_else(|_| {
        // Without an offset the time counts as UTC.
        text.parse::<DateTime>()
            .and_then(|time| time.to_zoned(TimeZone::UTC))
            .map(|zoned| zoned.timestamp())
    });
    let moment = super::value::whole_seconds(moment.ok()?);
    let earliest = EARLIEST.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (moment >= earliest).then_some(Value::Moment(moment))
}

fn too_long(table: &Table, column: &Column, max_length: usize) -> Refusal {
    Refusal::new(
        400,
        "0x80044331",
        format!(
            "A validation error occurred.  The length of the '{}' attribute of the '{}' entity \
             exceeded the maximum allowed length of '{max_length}'.",
            column.name,
            table.name.logical()
        ),
    )
}

fn out_of_range(table: &Table, column: &Column, number: i64, choices: &[Choice]) -> Refusal {
    let accepted: Vec<String> = choices.iter().map(|(value, _)| value.to_string()).collect();
    Refusal::new(
        400,
        "0x80044331",
        format!(
            "A validation error occurred. The value {number} of '{}' on record of type '{}' is \
             outside the valid range. Accepted Values: {}",
            column.name,
            table.name.logical(),
            accepted.join(",")
        ),
    )
}
