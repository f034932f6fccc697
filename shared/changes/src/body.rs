//! The body of a change, held against the stream file: everything that is wrong with it, together.
//!
//! Never in here: single values (`value`), keys (`key`), and what the copy or Dynamics says.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use streams::{Stream, StreamFile, ToDynamics};
use sync_store::{ChangeKey, Operation, Wanted};

use crate::fields;
use crate::json::Json;
use crate::key;
use crate::number::written_out;
use web::{Faults, Pointer};
use web::{did_you_mean, one_of};

const MEMBERS: [&str; 6] = [
    "stream",
    "operation",
    "key",
    "fields",
    "changed_at",
    "base_version",
];

const OPERATIONS: [Operation; 4] = [
    Operation::Upsert,
    Operation::Create,
    Operation::Update,
    Operation::Delete,
];

/// How much the app's clock may be ahead of ours.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

/// A body that fits the stream file.
pub(crate) struct Body<'s> {
    pub(crate) stream: &'s Stream,
    pub(crate) operation: Operation,
    pub(crate) key: ChangeKey,
    /// Without the parts of the key that only repeat it.
    pub(crate) fields: BTreeMap<String, Wanted>,
    pub(crate) base_version: Option<i64>,
    /// As it was given.
    pub(crate) changed_at: Option<Timestamp>,
}

/// Reads a body.
///
/// # Errors
/// All that does not fit.
pub(crate) fn read<'s>(
    json: Json,
    file: &'s StreamFile,
    now: Timestamp,
) -> Result<Body<'s>, Faults> {
    let mut faults = Faults::default();
    let top = Pointer::default();
    let Json::Object(members) = json else {
        let detail = format!("expected an object, found {}", json.kind());
        faults.add("wrong-type", &top, detail);
        return Err(faults);
    };
    let mut given: BTreeMap<&str, Json> = BTreeMap::new();
    for (name, value) in members {
        match MEMBERS.into_iter().find(|known| *known == name) {
            Some(known) => drop(given.insert(known, value)),
            None => {
                let near = did_you_mean(&name, MEMBERS);
                let detail = format!("a change has no such member{near}; remove it");
                faults.add("unknown-member", &top.at(&name), detail);
            }
        }
    }
    let stream = stream(given.get("stream"), file, &top.at("stream"), &mut faults);
    let operation = operation(given.get("operation"), &top.at("operation"), &mut faults);
    if let (Some(stream), Some(operation)) = (stream, operation) {
        check_allowed(stream, operation, &top.at("operation"), &mut faults);
    }
    let key = key::read(given.get("key"), stream, &top.at("key"), &mut faults);
    let asked = fields::Asked {
        file,
        stream,
        operation,
        key: key.as_ref(),
    };
    let fields = fields::read(given.get("fields"), asked, &top.at("fields"), &mut faults);
    let changed_at = changed_at(
        given.get("changed_at"),
        now,
        &top.at("changed_at"),
        &mut faults,
    );
    let at = top.at("base_version");
    let base_version = base_version(given.get("base_version"), &at, &mut faults);
    if base_version.is_some() {
        check_base(stream, operation, &at, &mut faults);
    }
    match (stream, operation, key) {
        (Some(stream), Some(operation), Some(key)) if faults.count() == 0 => Ok(Body {
            stream,
            operation,
            key,
            fields,
            base_version,
            changed_at,
        }),
        _ => Err(faults),
    }
}

/// A text that must be there.
fn text<'j>(
    given: Option<&'j Json>,
    expected: &str,
    at: &Pointer,
    faults: &mut Faults,
) -> Option<&'j str> {
    match given {
        Some(Json::Text(text)) => return Some(text),
        Some(other) => {
            let detail = format!("expected {expected}, found {}", other.kind());
            faults.add("wrong-type", at, detail);
        }
        None => faults.add(
            "missing-member",
            at,
            format!("it is missing; expected {expected}"),
        ),
    }
    None
}

fn stream<'s>(
    given: Option<&Json>,
    file: &'s StreamFile,
    at: &Pointer,
    faults: &mut Faults,
) -> Option<&'s Stream> {
    let pushing = file.streams.iter().filter(|one| one.direction.pushes());
    let names: Vec<&str> = pushing.map(|one| one.name.as_str()).collect();
    let expected = match names.as_slice() {
        [] => "a stream that writes to Dynamics, of which the stream file has none".to_owned(),
        names => format!(
            "a stream that writes to Dynamics: {}",
            one_of(names.iter().copied())
        ),
    };
    let name = text(given, &expected, at, faults)?;
    let found = file.stream(name);
    match found {
        Some(stream) if stream.direction.pushes() => return Some(stream),
        Some(_) => {
            let detail = format!(
                "this stream only reads: its `direction` in the stream file is \"pull\"; expected {expected}"
            );
            faults.add("stream-does-not-push", at, detail);
        }
        None => {
            let near = did_you_mean(name, names);
            let detail = format!("the stream file has no such stream; expected {expected}{near}");
            faults.add("unknown-stream", at, detail);
        }
    }
    None
}

