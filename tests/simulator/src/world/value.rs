//! One cell's value, and its exact JSON form on the wire.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::io::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::decimal::Decimal;

/// What a cell holds, or what a filter compares it with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Text(Cow<'static, str>),
    Integer(i64),
    Decimal(Decimal),
    Boolean(bool),
    /// A primary key or a lookup.
    Guid(Uuid),
    /// A date and time in whole seconds: Dataverse shows no fractions.
    Moment(Timestamp),
    Date(Date),
}

impl Value {
    /// Appends the value as Dataverse prints it.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>) {
        // Writing to a vector cannot fail.
        let _infallible = match self {
            Self::Null => out.write_all(b"null"),
            Self::Text(text) => serde_json::to_writer(out, text.as_ref()).map_err(Into::into),
            Self::Integer(number) => write!(out, "{number}"),
            Self::Decimal(number) => write!(out, "{number}"),
            Self::Boolean(flag) => write!(out, "{flag}"),
            Self::Guid(id) => {
                let mut buffer = Uuid::encode_buffer();
                let text = id.hyphenated().encode_lower(&mut buffer);
                write!(out, "\"{text}\"")
            }
            Self::Moment(moment) => write!(out, "\"{moment}\""),
            Self::Date(date) => write!(out, "\"{date}\""),
        };
    }

    /// The value as ground truth: exact decimals become text, so that no reader rounds them.
    pub(crate) fn to_truth(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Text(text) => text.as_ref().into(),
            Self::Integer(number) => (*number).into(),
            Self::Decimal(number) => number.to_string().into(),
            Self::Boolean(flag) => (*flag).into(),
            Self::Guid(id) => id.to_string().into(),
            Self::Moment(moment) => moment.to_string().into(),
            Self::Date(date) => date.to_string().into(),
        }
    }

    /// How two values compare; `None` for null and for values of different families. Text compares
    /// without regard to case, as Dataverse's default collation does.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => {
                Some(left.to_lowercase().cmp(&right.to_lowercase()))
            }
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(right)),
            (Self::Decimal(left), Self::Decimal(right)) => Some(left.cmp(right)),
            (Self::Integer(left), Self::Decimal(right)) => Some(whole(*left).cmp(right)),
            (Self::Decimal(left), Self::Integer(right)) => Some(left.cmp(&whole(*right))),
            (Self::Boolean(left), Self::Boolean(right)) => Some(left.cmp(right)),
            (Self::Guid(left), Self::Guid(right)) => Some(left.cmp(right)),
            (Self::Moment(left), Self::Moment(right)) => Some(left.cmp(right)),
            (Self::Date(left), Self::Date(right)) => Some(left.cmp(right)),
            (Self::Moment(left), Self::Date(right)) => Some(left.cmp(&midnight(*right)?)),
            (Self::Date(left), Self::Moment(right)) => Some(midnight(*left)?.cmp(right)),
            _ => None,
        }
    }
}

fn whole(number: i64) -> Decimal {
    Decimal::new(i128::from(number), 0)
}

fn midnight(date: Date) -> Option<Timestamp> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// `moment` without its fraction of a second.
pub(crate) fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}
