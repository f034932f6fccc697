//! How one column's value becomes the app's: by the column's type and behaviour from metadata, never
//! by a guess from the value.
//!
//! Errors here say what was expected; they never contain the value.

use std::collections::BTreeMap;

use dynamics_client::{Cell, ColumnKind, DateTimeBehavior, WrongForm};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use streams::FieldKind;
use sync_store::Value;

/// How the values of one field are read.
#[derive(Clone, Debug)]
pub(crate) enum Reading {
    Text,
    Number,
    WholeNumber,
    Boolean,
    Guid,
    /// A choice, by the app's labels.
    Label(BTreeMap<i64, String>),
    /// A calendar day, as it is on the wire.
    Day,
    /// The day of a date-time that belongs to no time zone, whatever its `Z` says.
    DayOfLocal,
    /// The day that an instant falls on in the organisation's time zone.
    DayOfInstant(TimeZone),
    /// An instant in UTC.
    Instant,
    /// A date-time that belongs to no time zone: its `Z` is dropped.
    Local,
}

impl Reading {
    /// Chooses the reading; the error completes "the column is …, but …".
    pub(crate) fn of(
        field: &FieldKind,
        column: &ColumnKind,
        time_zone: &TimeZone,
    ) -> Result<Self, String> {
        match field {
            FieldKind::Plain => Self::plain(column),
            FieldKind::Date => match column {
                ColumnKind::DateTime(DateTimeBehavior::DateOnly) => Ok(Self::Day),
                ColumnKind::DateTime(DateTimeBehavior::TimeZoneIndependent) => Ok(Self::DayOfLocal),
                ColumnKind::DateTime(DateTimeBehavior::UserLocal) => {
                    Ok(Self::DayOfInstant(time_zone.clone()))
                }
                _ => Err("type = \"date\" needs a date column".to_owned()),
            },
            FieldKind::Lookup { .. } => match column {
                ColumnKind::Lookup => Ok(Self::Guid),
                _ => Err("`lookup` needs a lookup column".to_owned()),
            },
            FieldKind::Choice(labels) => match column {
                ColumnKind::Choice | ColumnKind::State | ColumnKind::Status => {
                    Ok(Self::Label(labels.clone()))
                }
                _ => Err("`choice` needs a choice column".to_owned()),
            },
        }
    }

    fn plain(column: &ColumnKind) -> Result<Self, String> {
        Ok(match column {
            ColumnKind::Text | ColumnKind::Memo | ColumnKind::Choices => Self::Text,
            ColumnKind::Decimal | ColumnKind::Double | ColumnKind::Money => Self::Number,
            ColumnKind::Integer
            | ColumnKind::BigInt
            | ColumnKind::Choice
            | ColumnKind::State
            | ColumnKind::Status => Self::WholeNumber,
            ColumnKind::Boolean => Self::Boolean,
            ColumnKind::Lookup | ColumnKind::Guid => Self::Guid,
            ColumnKind::DateTime(DateTimeBehavior::DateOnly) => Self::Day,
            ColumnKind::DateTime(DateTimeBehavior::UserLocal) => Self::Instant,
            ColumnKind::DateTime(DateTimeBehavior::TimeZoneIndependent) => Self::Local,
            _ => return Err("such columns cannot be synced".to_owned()),
        })
    }

    /// A name for the stream's fingerprint: it must change when values would be read differently.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Number => "number".to_owned(),
            Self::WholeNumber => "whole number".to_owned(),
            Self::Boolean => "boolean".to_owned(),
            Self::Guid => "guid".to_owned(),
            Self::Label(labels) => {
                let label = |(number, label): (&i64, &String)| format!("{number}={label}");
                format!(
                    "label {}",
                    labels.iter().map(label).collect::<Vec<_>>().join(",")
                )
            }
            Self::Day => "day".to_owned(),
            Self::DayOfLocal => "day of local".to_owned(),
            Self::DayOfInstant(zone) => {
                format!("day of instant in {}", zone.iana_name().unwrap_or_default())
            }
            Self::Instant => "instant".to_owned(),
            Self::Local => "local".to_owned(),
        }
    }

    /// Whether values become yes or no.
    pub(crate) fn is_boolean(&self) -> bool {
        matches!(self, Self::Boolean)
    }

    /// Whether values become numbers.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number | Self::WholeNumber)
    }

    /// Whether values become texts.
    pub(crate) fn is_text(&self) -> bool {
        !self.is_boolean() && !self.is_number()
    }

    /// Reads a cell. A selected property that is missing from the row is an error: taken for "empty" it
    /// would wipe a value, taken for "unknown" it would never heal under the same version.
    pub(crate) fn read(&self, cell: Cell<'_>) -> Result<Value, String> {
        match cell {
            Cell::Absent => Err("it was asked for and is missing from the row".to_owned()),
            Cell::Null => Ok(Value::Null),
            Cell::Value(_) => self.read_value(cell),
        }
    }

    fn read_value(&self, cell: Cell<'_>) -> Result<Value, String> {
        Ok(match self {
            Self::Text => Value::Text(text(cell)?),
            Self::Number => Value::Number(known(cell.decimal_text())?.to_owned()),
            Self::WholeNumber => Value::Number(known(cell.integer())?.to_string()),
            Self::Boolean => Value::Boolean(known(cell.boolean())?),
            Self::Guid => Value::Text(text(cell)?.to_ascii_lowercase()),
            Self::Label(labels) => {
                let number = known(cell.integer())?;
                let label = labels
                    .get(&number)
                    .ok_or("its choice is not in the stream file's `choice`")?;
                Value::Text(label.clone())
            }
            Self::Day => Value::Text(day(&text(cell)?)?.to_string()),
            Self::DayOfLocal => Value::Text(local(&text(cell)?)?.date().to_string()),
            Self::DayOfInstant(zone) => {
                Value::Text(day_of_instant(&text(cell)?, zone)?.to_string())
            }
            Self::Instant => Value::Text(format!("{}Z", local(&text(cell)?)?)),
            Self::Local => Value::Text(local(&text(cell)?)?.to_string()),
        })
    }
}

