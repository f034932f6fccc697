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
            Self::Label(labels) => format!("label {labels:?}"),
            Self::DayOfInstant(_) => "day of instant".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    pub(crate) fn depends_on_time_zone(&self) -> bool {
        matches!(self, Self::DayOfInstant(_))
    }

    /// Reads a cell. `None` means the row has no such property: unknown, which is not empty.
    pub(crate) fn read(&self, cell: Cell<'_>) -> Result<Option<Value>, String> {
        match cell {
            Cell::Absent => Ok(None),
            Cell::Null => Ok(Some(Value::Null)),
            Cell::Value(_) => self.read_value(cell).map(Some),
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
                let label = labels.get(&number).ok_or_else(|| {
                    format!("the choice value {number} is not in the stream file's `choice`")
                })?;
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
