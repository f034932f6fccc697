//! The `[stream.expiry]` of one stream, as far as it speaks of the stream's own fields.
//!
//! Never in here: what other streams look like. They may stand further down in the file, so `targets`
//! looks at what reaches into them when all are read.

use toml::de::DeValue;

use crate::contradictions::check_settable;
use crate::error::Problems;
use crate::fields::Fields;
use crate::model::{Expiry, Field, FieldKind, FieldValue, Key};
use crate::names::{nearest, quoted};
use crate::policy::Update;
use crate::section::{Entry, Section, entry, in_file_order};
use crate::targets::Reach;
use crate::value::{self, integer};

const KEYS: &[&str] = &["date", "from", "set", "warn_days"];

/// How many warnings one row may give.
const WARN_DAYS_MAX: usize = 8;

/// The stream that has the expiry, as far as it is known.
#[derive(Clone, Copy)]
pub(crate) struct Own<'f> {
    pub(crate) fields: &'f Fields,
    pub(crate) key: &'f Key,
    /// Its strategy, if what expires is written to Dynamics as well.
    pub(crate) pushes: Option<Update>,
}

/// Reads the expiry of a stream; its `targets` are still empty, and what they will be made of is put
/// into `reaches`.
pub(crate) fn read<'a, 'i>(
    stream: &Section<'a, 'i>,
    own: Own<'_>,
    reaches: &mut Vec<Reach<'a, 'i>>,
    problems: &mut Problems<'_>,
) -> Option<Expiry> {
    let Entry { value, at, place } = stream
        .get("expiry")?
        .table("a table [stream.expiry] with `date` and `set`", problems)?;
    let section = Section::open(value, at, place, KEYS, problems);
    let date = date(&section, own.fields, problems);
    let from = from(&section, own.fields, problems);
    let set = set(&section, own, reaches, problems);
    let warn_days = warn_days(&section, problems);
    Some(Expiry {
        date: date?,
        from,
        set,
        targets: Vec::new(),
        warn_days,
    })
}

fn date(section: &Section<'_, '_>, fields: &Fields, problems: &mut Problems<'_>) -> Option<String> {
    let expected = "the field with the last valid day, such as \"valid_to\"";
    section.missing("date", expected, problems);
    let name = section.text("date", expected, problems)?;
    let field = own_field(&name, fields, problems)?;
    if field.kind == FieldKind::Date {
        if field.stamp {
            let message = format!(
                "field {} is a stamp, which changes with every write and is no last valid day; choose another field",
                quoted(name.value)
            );
            problems.add(name.at, &name.place, message);
        }
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

/// The days in falling order, whatever the file's.
fn warn_days(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> Vec<u16> {
    let expected = format!("1 to {WARN_DAYS_MAX} numbers of days, such as [30, 7]");
    let mut days: Vec<u16> = Vec::new();
    let Some(found) = section.get("warn_days") else {
        return days;
    };
    let Some(numbers) = found.value.as_array() else {
        found.wrong_type(&expected, problems);
        return days;
    };
    if !(1..=WARN_DAYS_MAX).contains(&numbers.len()) {
        let message = format!("expected {expected}, found {}", numbers.len());
        problems.add(found.at, &found.place, message);
        return days;
    }
    for number in numbers {
        let number = entry(number, found.place.clone());
        let DeValue::Integer(digits) = number.value else {
            number.wrong_type("a number of days", problems);
            continue;
        };
        let day = integer(digits).and_then(|days| u16::try_from(days).ok());
        match day.filter(|day| (1..=366).contains(day)) {
            Some(day) if days.contains(&day) => {
                problems.add(number.at, &number.place, format!("{day} is named twice"));
            }
            Some(day) => days.push(day),
            None => {
                let message = format!("expected 1 to 366 days, found {digits}");
                problems.add(number.at, &number.place, message);
            }
        }
    }
    days.sort_unstable_by(|a, b| b.cmp(a));
    days
}

fn set<'a, 'i>(
    section: &Section<'a, 'i>,
    own: Own<'_>,
    reaches: &mut Vec<Reach<'a, 'i>>,
    problems: &mut Problems<'_>,
) -> Vec<FieldValue> {
    let expected = "at least one field and its value, such as { status = \"expired\" }";
    section.missing("set", expected, problems);
    let mut values = Vec::new();
    for (name, value) in entries(section, "set", expected, problems) {
        if let Some((lookup, target)) = name.value.split_once('.') {
            reaches.extend(reach(lookup, target, &name, value, own.fields, problems));
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
        let Some(field) = own_field(&name, own.fields, problems) else {
            continue;
        };
        if let Err(message) = check_settable(field, own.key, own.pushes) {
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