fn text(cell: Cell<'_>) -> Result<String, String> {
    known(cell.text())
}

/// The value of a cell that is known to hold one.
fn known<T>(value: Result<Option<T>, WrongForm>) -> Result<T, String> {
    match value {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err("expected a value".to_owned()),
        Err(wrong) => Err(wrong.to_string()),
    }
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "expected a date such as 2027-03-31".to_owned())
}

/// Dataverse writes every date-time with a `Z`, whether it means UTC or nothing. Read without it, the
/// last hours of the year 9999 stay in range too.
fn local(text: &str) -> Result<DateTime, String> {
    text.strip_suffix('Z')
        .and_then(|local| local.parse().ok())
        .ok_or_else(|| "expected a date and time such as 2027-03-31T12:00:00Z".to_owned())
}

fn day_of_instant(text: &str, zone: &TimeZone) -> Result<Date, String> {
    let utc = local(text)?;
    // Only the very last hours of time are no instant; their day is the same everywhere.
    let instant: Option<Timestamp> = utc
        .to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp());
    Ok(instant.map_or_else(
        || utc.date(),
        |instant| instant.to_zoned(zone.clone()).date(),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn oslo() -> TimeZone {
        TimeZone::get("Europe/Oslo").unwrap()
    }

    fn read(reading: &Reading, json: &str) -> Result<Value, String> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        reading.read(Cell::Value(&raw))
    }

    fn day_in_oslo(wire: &str) -> String {
        let column = ColumnKind::DateTime(DateTimeBehavior::UserLocal);
        let reading = Reading::of(&FieldKind::Date, &column, &oslo()).unwrap();
        match read(&reading, &format!("\"{wire}\"")) {
            Ok(Value::Text(day)) => day,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_instant_falls_on_the_organisations_day_also_across_daylight_saving() {
        assert_eq!(day_in_oslo("2027-03-30T22:00:00Z"), "2027-03-31");
        assert_eq!(day_in_oslo("2027-03-30T21:59:59Z"), "2027-03-30");
        assert_eq!(day_in_oslo("2027-01-15T22:59:59Z"), "2027-01-15");
        assert_eq!(day_in_oslo("2027-01-15T23:00:00Z"), "2027-01-16");
        assert_eq!(day_in_oslo("2028-02-28T23:30:00Z"), "2028-02-29");
    }

    #[test]
    fn the_earliest_and_the_very_last_dates_stay_in_range() {
        assert_eq!(day_in_oslo("9999-12-31T23:59:59Z"), "9999-12-31");
        assert!(day_in_oslo("1753-01-01T00:00:00Z").starts_with("1753-01-01"));
        let read = read(&Reading::Instant, "\"9999-12-31T23:59:59Z\"").unwrap();
        assert!(read == Value::Text("9999-12-31T23:59:59Z".into()));
    }

    #[test]
    fn a_time_zone_independent_value_loses_its_z_and_keeps_its_day() {
        let column = ColumnKind::DateTime(DateTimeBehavior::TimeZoneIndependent);
        let plain = Reading::of(&FieldKind::Plain, &column, &oslo()).unwrap();
        let value = read(&plain, "\"2027-03-30T23:30:00Z\"").unwrap();
        assert!(value == Value::Text("2027-03-30T23:30:00".into()));
        let day = Reading::of(&FieldKind::Date, &column, &oslo()).unwrap();
        let value = read(&day, "\"2027-03-30T23:30:00Z\"").unwrap();
        assert!(value == Value::Text("2027-03-30".into()));
    }

    #[test]
    fn money_and_numbers_beyond_two_to_the_53_keep_every_digit() {
        for number in ["922337203685477.5807", "20000.0000", "-0.0001"] {
            let value = read(&Reading::Number, number).unwrap();
            assert!(value == Value::Number(number.into()), "{number}");
        }
        let value = read(&Reading::WholeNumber, "9223372036854775807").unwrap();
        assert!(value == Value::Number("9223372036854775807".into()));
    }

    #[test]
    fn null_is_empty_and_absent_is_an_error() {
        assert!(Reading::Text.read(Cell::Null) == Ok(Value::Null));
        let error = Reading::Text.read(Cell::Absent).unwrap_err();
        assert_eq!(error, "it was asked for and is missing from the row");
    }

    #[test]
    fn a_value_of_the_wrong_form_is_an_error_that_does_not_quote_it() {
        let choices = Reading::Label(BTreeMap::from([(1, "active".to_owned())]));
        for (reading, json) in [
            (&Reading::Text, "4711"),
            (&Reading::Number, "\"4711\""),
            (&Reading::WholeNumber, "47.11"),
            (&Reading::Boolean, "4711"),
            (&Reading::Guid, "4711"),
            (&choices, "\"4711\""),
            (&Reading::Day, "\"4711-02-30\""),
            (&Reading::Instant, "\"4711-01-01 10:00\""),
            (&Reading::Local, "{\"a\":4711}"),
        ] {
            let error = read(reading, json).unwrap_err();
            assert!(
                error.starts_with("expected") && !error.contains("4711"),
                "{json}: {error}"
            );
        }
        let error = read(&choices, "99").unwrap_err();
        assert_eq!(error, "its choice is not in the stream file's `choice`");
    }
}
