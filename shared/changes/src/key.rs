//! How a change names its row: by its GUID, or by the fields of the stream's key.

use streams::{Field, Key, Stream};
use sync_store::{BUSINESS_KEY_BYTES_MAX, ChangeKey, Fields, business_key};

use crate::json::{Json, Members};
use crate::value;
use web::{Faults, Pointer};
use web::{did_you_mean, one_of};

/// In place of the key's fields.
const ID: &str = "id";

/// Whether the field is part of its stream's key.
pub(crate) fn is_part(field: &Field, stream: &Stream) -> bool {
    matches!(&stream.key, Key::Columns(columns) if columns.contains(&field.column))
}

/// Reads the `key` of a change; without a stream only its form can be looked at.
pub(crate) fn read(
    given: Option<&Json>,
    stream: Option<&Stream>,
    at: &Pointer,
    faults: &mut Faults,
) -> Option<ChangeKey> {
    let expected = expected(stream);
    let members = match given {
        Some(Json::Object(members)) => members,
        Some(other) => {
            let detail = format!("expected {expected}, found {}", other.kind());
            faults.add("wrong-type", at, detail);
            return None;
        }
        None => {
            faults.add(
                "missing-member",
                at,
                format!("it is missing; expected {expected}"),
            );
            return None;
        }
    };
    let stream = stream?;
    if let Some((_, id)) = members.iter().find(|(name, _)| name == ID) {
        for (name, _) in members.iter().filter(|(name, _)| name != ID) {
            let detail = "a key has either `id` or the stream's key; remove one of them";
            faults.add("unknown-member", &at.at(name), detail);
        }
        return guid(id, &at.at(ID), faults).map(ChangeKey::Id);
    }
    if stream.key_fields().is_empty() {
        faults.add(
            "missing-member",
            &at.at(ID),
            format!("it is missing; expected {expected}"),
        );
        return None;
    }
    let fields = of_fields(members, stream, at, faults)?;
    let values = stream.key_fields();
    let values = values.iter().filter_map(|field| fields.get(&field.name));
    if business_key(&stream.name, values).is_some_and(|key| key.len() > BUSINESS_KEY_BYTES_MAX) {
        let detail = format!("it is longer than the {BUSINESS_KEY_BYTES_MAX} bytes of a key");
        faults.add("text-too-long", at, detail);
    }
    Some(ChangeKey::Fields(fields))
}

/// Reads exactly the fields of the stream's key.
pub(crate) fn of_fields(
    members: &Members,
    stream: &Stream,
    at: &Pointer,
    faults: &mut Faults,
) -> Option<Fields> {
    let before = faults.count();
    let fields = stream.key_fields();
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    for (name, _) in members {
        if !names.contains(&name.as_str()) {
            let near = did_you_mean(name, names.iter().copied().chain([ID]));
            let detail = format!(
                "it is not part of the key, which is {}{near}",
                listed(&names)
            );
            faults.add("unknown-member", &at.at(name), detail);
        }
    }
    let mut key = Fields::new();
    for field in fields {
        let name = &field.name;
        let at = at.at(name);
        match members.iter().find(|(given, _)| given == name) {
            None => {
                let detail = format!("it is missing; the key is {}", listed(&names));
                faults.add("missing-member", &at, detail);
            }
            Some((_, json)) if value::is_empty(json) => {
                faults.add(
                    "empty-key",
                    &at,
                    "a part of the key is never empty; expected a value",
                );
            }
            Some((_, json)) => match value::of_kind(&field.kind, json) {
                Ok(value) => drop(key.insert(name.clone(), value)),
                Err(misfit) => faults.add(misfit.code, &at, misfit.detail),
            },
        }
    }
    (faults.count() == before).then_some(key)
}

fn guid(json: &Json, at: &Pointer, faults: &mut Faults) -> Option<String> {
    match value::guid(json) {
        Ok(guid) => Some(guid),
        Err(misfit) => {
            faults.add(misfit.code, at, misfit.detail);
            None
        }
    }
}

fn expected(stream: Option<&Stream>) -> String {
    let id = "an object with `id`, the GUID of the row";
    let Some(stream) = stream else {
        return format!("{id}, or with the fields of the stream's key");
    };
    let fields = stream.key_fields();
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    match names.as_slice() {
        [] => id.to_owned(),
        names => format!("{id}, or with the stream's key: {}", listed(names)),
    }
}

fn listed(names: &[&str]) -> String {
    match names {
        [_] => one_of(names.iter().copied()),
        several => {
            let names: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
            names.join(" and ")
        }
    }
}
