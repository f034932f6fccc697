//! Judges a copy by the ground truth.
//!
//! It reads the simulator's own rows and works out from the stream file what the app should see. It
//! shares no code with the sync's reading of rows: a mistake there must not be able to hide here.

use std::collections::BTreeMap;
use std::fmt;

use dynamics_simulator::Simulator;
use futures::TryStreamExt;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::{Map, Value as Json};
use streams::{ConditionValue, Field, FieldKind, Stream};
use sync_store::{Error, Fields, Store, Value};

/// The simulator's columns whose date-times belong to no time zone.
const TIME_ZONE_INDEPENDENT: [&str; 1] = ["hlf_examon"];
/// The simulator's columns that hold a day and no time.
const DATE_ONLY: [&str; 3] = ["birthdate", "hlf_validfrom", "hlf_validto"];

/// The simulator's columns that hold an exact decimal, which the truth tells as text.
const DECIMAL: [&str; 2] = ["creditlimit", "hlf_fee"];

/// How a copy differs from the truth.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verdict {
    /// Rows that belong to the stream.
    pub expected: usize,
    /// Records that are not tombstones.
    pub found: usize,
    /// Ids of rows without a record.
    pub missing: Vec<String>,
    /// Ids of records without a row.
    pub unexpected: Vec<String>,
    /// Ids and fields that differ.
    pub different: Vec<(String, String)>,
}

impl Verdict {
    /// Whether the copy equals the truth.
    pub fn is_equal(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.different.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_equal() {
            return write!(f, "{} records, all equal to Dynamics", self.found);
        }
        write!(
            f,
            "{} records for {} rows: {} missing, {} too many, {} fields differ",
            self.found,
            self.expected,
            self.missing.len(),
            self.unexpected.len(),
            self.different.len()
        )?;
        let examples = self.missing.iter().chain(&self.unexpected).take(3);
        for id in examples {
            write!(f, "; {id}")?;
        }
        for (id, field) in self.different.iter().take(3) {
            write!(f, "; {id} {field}")?;
        }
        Ok(())
    }
}

/// Compares a stream's records with the simulator's rows.
///
/// # Errors
/// When the records cannot be read.
pub async fn judge(
    simulator: &Simulator,
    store: &Store,
    stream: &Stream,
    time_zone: &TimeZone,
) -> Result<Verdict, Error> {
    let mut truth: BTreeMap<String, (Fields, Option<i64>)> = simulator
        .truth(&stream.table)
        .into_iter()
        .flatten()
        .filter(|row| belongs(stream, row))
        .filter_map(|row| {
            let version = row.get("versionnumber").and_then(Json::as_i64);
            let fields = expected(stream, &row, time_zone);
            Some((primary_id(&stream.table, &row)?, (fields, version)))
        })
        .collect();
    let mut verdict = Verdict {
        expected: truth.len(),
        ..Verdict::default()
    };
    let mut records = std::pin::pin!(store.records(&stream.name));
    while let Some(record) = records.try_next().await? {
        verdict.found += 1;
        match truth.remove(&record.id) {
            None => verdict.unexpected.push(record.id),
            Some((fields, version)) => {
                let names = fields.keys().chain(record.fields.keys());
                let mut different: Vec<_> = names
                    .filter(|name| !same(fields.get(*name), record.fields.get(*name)))
                    .map(|name| (record.id.clone(), name.clone()))
                    .collect();
                different.sort();
                different.dedup();
                if version != Some(record.version) {
                    different.push((record.id.clone(), "(version)".to_owned()));
                }
                verdict.different.extend(different);
            }
        }
    }
    verdict.missing = truth.into_keys().collect();
    Ok(verdict)
}

fn primary_id(table: &str, row: &Map<String, Json>) -> Option<String> {
    let key = match table {
        "contacts" => "contactid",
        "accounts" => "accountid",
        "systemusers" => "systemuserid",
        "hlf_certifications" => "hlf_certificationid",
        _ => return None,
    };
    row.get(key)?.as_str().map(ToOwned::to_owned)
}

/// A column's value; a lookup stands under its longer name.
fn cell<'a>(row: &'a Map<String, Json>, column: &str) -> Option<&'a Json> {
    row.get(column)
        .or_else(|| row.get(&format!("_{column}_value")))
}

fn belongs(stream: &Stream, row: &Map<String, Json>) -> bool {
    stream.filter.iter().all(|condition| {
        let value = cell(row, &condition.column).unwrap_or(&Json::Null);
        match &condition.value {
            ConditionValue::Text(text) => value
                .as_str()
                .is_some_and(|v| v.to_lowercase() == text.to_lowercase()),
            ConditionValue::Integer(number) => value.as_i64() == Some(*number),
            ConditionValue::Boolean(truth) => value.as_bool() == Some(*truth),
        }
    })
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

fn same(expected: Option<&Value>, found: Option<&Value>) -> bool {
    match (expected, found) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => digits(a) == digits(b),
        (a, b) => a == b,
    }
}

/// A number without the zeros that change nothing: DynamoDB drops them.
fn digits(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}
