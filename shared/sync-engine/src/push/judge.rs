//! What is to become of a change, now that its row is known: decided column by column and three ways, from
//! what the app saw, what it wants, and what Dynamics has.
//!
//! A pure function of these, so that it can be decided again whenever the row has changed meanwhile. Never
//! in here: a request, or the store.

use std::collections::BTreeMap;

use streams::{Conflict, Field, Owner, Stream, ToDynamics, Update};
use sync_store::{Change, ChangeKey, Fields, Operation, Value};

use crate::push::current::Current;

/// What is to become of a change.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// There is no such row yet: create it with these values.
    Create(Fields),
    /// Write these values, if the row is still the one that was judged.
    Update { fields: Fields, loses: Loses },
    /// Delete it, or deactivate it, likewise.
    Remove(ToDynamics),
    /// Dynamics says so already.
    Settled(Loses),
    /// Nothing of it prevails.
    Superseded { loses: Loses, why: &'static str },
    /// A person has to decide.
    Held(Loses),
    /// It cannot be done, and never will be as it is.
    Refused(String),
    /// It is no longer true.
    Dissolved,
    /// It cannot be told in this run.
    NotNow(&'static str),
}

/// What a conflict costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Loses {
    /// Fields whose wanted value does not prevail.
    pub(crate) fields: Vec<String>,
    /// What Dynamics has in the fields that both sides changed.
    pub(crate) theirs: Fields,
}

/// What a change wants of its fields, with all that could be looked up looked up.
pub(crate) type WantedValues = BTreeMap<String, Value>;

/// Judges a change of the app's. The row is `None` if Dynamics has no such one; it is known if the copy, or
/// an earlier try, has had it, and own if only this change can have created it.
pub(crate) fn judge(
    stream: &Stream,
    change: &Change,
    wanted: &WantedValues,
    (current, known, own): (Option<&Current>, bool, bool),
) -> Verdict {
    match (change.wanted.operation, current) {
        // An earlier try created it.
        (Operation::Create, Some(_)) if own => Verdict::Settled(Loses::default()),
        (Operation::Delete, Some(current)) => judge_removal(stream, change, current),
        (Operation::Delete, None) => Verdict::Settled(Loses::default()),
        (Operation::Create, Some(current)) if says_all(wanted, current) => {
            Verdict::Settled(Loses::default())
        }
        (Operation::Create, Some(_)) => Verdict::Refused(EXISTS.to_owned()),
        (Operation::Update, None) if !known => Verdict::Refused(NOWHERE.to_owned()),
        // Whoever names a row by its id says that there is one.
        (Operation::Upsert, None) if !known && matches!(change.wanted.key, ChangeKey::Id(_)) => {
            Verdict::Refused(NOWHERE.to_owned())
        }
        (Operation::Update, None) => Verdict::Refused(DELETED.to_owned()),
        (Operation::Upsert | Operation::Create, None) if known => {
            Verdict::Refused(DELETED.to_owned())
        }
        (Operation::Create | Operation::Upsert, None) => Verdict::Create(wanted.clone()),
        (Operation::Update | Operation::Upsert, Some(current)) => {
            judge_update(stream, change, wanted, current)
        }
    }
}

/// Whether the row says everything that is wanted of it.
pub(crate) fn says_all(wanted: &WantedValues, current: &Current) -> bool {
    let says = |(name, value): (&String, &Value)| {
        same(current.fields.get(name).unwrap_or(&Value::Null), value)
    };
    wanted.iter().all(says)
}

pub(crate) const EXISTS: &str =
    "a row with this key exists already, and the change may only create one";
const NOWHERE: &str = "Dynamics has no such row (any more), and the change may only change one; hand it in as a `create`";
const DELETED: &str = "the row was deleted in Dynamics; an update never creates it again";

fn judge_update(
    stream: &Stream,
    change: &Change,
    wanted: &WantedValues,
    current: &Current,
) -> Verdict {
    let mut fields = Fields::new();
    let mut loses = Loses::default();
    let (mut held, mut passed_over) = (false, false);
    for (name, value) in wanted {
        let Some(field) = stream.fields.iter().find(|field| field.name == *name) else {
            return Verdict::Refused(format!("the stream has no field `{name}` any more"));
        };
        let theirs = current.fields.get(name).unwrap_or(&Value::Null);
        let strategy = field.strategy(stream);
        if same(theirs, value) {
            if strategy == Update::Always {
                fields.insert(name.clone(), value.clone());
            }
            continue;
        }
        if let Err(why) = may_write(field, value) {
            return Verdict::Refused(why);
        }
        let passes = match strategy {
            Update::Skip => false,
            Update::IfEmpty => is_empty(theirs),
            Update::IfChanged | Update::Always => true,
        };
        if !passes {
            passed_over = true;
            loses.fields.push(name.clone());
            continue;
        }
        if is_conflict(stream, change, field, theirs, current) {
            loses.theirs.insert(name.clone(), theirs.clone());
            match prevails(stream.conflict, change, current) {
                Some(true) => {}
                Some(false) => {
                    loses.fields.push(name.clone());
                    continue;
                }
                None => held = true,
            }
        }
        fields.insert(name.clone(), value.clone());
    }
    if held {
        return Verdict::Held(Loses {
            // Nothing has lost before it is decided.
            fields: Vec::new(),
            theirs: loses.theirs,
        });
    }
    if !fields.is_empty() {
        return Verdict::Update { fields, loses };
    }
    if loses.fields.is_empty() {
        return Verdict::Settled(loses);
    }
    let why = match passed_over {
        true => "the row exists, and the stream's `update` leaves its values as they are",
        false => "Dynamics was changed too, and its values prevail by the stream's `conflict`",
    };
    Verdict::Superseded { loses, why }
}

