//! A change as it is shown: with its values to those who hand changes in or decide about them, without to
//! those who only watch.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{Error, Serializer};
use serde_json::value::RawValue;
use sync_store::{Change, ChangeKey, Fields, Origin, Value, Wanted};

/// A change as it is shown, as JSON: over HTTP and on the terminal alike.
#[derive(Serialize)]
pub struct View<'a> {
    id: &'a str,
    stream: &'a str,
    operation: &'static str,
    state: &'static str,
    /// Its place in the stream's order of acceptance.
    sequence: u64,
    row: Option<&'a str>,
    reason: Option<&'a str>,
    attempts: u32,
    accepted_at: Timestamp,
    changed_at: Timestamp,
    updated_at: Timestamp,
    base_version: Option<i64>,
    origin: &'a Origin,
    /// The fields that it is about, whether their values are shown or not.
    names: &'a BTreeSet<String>,
    lost: &'a [String],
    #[serde(flatten)]
    values: Option<Values<'a>>,
}

/// What may be about a person.
#[derive(Serialize)]
struct Values<'a> {
    key: ShownKey<'a>,
    fields: BTreeMap<&'a str, ShownWanted<'a>>,
    theirs: BTreeMap<&'a str, Shown<'a>>,
}

impl<'a> View<'a> {
    /// What is shown of a change; `with_values` also what may be about a person.
    pub fn of(change: &'a Change, with_values: bool) -> Self {
        let wanted = &change.wanted;
        Self {
            id: &wanted.id,
            stream: &wanted.stream,
            operation: wanted.operation.name(),
            state: change.state.name(),
            sequence: change.sequence,
            row: change.row.as_deref(),
            reason: change.reason.as_deref(),
            attempts: change.attempts,
            accepted_at: wanted.accepted_at,
            changed_at: wanted.changed_at,
            updated_at: change.updated_at,
            base_version: wanted.base_version,
            origin: &wanted.origin,
            names: &change.names,
            lost: &change.lost,
            values: with_values.then(|| Values {
                key: match &wanted.key {
                    ChangeKey::Id(id) => ShownKey::Id { id },
                    ChangeKey::Fields(fields) => ShownKey::Fields(shown(fields)),
                },
                fields: wanted.fields.iter().map(shown_wanted).collect(),
                theirs: shown(&change.theirs),
            }),
        }
    }
}

/// A value as it goes into JSON: a number with all its digits.
pub struct Shown<'a>(pub &'a Value);

#[derive(Serialize)]
#[serde(untagged)]
enum ShownKey<'a> {
    Id { id: &'a str },
    Fields(BTreeMap<&'a str, Shown<'a>>),
}

#[derive(Serialize)]
#[serde(untagged)]
enum ShownWanted<'a> {
    Value(Shown<'a>),
    Row(BTreeMap<&'a str, Shown<'a>>),
}

fn shown(fields: &Fields) -> BTreeMap<&str, Shown<'_>> {
    let one = |(name, value)| (String::as_str(name), Shown(value));
    fields.iter().map(one).collect()
}

fn shown_wanted<'a>((name, wanted): (&'a String, &'a Wanted)) -> (&'a str, ShownWanted<'a>) {
    let wanted = match wanted {
        Wanted::Value(value) => ShownWanted::Value(Shown(value)),
        Wanted::Row(key) => ShownWanted::Row(shown(key)),
    };
    (name, wanted)
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(truth) => serializer.serialize_bool(*truth),
            Value::Text(text) => serializer.serialize_str(text),
            // As it is: a floating-point type would lose digits.
            Value::Number(digits) => RawValue::from_string(digits.clone())
                .map_err(S::Error::custom)?
                .serialize(serializer),
        }
    }
}
