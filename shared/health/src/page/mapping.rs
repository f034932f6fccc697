//! Which field is which column.

use streams::{Direction, Field, FieldKind, Owner, Stream, StreamFile};
use wording::Page as Texts;

/// A stream's mapping on the page.
pub(crate) struct Mapped<'a> {
    pub(crate) name: &'a str,
    pub(crate) table: &'a str,
    pub(crate) direction: &'static str,
    pub(crate) fields: Vec<MappedField<'a>>,
}

/// One field.
pub(crate) struct MappedField<'a> {
    pub(crate) name: &'a str,
    pub(crate) column: &'a str,
    pub(crate) remarks: String,
}

pub(crate) fn mapped<'a>(file: &'a StreamFile, t: &'static Texts) -> Vec<Mapped<'a>> {
    let stream = |stream: &'a Stream| Mapped {
        name: &stream.name,
        table: &stream.table,
        direction: match stream.direction {
            Direction::Pull => t.mapping.pull,
            Direction::Push => t.mapping.push,
            Direction::Both => t.mapping.both,
        },
        fields: stream
            .fields
            .iter()
            .map(|field| MappedField {
                name: &field.name,
                column: &field.column,
                remarks: remarks(stream, field, t).join("; "),
            })
            .collect(),
    };
    file.streams.iter().map(stream).collect()
}

fn remarks(stream: &Stream, field: &Field, t: &'static Texts) -> Vec<String> {
    let m = &t.mapping;
    let is_key = stream.key_fields().iter().any(|key| key.name == field.name);
    let key = is_key.then(|| m.key.to_owned());
    let kind = match &field.kind {
        FieldKind::Plain => None,
        FieldKind::Date => Some(m.date.to_owned()),
        FieldKind::Lookup { table } => Some((m.lookup)(table)),
        FieldKind::Choice(labels) => {
            let labels: Vec<&str> = labels.values().map(String::as_str).collect();
            Some((m.choice)(&labels.join(", ")))
        }
    };
    let owner = match field.owner {
        Owner::Both => None,
        Owner::Dynamics => Some(m.owned_by_dynamics.to_owned()),
        Owner::App => Some(m.owned_by_app.to_owned()),
    };
    let stamp = field.stamp.then(|| m.stamp.to_owned());
    [key, kind, owner, stamp].into_iter().flatten().collect()
}
