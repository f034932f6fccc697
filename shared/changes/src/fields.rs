//! The `fields` of a change: which of them may be written, and in which case.

use std::collections::BTreeMap;

use streams::{Field, Owner, Stream, StreamFile, Update};
use sync_store::{ChangeKey, Operation, Value, Wanted};

use crate::json::{Json, Members};
use crate::key;
use crate::value;
use web::did_you_mean;
use web::{Faults, Pointer};

/// What the rest of the body says, as far as it could be read.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) file: &'a StreamFile,
    pub(crate) stream: Option<&'a Stream>,
    pub(crate) operation: Option<Operation>,
    pub(crate) key: Option<&'a ChangeKey>,
}

/// Reads the fields; empty for a delete.
pub(crate) fn read(
    given: Option<&Json>,
    asked: Asked<'_>,
    at: &Pointer,
    faults: &mut Faults,
) -> BTreeMap<String, Wanted> {
    let nothing = BTreeMap::new();
    let deletes = asked.operation == Some(Operation::Delete);
    let members = match given {
        None if deletes => return nothing,
        Some(_) if deletes => {
            let detail = "a delete has no fields; remove this, or choose another operation";
            faults.add("fields-not-allowed", at, detail);
            return nothing;
        }
        None => {
            let detail = "it is missing; expected an object with the fields and their values";
            faults.add("missing-member", at, detail);
            return nothing;
        }
        Some(Json::Object(members)) => members,
        Some(other) => {
            let detail = format!(
                "expected an object with the fields and their values, found {}",
                other.kind()
            );
            faults.add("wrong-type", at, detail);
            return nothing;
        }
    };
    let Some(stream) = asked.stream else {
        return nothing;
    };
    let before = faults.count();
    let wanted = all(members, stream, asked, at, faults);
    // Without an operation nobody knows whether it would be a mistake.
    if wanted.is_empty() && faults.count() == before && asked.operation.is_some() {
        let detail = "it says nothing beyond the key; expected at least one other field";
        faults.add("no-fields", at, detail);
    }
    wanted
}

fn all(
    members: &Members,
    stream: &Stream,
    asked: Asked<'_>,
    at: &Pointer,
    faults: &mut Faults,
) -> BTreeMap<String, Wanted> {
    let mut wanted = BTreeMap::new();
    for (name, json) in members {
        let at = at.at(name);
        let Some(field) = stream.fields.iter().find(|field| field.name == *name) else {
            faults.add("unknown-field", &at, unknown(name, stream));
            continue;
        };
        if let Some((code, detail)) = unwritable(field, stream, asked) {
            faults.add(code, &at, detail);
            continue;
        }
        if let Some(value) = value_of(field, json, asked, &at, faults) {
            wanted.insert(name.clone(), value);
        }
    }
    wanted
}

/// The column's own name in place of the app's for it is the likeliest mistake.
fn unknown(name: &str, stream: &Stream) -> String {
    let column = stream.fields.iter().find(|field| field.column == name);
    let hint = match column {
        Some(field) => format!("; the stream file calls this column `{}`", field.name),
        None => did_you_mean(name, stream.fields.iter().map(|field| field.name.as_str())),
    };
    format!("the stream has no such field{hint}")
}

/// Why the field may not be in a change at all.
fn unwritable(
    field: &Field,
    stream: &Stream,
    asked: Asked<'_>,
) -> Option<(&'static str, &'static str)> {
    let updates = asked.operation == Some(Operation::Update);
    let in_key = key::is_part(field, stream);
    if field.stamp {
        return Some((
            "stamp",
            "the sync writes this field by itself (it is the stream's `stamp`); remove it",
        ));
    }
    if field.owner == Owner::Dynamics {
        return Some((
            "owned-by-dynamics",
            "only Dynamics changes this field (its `owner` in the stream file); remove it",
        ));
    }
    if in_key && updates && matches!(asked.key, Some(ChangeKey::Id(_))) {
        return Some((
            "part-of-key",
            "it is part of the stream's key, which no update changes; remove it",
        ));
    }
    if !in_key && updates && field.strategy(stream) == Update::Skip {
        return Some((
            "only-when-created",
            "this field is written only when its row is created (its `update` in the stream file is \"skip\"); remove it, or choose `create` or `upsert`",
        ));
    }
    None
}

/// `None` also for a part of the key that repeats it.
fn value_of(
    field: &Field,
    json: &Json,
    asked: Asked<'_>,
    at: &Pointer,
    faults: &mut Faults,
) -> Option<Wanted> {
    let in_key = match asked.key {
        Some(ChangeKey::Fields(key)) => key.get(&field.name),
        _ => None,
    };
    if value::is_empty(json) {
        if field.clearable {
            return Some(Wanted::Value(Value::Null));
        }
        let detail = "it may not be emptied (it is not `clearable` in the stream file); expected a value, or leave it out";
        faults.add("not-clearable", at, detail);
        return None;
    }
    let wanted = value::read(field, json, asked.file, at, faults)?;
    let Some(key) = in_key else {
        return Some(wanted);
    };
    if !matches!(&wanted, Wanted::Value(value) if value == key) {
        let detail = "it is part of the stream's key, and differs from the one in `key`; expected the same value, or leave it out";
        faults.add("differs-from-key", at, detail);
    }
    None
}
