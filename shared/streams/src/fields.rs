//! The `fields` of one stream: the app's names, the columns they read, and how.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::error::Problems;
use crate::model::{Field, FieldKind};
use crate::names::{self, quoted};
use crate::pushing::FieldKeys;
use crate::section::{Entry, Section, in_file_order};
use crate::value::integer;

const KEYS: &[&str] = &[
    "column",
    "type",
    "lookup",
    "choice",
    "owner",
    "clearable",
    "update",
    "stamp",
];

/// What could be read of a stream's fields.
pub(crate) struct Fields {
    /// The valid fields, in the order of the file.
    pub(crate) found: Vec<Field>,
    /// Every field that is named, also one that has another mistake.
    pub(crate) names: Vec<String>,
    /// Every column that is named, also by a field that has another mistake.
    pub(crate) columns: Vec<String>,
    /// What they say of the way back, in the order of the file, also of one that has another mistake.
    pub(crate) keys: Vec<FieldKeys>,
    /// Whether all fields were seen, so that a name or column not listed is not there.
    pub(crate) complete: bool,
}

pub(crate) fn read(stream: &Section<'_, '_>, problems: &mut Problems<'_>) -> Fields {
    let mut fields = Fields {
        found: Vec::new(),
        names: Vec::new(),
        columns: Vec::new(),
        keys: Vec::new(),
        complete: false,
    };
    let expected = "at least one field, such as { email = \"emailaddress1\" }";
    stream.missing("fields", expected, problems);
    let Some(found) = stream
        .get("fields")
        .and_then(|found| found.table(expected, problems))
    else {
        return fields;
    };
    if found.value.is_empty() && !problems.torn() {
        problems.add(found.at, &found.place, format!("expected {expected}"));
        return fields;
    }
    fields.complete = !problems.torn();
    for (name, value) in in_file_order(found.value, &found.place) {
        if let Err(message) = names::check_field(name.value) {
            problems.add(name.at, &name.place, message);
        }
        fields.names.push(name.value.to_owned());
        let (column, kind, keys) = field(value, problems);
        let keys = FieldKeys {
            name: name.value.to_owned(),
            column: column.as_ref().map(|column| column.value.clone()),
            kind,
            ..keys
        };
        if let Some(Entry {
            value: column,
            at,
            place,
        }) = column
        {
            if fields.columns.contains(&column) {
                problems.add(
                    at,
                    &place,
                    format!("another field reads column {} already", quoted(&column)),
                );
            }
            fields.columns.push(column);
        }
        fields.found.extend(whole(&keys));
        fields.keys.push(keys);
    }
    fields
}

/// The field, if nothing that makes one has a mistake.
fn whole(keys: &FieldKeys) -> Option<Field> {
    Some(Field {
        name: keys.name.clone(),
        column: keys.column.clone()?,
        kind: keys.kind.clone()?,
        owner: keys.owner(),
        clearable: keys.clearable(),
        update: keys.update(),
        stamp: keys.stamp(),
    })
}

/// A field's column and kind, each if it could be read, and what it says of the way back.
fn field(
    value: Entry<&DeValue<'_>>,
    problems: &mut Problems<'_>,
) -> (Option<Entry<String>>, Option<FieldKind>, FieldKeys) {
    match value.value {
        DeValue::String(name) => {
            let column = Entry {
                value: name.as_ref(),
                at: value.at,
                place: value.place,
            };
            let column = column_of(column, problems);
            (column, Some(FieldKind::Plain), FieldKeys::default())
        }
        DeValue::Table(table) => {
            let section = Section::open(table, value.at, value.place, KEYS, problems);
            let expected = "a column's logical name";
            section.missing("column", expected, problems);
            let column = section.text("column", expected, problems);
            (
                column.and_then(|column| column_of(column, problems)),
                kind(&section, problems),
                FieldKeys::read(&section, problems),
            )
        }
        _ => {
            value.wrong_type(
                "a column, or a table such as { column = \"hlf_validto\", type = \"date\" }",
                problems,
            );
            (None, None, FieldKeys::default())
        }
    }
}

fn column_of(column: Entry<&str>, problems: &mut Problems<'_>) -> Option<Entry<String>> {
    let Entry { value, at, place } = column;
    match names::check_column(value) {
        Ok(()) => Some(Entry {
            value: value.to_owned(),
            at,
            place,
        }),
        Err(message) => {
            problems.add(at, &place, message);
            None
        }
    }
}

fn kind(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> Option<FieldKind> {
    let given: Vec<_> = ["type", "lookup", "choice"]
        .into_iter()
        .filter_map(|key| section.get(key))
        .collect();
    if let [_, second, ..] = given.as_slice() {
        let message = "a field has one of `type`, `lookup` and `choice`, not several";
        problems.add(second.at.clone(), &second.place, message);
    }
    if section.get("type").is_some() {
        return section
            .word("type", &[("date", ())], problems)
            .map(|()| FieldKind::Date);
    }
    if section.get("lookup").is_some() {
        let expected = "the entity set it refers to, such as \"contacts\"";
        let Entry { value, at, place } = section.text("lookup", expected, problems)?;
        names::check_table(value)
            .map_err(|message| problems.add(at, &place, message))
            .ok()?;
        return Some(FieldKind::Lookup {
            table: value.to_owned(),
        });
    }
    let Some(choice) = section.get("choice") else {
        return Some(FieldKind::Plain);
    };
    let expected = "a table of labels and numbers, such as { active = 1, expired = 2 }";
    let choice = choice.table(expected, problems)?;
    if choice.value.is_empty() {
        problems.add(choice.at, &choice.place, format!("expected {expected}"));
        return None;
    }
    let labels = labels(choice.value, &choice.place, problems);
    // With a label left out, whoever names it elsewhere would be told that it does not exist.
    let whole = labels.len() == choice.value.len();
    whole.then_some(FieldKind::Choice(labels))
}

/// Labels by number. TOML itself refuses the same label twice.
fn labels(table: &DeTable<'_>, place: &str, problems: &mut Problems<'_>) -> BTreeMap<i64, String> {
    let mut labels: BTreeMap<i64, String> = BTreeMap::new();
    for (label, number) in in_file_order(table, place) {
        if label.value.trim().is_empty() || label.value.trim() != label.value {
            let message = format!(
                "expected a label without blanks around it, found {}",
                quoted(label.value)
            );
            problems.add(label.at, place, message);
        }
        let DeValue::Integer(digits) = number.value else {
            number.wrong_type("the choice's number", problems);
            continue;
        };
        // Choices are 32-bit in Dataverse.
        let Some(value) = integer(digits).filter(|value| i32::try_from(*value).is_ok()) else {
            problems.add(
                number.at,
                &number.place,
                "this number is too large for a choice",
            );
            continue;
        };
        if let Some(other) = labels.get(&value) {
            let message = format!(
                "{value} already has the label {}; numbers must be unique",
                quoted(other)
            );
            problems.add(number.at, &number.place, message);
            continue;
        }
        labels.insert(value, label.value.to_owned());
    }
    labels
}
