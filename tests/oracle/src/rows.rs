//! The simulator's rows, read by the stream file's mapping.
//!
//! Never in here: what hides them.

use std::collections::BTreeMap;

use dynamics_simulator::Simulator;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::{Map, Value as Json};
use streams::{ConditionValue, Field, FieldKind, Stream};
use sync_store::{Fields, Value};

/// The simulator's columns whose date-times belong to no time zone.
const TIME_ZONE_INDEPENDENT: [&str; 1] = ["hlf_examon"];
/// The simulator's columns that hold a day and no time.
const DATE_ONLY: [&str; 4] = ["birthdate", "hlf_postedon", "hlf_validfrom", "hlf_validto"];

/// The simulator's columns that hold an exact decimal, which the truth tells as text.
const DECIMAL: [&str; 4] = ["creditlimit", "hlf_amount", "hlf_fee", "hlf_quantity"];

/// The rows of a stream by their ids.
pub(crate) type Rows = BTreeMap<String, Row>;

/// A row that belongs to a stream.
pub(crate) struct Row {
    /// Its values by the app's names.
    pub(crate) fields: Fields,
    /// Its `versionnumber`.
    pub(crate) version: Option<i64>,
}

/// The rows of `stream` as Dynamics has them.
pub(crate) fn of(simulator: &Simulator, stream: &Stream, time_zone: &TimeZone) -> Rows {
    let truth = simulator.truth(&stream.table).into_iter().flatten();
    truth
        .filter(|row| belongs(stream, row, time_zone))
        .filter_map(|row| {
            let version = row.get("versionnumber").and_then(Json::as_i64);
            let fields = expected(stream, &row, time_zone);
            Some((primary_id(&stream.table, &row)?, Row { fields, version }))
        })
        .collect()
}

fn primary_id(table: &str, row: &Map<String, Json>) -> Option<String> {
    let key = match table {
        "contacts" => "contactid",
        "accounts" => "accountid",
        "systemusers" => "systemuserid",
        "hlf_certifications" => "hlf_certificationid",
        "hlf_postings" => "hlf_postingid",
        _ => return None,
    };
    row.get(key)?.as_str().map(ToOwned::to_owned)
}

/// A column's value; a lookup stands under its longer name.
fn cell<'a>(row: &'a Map<String, Json>, column: &str) -> Option<&'a Json> {
    row.get(column)
        .or_else(|| row.get(&format!("_{column}_value")))
}

fn belongs(stream: &Stream, row: &Map<String, Json>, time_zone: &TimeZone) -> bool {
    let meets = stream.filter.iter().all(|condition| {
        let value = cell(row, &condition.column).unwrap_or(&Json::Null);
        match &condition.value {
            ConditionValue::Text(text) => value
                .as_str()
                .is_some_and(|v| v.to_lowercase() == text.to_lowercase()),
            ConditionValue::Integer(number) => value.as_i64() == Some(*number),
            ConditionValue::Boolean(truth) => value.as_bool() == Some(*truth),
        }
    });
    let modified = || row.get("modifiedon")?.as_str()?.parse::<Timestamp>().ok();
    let recent = stream.anchor.is_none_or(|anchor| {
        modified().is_some_and(|at| at.to_zoned(time_zone.clone()).date() >= anchor)
    });
    meets && recent
}

fn expected(stream: &Stream, row: &Map<String, Json>, time_zone: &TimeZone) -> Fields {
    let value = |field: &Field| {
        let value = app_value(field, cell(row, &field.column)?, time_zone);
        Some((field.name.clone(), value))
    };
    stream.fields.iter().filter_map(value).collect()
}

fn app_value(field: &Field, value: &Json, time_zone: &TimeZone) -> Value {
    let column = field.column.as_str();
    match (value, &field.kind) {
        (Json::Null, _) => Value::Null,
        (Json::Bool(truth), _) => Value::Boolean(*truth),
        (Json::Number(number), FieldKind::Choice(labels)) => {
            let label = number.as_i64().and_then(|number| labels.get(&number));
            label.map_or(Value::Null, |label| Value::Text(label.clone()))
        }
        (Json::Number(number), _) => Value::Number(number.to_string()),
        (Json::String(text), FieldKind::Date) if !DATE_ONLY.contains(&column) => Value::Text(day(
            text,
            TIME_ZONE_INDEPENDENT.contains(&column),
            time_zone,
        )),
        (Json::String(text), _) if TIME_ZONE_INDEPENDENT.contains(&column) => {
            Value::Text(text.trim_end_matches('Z').to_owned())
        }
        (Json::String(text), _) if DECIMAL.contains(&column) => Value::Number(text.clone()),
        (Json::String(text), _) => Value::Text(text.clone()),
        (other, _) => Value::Text(other.to_string()),
    }
}

fn day(text: &str, independent: bool, time_zone: &TimeZone) -> String {
    let as_it_stands = text.get(..10).unwrap_or_default().to_owned();
    if independent {
        return as_it_stands;
    }
    text.parse::<Timestamp>().map_or(as_it_stands, |instant| {
        let day: civil::Date = instant.to_zoned(time_zone.clone()).date();
        day.to_string()
    })
}