fn operation(given: Option<&Json>, at: &Pointer, faults: &mut Faults) -> Option<Operation> {
    let names = OPERATIONS.map(Operation::name);
    let name = text(given, &one_of(names), at, faults)?;
    let found = OPERATIONS.into_iter().find(|one| one.name() == name);
    if found.is_none() {
        let near = did_you_mean(name, names);
        let detail = format!("expected {}{near}", one_of(names));
        faults.add("unknown-operation", at, detail);
    }
    found
}

fn check_allowed(stream: &Stream, operation: Operation, at: &Pointer, faults: &mut Faults) {
    if operation == Operation::Delete && stream.deletes.to_dynamics == ToDynamics::Ignore {
        let detail = "nothing of this stream is deleted in Dynamics: its `deletes.to_dynamics` in the stream file is \"ignore\"; expected `upsert`, `create` or `update`";
        faults.add("operation-not-allowed", at, detail);
    }
}

/// A row that is to be created has no version, and where nothing is read the app cannot know one.
fn check_base(
    stream: Option<&Stream>,
    operation: Option<Operation>,
    at: &Pointer,
    faults: &mut Faults,
) {
    let why = if operation == Some(Operation::Create) {
        "a row that is to be created has no version"
    } else if stream.is_some_and(|stream| !stream.direction.pulls()) {
        "this stream reads nothing from Dynamics (its `direction` is \"push\"), so there is no version to compare with"
    } else {
        return;
    };
    faults.add("base-version-not-allowed", at, format!("{why}; remove it"));
}

fn changed_at(
    given: Option<&Json>,
    now: Timestamp,
    at: &Pointer,
    faults: &mut Faults,
) -> Option<Timestamp> {
    const EXPECTED: &str =
        "a date and time with its offset (RFC 3339), such as 2027-03-31T12:00:00Z";
    let given = given.filter(|given| !matches!(given, Json::Null))?;
    let text = text(Some(given), EXPECTED, at, faults)?;
    let Some(changed_at) = rfc_3339(text) else {
        faults.add("invalid-time", at, format!("expected {EXPECTED}"));
        return None;
    };
    if changed_at > clock::after(now, CLOCKS_DIFFER) {
        let detail = format!(
            "it is in the future by more than {} minutes; expected a time that has passed, and a clock that is right",
            CLOCKS_DIFFER.as_secs() / 60
        );
        faults.add("in-the-future", at, detail);
    }
    Some(changed_at)
}

/// jiff alone reads more than the RFC allows.
fn rfc_3339(text: &str) -> Option<Timestamp> {
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let sign = |at: usize| text.as_bytes().get(at).map(u8::to_ascii_uppercase);
    let good = signs
        .into_iter()
        .all(|(at, expected)| sign(at) == Some(expected));
    (good && !text.contains('['))
        .then(|| text.parse().ok())
        .flatten()
}

fn base_version(given: Option<&Json>, at: &Pointer, faults: &mut Faults) -> Option<i64> {
    const EXPECTED: &str = "expected the record's `version`, a whole number from 1 on";
    let given = given.filter(|given| !matches!(given, Json::Null))?;
    let Json::Number(number) = given else {
        let detail = format!("{EXPECTED}, found {}", given.kind());
        faults.add("wrong-type", at, detail);
        return None;
    };
    let version: Option<i64> = written_out(number).and_then(|digits| digits.parse().ok());
    let version = version.filter(|version| *version > 0);
    if version.is_none() {
        faults.add("invalid-version", at, EXPECTED);
    }
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_rfc_allows_is_a_time() {
        for good in [
            "2027-03-31T12:00:00Z",
            "2027-03-31t12:00:00.123456789z",
            "2027-03-31T12:00:00+02:00",
        ] {
            assert!(rfc_3339(good).is_some(), "{good}");
        }
        for bad in [
            "2027-03-31",
            "2027-02-30T12:00:00Z",
            "2027-03-31T12:00:00",
            "2027-03-31 12:00:00Z",
            "20270331T120000Z",
            "2027-03-31T12:00Z",
            "2027-03-31T12:00:00+02:00[Europe/Oslo]",
            "-002027-03-31T12:00:00Z",
            "",
        ] {
            assert!(rfc_3339(bad).is_none(), "{bad}");
        }
    }
}