/// Whether both sides changed the field, differently.
fn is_conflict(
    stream: &Stream,
    change: &Change,
    field: &Field,
    theirs: &Value,
    current: &Current,
) -> bool {
    // Without a copy nobody knows what the app saw; the field's `update` alone decides.
    if change.force || !stream.direction.pulls() || field.owner == Owner::App {
        return false;
    }
    // What an earlier change of the row came to is no doing of anybody else's.
    if current.says_what_we_wrote(&field.name) {
        return false;
    }
    // The app names a version that the copy did not have: its values are not known, only whether the row
    // is still that one.
    let base_version = change.wanted.base_version;
    let Some(base) = &change.base else {
        return match base_version {
            Some(seen) => current.version > seen,
            // The app knew of no such row, so it saw it empty. One that this software made, or wrote last,
            // says what the app wanted before.
            None => !is_empty(theirs) && current.version_by_others() > 0,
        };
    };
    if let Some(seen) = base_version
        && seen != base.version
    {
        return current.version > seen;
    }
    let saw = |fields: &Fields| fields.get(&field.name).is_some_and(|saw| same(saw, theirs));
    !saw(&base.dynamics) && !saw(&base.shown)
}

/// Whether the app's value prevails over another one of Dynamics'; `None` if a person decides.
fn prevails(policy: Conflict, change: &Change, current: &Current) -> Option<bool> {
    match policy {
        Conflict::AppWins => Some(true),
        Conflict::DynamicsWins => Some(false),
        // A tie, and a time that is not known, go to Dynamics.
        Conflict::NewestWins => Some(
            current
                .modified_on
                .is_some_and(|theirs| change.wanted.changed_at > theirs),
        ),
        Conflict::Hold => None,
    }
}

fn judge_removal(stream: &Stream, change: &Change, current: &Current) -> Verdict {
    let how = stream.deletes.to_dynamics;
    if how == ToDynamics::Ignore {
        return Verdict::Refused(
            "the stream's `deletes.to_dynamics` does not let rows be deleted".to_owned(),
        );
    }
    let seen = match (change.wanted.base_version, &change.base) {
        (Some(version), _) => Some(version),
        (None, Some(base)) => Some(base.version),
        (None, None) => None,
    };
    let changed = seen.is_some_and(|seen| current.version_by_others() > seen);
    if !changed || change.force || !stream.direction.pulls() {
        return Verdict::Remove(how);
    }
    match prevails(stream.conflict, change, current) {
        Some(true) => Verdict::Remove(how),
        Some(false) => Verdict::Superseded {
            loses: Loses::default(),
            why: "the row was changed in Dynamics since, and its values prevail by the stream's `conflict`",
        },
        None => Verdict::Held(Loses::default()),
    }
}

/// Whether the stream file lets the app write this value. What was handed in was held against the stream
/// file then; it may say otherwise by now.
fn may_write(field: &Field, value: &Value) -> Result<(), String> {
    if field.owner == Owner::Dynamics {
        return Err(format!("field `{}` belongs to Dynamics", field.name));
    }
    // Dataverse takes an empty text for none.
    if is_empty(value) && !field.clearable {
        return Err(format!(
            "field `{}` is not `clearable`, so it may not be emptied",
            field.name
        ));
    }
    Ok(())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// Whether two values mean the same: numbers by what they amount to, an empty text as no value, as
/// Dataverse stores it.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => amount(a) == amount(b),
        _ => a == b || (is_empty(a) && is_empty(b)),
    }
}

/// The digits that count: sign, whole part without leading zeros, fraction without trailing ones.
fn amount(digits: &str) -> (bool, &str, &str) {
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    let zero = whole.is_empty() && fraction.is_empty();
    (negative && !zero, whole, fraction)
}

#[cfg(test)]
#[path = "judge/tests.rs"]
mod tests;
