//! The `[stream.expiry]` of one stream, as far as it speaks of the stream's own fields.
//!
//! Never in here: what other streams look like. They may stand further down in the file, so `targets`
//! looks at what reaches into them when all are read.

use toml::de::DeValue;

use crate::error::Problems;
use crate::fields::Fields;
use crate::model::{Expiry, Field, FieldKind, FieldValue, Key};
use crate::names::{nearest, quoted};
use crate::section::{Entry, Section, in_file_order};
use crate::targets::Reach;
use crate::value;

const KEYS: &[&str] = &["date", "from", "set"];
/// What only warnings before the last day need.
const LATER: &[&str] = &["warn_days"];

/// Reads the expiry of a stream; its `targets` are still empty, and what they will be made of is put
/// into `reaches`.
pub(crate) fn read<'a, 'i>(
    stream: &Section<'a, 'i>,
    fields: &Fields,
    key: &Key,
    reaches: &mut Vec<Reach<'a, 'i>>,
    problems: &mut Problems<'_>,
) -> Option<Expiry> {
    let Entry { value, at, place } = stream
        .get("expiry")?
        .table("a table [stream.expiry] with `date` and `set`", problems)?;
    let section = Section::open(value, at, place, KEYS, LATER, problems);
    let date = date(&section, fields, problems);
    let from = from(&section, fields, problems);
    let set = set(&section, fields, key, reaches, problems);
    Some(Expiry {
        date: date?,
        from,
        set,
        targets: Vec::new(),
    })
}

fn date(section: &Section<'_, '_>, fields: &Fields, problems: &mut Problems<'_>) -> Option<String> {
    let expected = "the field with the last valid day, such as \"valid_to\"";
    section.missing("date", expected, problems);
    let name = section.text("date", expected, problems)?;
    let field = own_field(&name, fields, problems)?;
    if field.kind == FieldKind::Date {
        return Some(field.name.clone());
    }
    let dates = fields
        .found
        .iter()
        .filter(|field| field.kind == FieldKind::Date)
        .map(|field| field.name.as_str());
    let hint = nearest(name.value, dates)
        .map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
    let message = format!(
        "expected a field with type = \"date\", which {} is not{hint}",
        quoted(name.value)
    );
    problems.add(name.at, &name.place, message);
    None
}

fn from(
    section: &Section<'_, '_>,
    fields: &Fields,
    problems: &mut Problems<'_>,
) -> Vec<FieldValue> {
    let expected = "at least one field and its value, such as { status = \"active\" }";
    let mut values = Vec::new();
    for (name, value) in entries(section, "from", expected, problems) {
        if name.value.contains('.') {
            let message = format!(
                "expected a field of this stream, found {}; only `set` reaches over a lookup",
                quoted(name.value)
            );
            problems.add(name.at, &name.place, message);
            continue;
        }
        let Some(field) = own_field(&name, fields, problems) else {
            continue;
        };
        values.extend(field_value(field, value, problems));
    }
    values.sort_by(|a, b| a.field.cmp(&b.field));
    values
}

fn set<'a, 'i>(
    section: &Section<'a, 'i>,
    fields: &Fields,
    key: &Key,
    reaches: &mut Vec<Reach<'a, 'i>>,
    problems: &mut Problems<'_>,
) -> Vec<FieldValue> {
    let expected = "at least one field and its value, such as { status = \"expired\" }";
    section.missing("set", expected, problems);
    let mut values = Vec::new();
    for (name, value) in entries(section, "set", expected, problems) {
        if let Some((lookup, target)) = name.value.split_once('.') {
            reaches.extend(reach(lookup, target, &name, value, fields, problems));
            continue;
        }
        // Without quotes TOML takes the dot for a table inside a table.
        if let Some(inner) = value.value.as_table().and_then(|table| table.keys().next()) {
            let dotted = format!("{}.{}", name.value, inner.get_ref());
            let message = format!(
                "a name over a lookup stands in quotes; write {}",
                quoted(&dotted)
            );
            problems.add(name.at, &name.place, message);
            continue;
        }
        let Some(field) = own_field(&name, fields, problems) else {
            continue;
        };
        if let Err(message) = value::check_settable(field, key) {
            problems.add(name.at, &name.place, message);
            continue;
        }
        values.extend(field_value(field, value, problems));
    }
    values.sort_by(|a, b| a.field.cmp(&b.field));
    values
}

/// What `"lookup.target"` asks for, if its first half is a lookup of this stream.
fn reach<'a, 'i>(
    lookup: &str,
    target: &'a str,
    name: &Entry<&'a str>,
    value: Entry<&'a DeValue<'i>>,
    fields: &Fields,
    problems: &mut Problems<'_>,
) -> Option<Reach<'a, 'i>> {
    let half = Entry {
        value: lookup,
        at: name.at.clone(),
        place: name.place.clone(),
    };
    let field = own_field(&half, fields, problems)?;
    let FieldKind::Lookup { table } = &field.kind else {
        let message = format!(
            "expected a field with `lookup` before the dot, which {} is not",
            quoted(lookup)
        );
        problems.add(half.at, &half.place, message);
        return None;
    };
    Some(Reach {
        lookup: field.name.clone(),
        table: table.clone(),
        field: target,
        at: half.at,
        value,
    })
}

fn field_value(
    field: &Field,
    found: Entry<&DeValue<'_>>,
    problems: &mut Problems<'_>,
) -> Option<FieldValue> {
    value::of_field(field, found, problems).map(|value| FieldValue {
        field: field.name.clone(),
        value,
    })
}

/// The entries of a table that must not be empty if it is there.
fn entries<'a, 'i>(
    section: &Section<'a, 'i>,
    key: &str,
    expected: &str,
    problems: &mut Problems<'_>,
) -> Vec<(Entry<&'a str>, Entry<&'a DeValue<'i>>)> {
    let Some(found) = section
        .get(key)
        .and_then(|found| found.table(expected, problems))
    else {
        return Vec::new();
    };
    if found.value.is_empty() && !problems.torn() {
        problems.add(found.at, &found.place, format!("expected {expected}"));
        return Vec::new();
    }
    in_file_order(found.value, &found.place)
}

/// The field of that name. One that has a mistake of its own is not called missing as well.
fn own_field<'f>(
    name: &Entry<&str>,
    fields: &'f Fields,
    problems: &mut Problems<'_>,
) -> Option<&'f Field> {
    let found = fields.found.iter().find(|field| field.name == name.value);
    let known = fields.names.iter().any(|other| other == name.value);
    if found.is_none() && !known && fields.complete {
        // The column's name in place of the app's word for it.
        let near = fields
            .found
            .iter()
            .find(|field| field.column == name.value)
            .map(|field| field.name.as_str())
            .or_else(|| nearest(name.value, fields.names.iter().map(String::as_str)));
        let hint = near.map_or_else(
            || "; add it to the fields".to_owned(),
            |near| format!("; did you mean \"{near}\"?"),
        );
        let message = format!(
            "no field of this stream is called {}{hint}",
            quoted(name.value)
        );
        problems.add(name.at.clone(), &name.place, message);
    }
    found
}
