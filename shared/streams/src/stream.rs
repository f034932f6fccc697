//! One `[[stream]]` of the file.

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use crate::contradictions::{self, Owned};
use crate::error::Problems;
use crate::expiry::{self, Own};
use crate::fields::{self, Fields};
use crate::model::{Condition, Key, Stream};
use crate::names::{self, nearest, quoted};
use crate::policy::Direction;
use crate::pushing::StreamKeys;
use crate::section::{Entry, Section, in_file_order};
use crate::targets::Draft;
use crate::value;

const KEYS: &[&str] = &[
    "name",
    "table",
    "direction",
    "key",
    "fields",
    "where",
    "anchor",
    "expiry",
    "conflict",
    "update",
    "deletes",
    "owner_team",
    "suppress_flows",
    "alert",
];

/// Dataverse's limit of columns in an alternate key:
/// <https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity>
const KEY_COLUMNS_MAX: usize = 16;

/// What the streams before one have taken.
#[derive(Default)]
pub(crate) struct Taken<'a> {
    names: Vec<&'a str>,
    owned: Vec<Owned>,
}

/// Reads one stream.
pub(crate) fn read<'a, 'i>(
    stream: &Entry<&'a DeTable<'i>>,
    taken: &mut Taken<'a>,
    problems: &mut Problems<'_>,
) -> Option<Draft<'a, 'i>> {
    // Messages call a stream by its name; one without a usable name goes by its number.
    let place = match stream
        .value
        .get("name")
        .and_then(|name| name.get_ref().as_str())
    {
        Some(name) if names::check_stream(name).is_ok() => format!("stream \"{name}\""),
        _ => stream.place.clone(),
    };
    let section = Section::open(stream.value, stream.at.clone(), place, KEYS, problems);
    let name = name(&section, &mut taken.names, problems);
    let table = table(&section, problems);
    let keys = StreamKeys::read(&section, problems);
    let fields = fields::read(&section, problems);
    let key = key(&section, &fields, problems);
    let filter = filter(&section, problems);
    let anchor = anchor(&section, problems);
    let mut reaches = Vec::new();
    let own = Own {
        fields: &fields,
        key: &key,
        pushes: (keys.direction == Some(Direction::Both)).then_some(keys.update()),
    };
    let expiry = expiry::read(&section, own, &mut reaches, problems);
    contradictions::check(&section, &keys, &fields, &key, problems);
    if let (Some(name), Some(table)) = (&name, &table) {
        let stream = (name.as_str(), table.as_str());
        contradictions::check_owned(stream, &keys, &fields, &mut taken.owned, problems);
    }
    let stream = Stream {
        name: name?,
        table: table?,
        key,
        fields: fields.found,
        filter,
        anchor,
        expiry,
        direction: keys.direction.unwrap_or_default(),
        conflict: keys.conflict(),
        update: keys.update(),
        deletes: keys.deletes(),
        suppress_flows: keys.suppress_flows(),
        owner_team: keys.owner_team.map(|team| team.value),
        alert: keys.alert,
    };
    Some(Draft {
        stream,
        names: fields.names,
        complete: fields.complete,
        reaches,
    })
}

fn name<'a>(
    section: &Section<'a, '_>,
    taken: &mut Vec<&'a str>,
    problems: &mut Problems<'_>,
) -> Option<String> {
    let expected = "the stream's own name, such as \"members\"";
    section.missing("name", expected, problems);
    let Entry { value, at, place } = section.text("name", expected, problems)?;
    if let Err(message) = names::check_stream(value) {
        problems.add(at, &place, message);
        return None;
    }
    if taken.contains(&value) {
        problems.add(
            at,
            &place,
            "another stream has this name; names must be unique",
        );
        return None;
    }
    taken.push(value);
    Some(value.to_owned())
}

fn table(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> Option<String> {
    let expected = "a Dataverse entity set, such as \"contacts\"";
    section.missing("table", expected, problems);
    let Entry { value, at, place } = section.text("table", expected, problems)?;
    names::check_table(value)
        .map_err(|message| problems.add(at, &place, message))
        .ok()?;
    Some(value.to_owned())
}

fn key(section: &Section<'_, '_>, fields: &Fields, problems: &mut Problems<'_>) -> Key {
    let expected = "\"id\", a column, or an array of columns such as [\"hlf_mentorcode\"]";
    let Some(found) = section.get("key") else {
        return Key::Id;
    };
    let place = found.place.clone();
    let entries: Vec<Entry<&DeValue<'_>>> = match found.value {
        DeValue::String(id) if id == "id" => return Key::Id,
        DeValue::String(_) => vec![found],
        DeValue::Array(columns) if (1..=KEY_COLUMNS_MAX).contains(&columns.len()) => columns
            .iter()
            .map(|column| crate::section::entry(column, place.clone()))
            .collect(),
        DeValue::Array(columns) => {
            let message = format!(
                "expected 1 to {KEY_COLUMNS_MAX} columns, found {}",
                columns.len()
            );
            problems.add(found.at, &place, message);
            return Key::Id;
        }
        _ => {
            found.wrong_type(expected, problems);
            return Key::Id;
        }
    };
    let mut columns: Vec<String> = Vec::new();
    for column in entries {
        let Some(Entry { value, at, .. }) = column.text("a column's logical name", problems) else {
            continue;
        };
        match key_column(value, &columns, fields) {
            Ok(()) => columns.push(value.to_owned()),
            Err(message) => problems.add(at, &place, message),
        }
    }
    Key::Columns(columns)
}

fn key_column(column: &str, before: &[String], fields: &Fields) -> Result<(), String> {
    if column == "id" {
        return Err("the row's GUID stands alone: write key = \"id\"".into());
    }
    names::check_column(column)?;
    if before.iter().any(|other| other == column) {
        return Err(format!("column {} is named twice", quoted(column)));
    }
    // Only what is mapped is asked for, so an unmapped column could not be part of a key.
    let mapped = fields.columns.iter().any(|other| other == column);
    if mapped || !fields.complete {
        return Ok(());
    }
    let near = nearest(column, fields.columns.iter().map(String::as_str));
    let hint = near.map_or_else(
        || "; add a field that reads it".to_owned(),
        |near| format!("; did you mean \"{near}\"?"),
    );
    Err(format!(
        "no field of this stream reads column {}{hint}",
        quoted(column)
    ))
}

fn filter(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> Vec<Condition> {
    let found = section
        .get("where")
        .and_then(|found| found.table("a table such as { statecode = 0 }", problems));
    let mut conditions = Vec::new();
    for (column, value) in found
        .map(|found| in_file_order(found.value, &found.place))
        .unwrap_or_default()
    {
        if let Err(message) = names::check_column(column.value) {
            problems.add(column.at, &column.place, message);
        }
        if let Some(value) = value::read(&value, problems) {
            conditions.push(Condition {
                column: column.value.to_owned(),
                value,
            });
        }
    }
    conditions.sort_by(|a, b| a.column.cmp(&b.column));
    conditions
}

/// A day stands in the file as TOML writes one, without quotes.
fn anchor(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> Option<Date> {
    let found = section.get("anchor")?;
    let written = match found.value {
        DeValue::Datetime(at) if at.time.is_none() => at.date,
        _ => None,
    };
    let day = written.and_then(|day| {
        let year = i16::try_from(day.year).ok()?;
        let month = i8::try_from(day.month).ok()?;
        Date::new(year, month, i8::try_from(day.day).ok()?).ok()
    });
    if day.is_none() {
        let expected = "a day without quotes and without a time, such as 2024-01-01";
        found.wrong_type(expected, problems);
    }
    day
}
