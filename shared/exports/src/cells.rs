//! A value as a cell.

use std::borrow::Cow;

use csv_export::Cell;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sync_store::Value;

use crate::columns::Form;

/// Stands for a value that there is, and that could not be read.
pub(crate) const UNKNOWN: &str = "#UNKNOWN";

/// A cell, on its way to the file.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Written<'v> {
    Empty,
    Text(Cow<'v, str>),
    Figure(Cow<'v, str>),
}

impl Written<'_> {
    pub(crate) fn as_cell(&self) -> Cell<'_> {
        match self {
            Self::Empty => Cell::Empty,
            Self::Text(text) => Cell::Text(text),
            Self::Figure(text) => Cell::Figure(text),
        }
    }
}

/// How a value is written; `None` is one that could not be read.
pub(crate) fn written<'v>(value: Option<&'v Value>, form: Form, zone: &TimeZone) -> Written<'v> {
    match value {
        None => Written::Text(UNKNOWN.into()),
        Some(Value::Null) => Written::Empty,
        Some(Value::Boolean(true)) => Written::Text("true".into()),
        Some(Value::Boolean(false)) => Written::Text("false".into()),
        Some(Value::Number(digits)) => Written::Figure(digits.into()),
        Some(Value::Text(text)) => match form {
            Form::Text => Written::Text(text.into()),
            Form::Day => Written::Figure(text.into()),
            Form::Time => time(text, zone).map_or_else(|| Written::Text(text.into()), figure),
            Form::Unknown if is_like(text, "0000-00-00") => Written::Figure(text.into()),
            Form::Unknown
                if is_like(text, "0000-00-00T00:00:00Z")
                    || is_like(text, "0000-00-00T00:00:00") =>
            {
                time(text, zone).map_or_else(|| Written::Text(text.into()), figure)
            }
            Form::Unknown => Written::Text(text.into()),
        },
    }
}

fn figure<'v>(text: String) -> Written<'v> {
    Written::Figure(text.into())
}

/// An instant on the organisation's clocks; a time that belongs to no zone as it is.
pub(crate) fn time(text: &str, zone: &TimeZone) -> Option<String> {
    let local = if text.ends_with('Z') {
        let instant: Timestamp = text.parse().ok()?;
        instant.to_zoned(zone.clone()).datetime()
    } else {
        text.parse::<DateTime>().ok()?
    };
    Some(local.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Whether a text has digits where the form has zeros, and else the same signs.
fn is_like(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: Value, form: Form) -> String {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        match written(Some(&value), form, &zone) {
            Written::Empty => String::new(),
            Written::Text(text) => format!("\"{text}\""),
            Written::Figure(text) => text.into_owned(),
        }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn an_instant_is_shown_on_the_organisations_clocks_also_in_summer() {
        for (instant, local) in [
            ("2026-01-31T10:20:30Z", "2026-01-31 11:20:30"),
            ("2026-07-01T22:30:00Z", "2026-07-02 00:30:00"),
            ("2026-10-25T00:30:00Z", "2026-10-25 02:30:00"),
            ("2026-10-25T01:30:00Z", "2026-10-25 02:30:00"),
        ] {
            for form in [Form::Time, Form::Unknown] {
                assert_eq!(shown(text(instant), form), local);
            }
        }
        let no_zone = text("2026-07-01T22:30:00");
        assert_eq!(shown(no_zone, Form::Time), "2026-07-01 22:30:00");
    }

    #[test]
    fn a_text_stays_a_text_whatever_it_looks_like() {
        for like in ["2026-01-31T10:20:30Z", "2026-01-31", "0150", "12"] {
            assert_eq!(shown(text(like), Form::Text), format!("\"{like}\""));
        }
        for like in [
            "2026-1-31T10:20:30Z",
            "2026-13-31T10:20:30Z",
            "x2026-01-31",
            "0150",
        ] {
            assert_eq!(shown(text(like), Form::Unknown), format!("\"{like}\""));
        }
        // The last hours of time are no instant in every zone.
        let last = "9999-12-31T23:59:59Z";
        assert_eq!(shown(text(last), Form::Time), format!("\"{last}\""));
    }

    #[test]
    fn numbers_and_days_are_figures_and_yes_and_no_are_words() {
        assert_eq!(
            shown(Value::Number("20000.0000".into()), Form::Text),
            "20000.0000"
        );
        assert_eq!(shown(text("2026-01-31"), Form::Day), "2026-01-31");
        assert_eq!(shown(Value::Boolean(true), Form::Text), "\"true\"");
        assert_eq!(shown(Value::Null, Form::Time), "");
        let zone = TimeZone::UTC;
        let unknown = written(None, Form::Text, &zone);
        assert_eq!(unknown, Written::Text(UNKNOWN.into()));
    }
}
