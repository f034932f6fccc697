//! Changes that are not in Dynamics yet, in a form that its import takes: one column for each column of the
//! table that the stream maps, by its name in Dynamics, and at the end what an import leaves out.
//!
//! An empty cell is a column that the change does not speak of, or one that it empties; the latter are named
//! in `sync_empties`, because an import cannot tell them apart.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use streams::{Field, Stream};
use sync_store::{Change, ChangeKey, Value, Wanted};

use crate::cells::{Written, time, written};
use crate::columns::of_file;

/// The columns at the end. None of them can be a column of the table that a stream maps: the first part of
/// a column's name is its publisher's.
const OWN: [&str; 6] = [
    "sync_change",
    "sync_operation",
    "sync_status",
    "sync_changed_at",
    "sync_empties",
    "sync_reason",
];

/// The fields in the order of their columns: those of the key first.
pub(crate) fn fields(stream: &Stream) -> Vec<&Field> {
    let key = stream.key_fields();
    let rest = stream.fields.iter().filter(|field| !key.contains(field));
    key.iter().copied().chain(rest).collect()
}

/// The names of all columns.
pub(crate) fn headings(stream: &Stream) -> Vec<String> {
    let columns = fields(stream)
        .into_iter()
        .map(|field| field.column.as_str());
    let all = std::iter::once("id").chain(columns).chain(OWN);
    all.map(ToOwned::to_owned).collect()
}

/// The cells of one change.
pub(crate) fn cells<'c>(
    change: &'c Change,
    fields: &[&Field],
    zone: &TimeZone,
) -> Vec<Written<'c>> {
    let mut cells = Vec::with_capacity(1 + fields.len() + OWN.len());
    let id = match &change.wanted.key {
        ChangeKey::Id(id) => Some(id),
        ChangeKey::Fields(_) => change.row.as_ref(),
    };
    cells.push(id.map_or(Written::Empty, |id| text(id)));
    let mut empties = Vec::new();
    for field in fields {
        let wanted = change.wanted.fields.get(&field.name);
        if matches!(wanted, Some(Wanted::Value(Value::Null))) {
            empties.push(field.column.as_str());
        }
        cells.push(match (wanted, &change.wanted.key) {
            (Some(Wanted::Value(value)), _) => written(Some(value), of_file(field), zone),
            (Some(Wanted::Row(key)), _) => {
                Written::Text(key.values().map(plain).collect::<Vec<_>>().join("#").into())
            }
            (None, ChangeKey::Fields(key)) if key.contains_key(&field.name) => {
                written(key.get(&field.name), of_file(field), zone)
            }
            (None, _) => Written::Empty,
        });
    }
    let at = change.wanted.changed_at;
    let at = time(&format!("{at:.0}"), zone).unwrap_or_default();
    cells.extend([
        text(&change.wanted.id),
        text(change.wanted.operation.name()),
        text(change.state.name()),
        Written::Figure(at.into()),
        Written::Text(empties.join(" ").into()),
        change.reason.as_deref().map_or(Written::Empty, text),
    ]);
    cells
}

fn text(text: &str) -> Written<'_> {
    Written::Text(text.into())
}

/// A value of a key.
fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::Boolean(value) => value.to_string().into(),
        Value::Number(text) | Value::Text(text) => text.into(),
    }
}
