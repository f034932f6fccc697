//! What of a stream file decides which metadata the stream depends on.
//!
//! Never in here: anything that the live table says.

use streams::{Direction, FieldKind, Key, Stream};

use super::is_written;
use crate::fingerprint::{hash, value};

/// A hash that differs once somebody has fitted the stream file to another table: what is expected of the
/// table is then learnt anew. Named one by one, so that a key that stream files get later does not count.
/// Whoever changes this has every stream take its table as it is.
pub(super) fn mapping(stream: &Stream) -> String {
    let direction = match stream.direction {
        Direction::Pull => "pull",
        Direction::Push => "push",
        Direction::Both => "both",
    };
    let mut lines = vec![
        format!("table {}", stream.table),
        format!("direction {direction}"),
    ];
    if let Key::Columns(columns) = &stream.key {
        lines.extend(columns.iter().map(|column| format!("key {column}")));
    }
    for field in &stream.fields {
        let kind = match &field.kind {
            FieldKind::Plain => "plain".to_owned(),
            FieldKind::Date => "date".to_owned(),
            FieldKind::Lookup { table } => format!("lookup {table}"),
            FieldKind::Choice(labels) => {
                let labels = labels.iter();
                let labels = labels.map(|(number, label)| format!("{number}={label}"));
                format!("choice {}", labels.collect::<Vec<_>>().join(","))
            }
        };
        let written = is_written(stream, field);
        lines.push(format!(
            "field {} = {} as {kind}, written {written}",
            field.name, field.column
        ));
    }
    lines.extend(stream.filter.iter().map(|condition| {
        let value = value(&condition.value);
        format!("where {} = {value}", condition.column)
    }));
    hash(&lines)
}
