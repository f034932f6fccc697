//! The fingerprint of what a stream's links and stored records mean, by which a later run tells whether it can
//! go on from them.
//!
//! Never in here: anything that may change without changing a meaning. A fingerprint that differs makes the
//! whole table be read again.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use streams::{ConditionValue, Stream};

use crate::plan::BoundField;

/// Hash of everything that links and records depend on, named one by one: what is added to stream files
/// later must not make every stream load again. Whoever changes this makes every stream load again.
pub(crate) fn fingerprint(
    stream: &Stream,
    select: &[String],
    fields: &[BoundField],
    anchor: Option<Timestamp>,
) -> String {
    let mut meaning = vec![
        format!("stream {}", stream.name),
        format!("table {}", stream.table),
    ];
    meaning.extend(select.iter().map(|column| format!("select {column}")));
    let field = |field: &BoundField| {
        let reading = field.reading.name();
        format!("field {} = {} as {reading}", field.name(), field.property)
    };
    let mut mapped: Vec<String> = fields.iter().map(field).collect();
    // The order in which they stand means nothing to a record.
    mapped.sort();
    meaning.extend(mapped);
    meaning.extend(
        stream
            .filter
            .iter()
            .map(|condition| format!("where {} = {}", condition.column, value(&condition.value))),
    );
    meaning.extend(
        stream
            .key_fields()
            .iter()
            .map(|field| format!("key {}", field.name)),
    );
    meaning.extend(anchor.map(|anchor| format!("anchor {anchor}")));
    hash(&meaning)
}

/// A value of the stream file, told from one of another type that reads alike.
pub(crate) fn value(value: &ConditionValue) -> String {
    match value {
        ConditionValue::Text(text) => format!("text {text}"),
        ConditionValue::Integer(number) => format!("number {number}"),
        ConditionValue::Boolean(truth) => format!("{truth}"),
    }
}

/// SHA-256 of lines in lower-case hex, each with its length, so that no two lists read alike.
pub(crate) fn hash(lines: &[String]) -> String {
    let text: String = lines
        .iter()
        .map(|line| format!("{}:{line}\n", line.len()))
        .collect();
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
