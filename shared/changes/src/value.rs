//! Single values of a change, by the kind of their field.
//!
//! What only the column's type in Dynamics can tell is found when the change is carried out. Never in
//! here: a value in a message.

use std::collections::BTreeMap;

use jiff::civil::Date;
use streams::{Field, FieldKind, StreamFile};
use sync_store::{Value, Wanted};
use uuid::Uuid;

use crate::json::Json;
use crate::key;
use crate::number;
use web::one_of;
use web::{Faults, Pointer};

/// A text of a million characters, which a column may hold, would not fit a record beside what it was
/// before.
const CHARACTERS_MAX: usize = 100_000;

/// Dataverse's earliest date:
/// <https://learn.microsoft.com/power-apps/developer/data-platform/behavior-format-date-time-attribute>
const EARLIEST: Date = Date::constant(1753, 1, 1);

/// What is wrong with a value, and what was expected.
pub(crate) struct Misfit {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

impl Misfit {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { code, detail }
    }

    fn wrong_type(expected: &str, found: &Json) -> Self {
        Self::new("wrong-type", format!("{expected}, found {}", found.kind()))
    }
}

/// Whether it would empty a column: Dataverse keeps an empty text as none.
pub(crate) fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// Reads a value of this field. A lookup may also be named by the key of the row that it refers to.
pub(crate) fn read(
    field: &Field,
    json: &Json,
    file: &StreamFile,
    at: &Pointer,
    faults: &mut Faults,
) -> Option<Wanted> {
    if let (FieldKind::Lookup { table }, Json::Object(members)) = (&field.kind, json) {
        // The first one, as when the change is carried out.
        let Some(referred) = file.keyed_by(table) else {
            let detail =
                format!("{GUID}: no stream of the stream file reads table `{table}` by a key");
            faults.add("no-stream-for-lookup", at, detail);
            return None;
        };
        return key::of_fields(members, referred, at, faults).map(Wanted::Row);
    }
    match of_kind(&field.kind, json) {
        Ok(value) => Some(Wanted::Value(value)),
        Err(misfit) => {
            faults.add(misfit.code, at, misfit.detail);
            None
        }
    }
}

/// Reads a value of this kind; not an empty one.
pub(crate) fn of_kind(kind: &FieldKind, json: &Json) -> Result<Value, Misfit> {
    match kind {
        FieldKind::Plain => plain(json),
        FieldKind::Date => date(json),
        FieldKind::Lookup { .. } => guid(json).map(Value::Text),
        FieldKind::Choice(labels) => label(labels, json),
    }
}

fn plain(json: &Json) -> Result<Value, Misfit> {
    match json {
        Json::Boolean(truth) => Ok(Value::Boolean(*truth)),
        Json::Number(number) => match number::written_out(number) {
            Some(digits) => Ok(Value::Number(digits)),
            None => Err(Misfit::new("number-out-of-range", number::EXPECTED)),
        },
        Json::Text(text) => {
            // Counting a character takes one to four bytes.
            if text.len() > CHARACTERS_MAX && text.chars().count() > CHARACTERS_MAX {
                let detail = format!("expected a text of at most {CHARACTERS_MAX} characters");
                return Err(Misfit::new("text-too-long", detail));
            }
            Ok(Value::Text(text.clone()))
        }
        other => Err(Misfit::wrong_type(
            "expected a string, a number or a boolean",
            other,
        )),
    }
}

fn date(json: &Json) -> Result<Value, Misfit> {
    const EXPECTED: &str = "expected a date such as \"2027-03-31\"";
    let Json::Text(text) = json else {
        return Err(Misfit::wrong_type(EXPECTED, json));
    };
    let wrong = |why: &str| Misfit::new("invalid-date", format!("{EXPECTED}{why}"));
    let date: Date = text.parse().map_err(|_| wrong(" that exists"))?;
    // jiff reads other forms too.
    if date.to_string() != *text {
        return Err(wrong(" and nothing else"));
    }
    if date < EARLIEST {
        return Err(wrong(", from 1753-01-01 on"));
    }
    Ok(Value::Text(text.clone()))
}

const GUID: &str = "expected the GUID of a row, such as \"3f0e1c9a-0000-4000-8000-000000000001\"";

/// A GUID in the form with hyphens, which is how Dynamics shows it; in lower case.
pub(crate) fn guid(json: &Json) -> Result<String, Misfit> {
    let Json::Text(text) = json else {
        return Err(Misfit::wrong_type(GUID, json));
    };
    let guid = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
    guid.map(|guid| guid.to_string())
        .ok_or_else(|| Misfit::new("invalid-guid", GUID))
}

fn label(labels: &BTreeMap<i64, String>, json: &Json) -> Result<Value, Misfit> {
    let expected = || format!("expected {}", one_of(labels.values().map(String::as_str)));
    let Json::Text(text) = json else {
        return Err(Misfit::wrong_type(&expected(), json));
    };
    match labels.values().find(|label| *label == text) {
        Some(label) => Ok(Value::Text(label.clone())),
        None => Err(Misfit::new("unknown-choice", expected())),
    }
}
