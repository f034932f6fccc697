//! What is right by itself and makes no sense together: keys of the way back in a stream that does not go
//! that way, and a field that is asked for two things at once.
//!
//! They are mistakes because what has no effect would be believed to have one.

use crate::error::Problems;
use crate::fields::Fields;
use crate::model::{Field, FieldKind, Key};
use crate::names::quoted;
use crate::policy::{Direction, Owner, Update};
use crate::pushing::{FieldKeys, StreamKeys};
use crate::section::{Entry, Section};

/// Reports what does not go together in one stream.
pub(crate) fn check(
    stream: &Section<'_, '_>,
    keys: &StreamKeys,
    fields: &Fields,
    key: &Key,
    problems: &mut Problems<'_>,
) {
    match keys.direction {
        Some(Direction::Pull) => return refuse_unwritten(keys, fields, problems),
        Some(Direction::Push) => refuse_unread(stream, keys, fields, problems),
        Some(Direction::Both) | None => {}
    }
    for field in &fields.keys {
        match part_of_key(field, key) {
            true => check_key_field(field, keys.direction, problems),
            false => check_field(field, keys, problems),
        }
    }
    refuse_second_stamp(fields, problems);
}

/// A column of a table that the app owns by some stream.
pub(crate) struct Owned {
    table: String,
    column: String,
    stream: String,
}

/// Reports columns of `table` that the app owns by a stream before this one already: their values would be
/// asserted against each other every night.
pub(crate) fn check_owned(
    (stream, table): (&str, &str),
    keys: &StreamKeys,
    fields: &Fields,
    before: &mut Vec<Owned>,
    problems: &mut Problems<'_>,
) {
    // Elsewhere an owner is a mistake by itself.
    if keys.direction != Some(Direction::Both) {
        return;
    }
    for field in &fields.keys {
        let (Owner::App, Some(column)) = (field.owner(), &field.column) else {
            continue;
        };
        let same = |one: &&Owned| one.table == table && one.column == *column;
        match before.iter().find(same) {
            Some(first) => {
                let message = format!(
                    "the app owns column {} of table {} by stream {} already, and two values of its own would be asserted against each other; let one stream own it",
                    quoted(column),
                    quoted(table),
                    quoted(&first.stream)
                );
                report(place(field.owner.as_ref()), &message, problems);
            }
            None => before.push(Owned {
                table: table.to_owned(),
                column: column.clone(),
                stream: stream.to_owned(),
            }),
        }
    }
}

/// A stream that only pulls never writes, so nothing may say how. That Dynamics owns a field is true
/// there, and therefore no mistake.
fn refuse_unwritten(keys: &StreamKeys, fields: &Fields, problems: &mut Problems<'_>) {
    let mut refuse = |given: Option<Place>| {
        let message = "a stream with direction \"pull\", the default, writes nothing to Dynamics; set direction to \"both\", or remove this";
        report(given, message, problems);
    };
    refuse(place(keys.conflict.as_ref()));
    refuse(place(keys.update.as_ref()));
    refuse(place(keys.to_dynamics.as_ref()));
    refuse(place(keys.owner_team.as_ref()));
    refuse(place(keys.suppress_flows.as_ref()));
    for field in &fields.keys {
        if field.owner() == Owner::App {
            refuse(place(field.owner.as_ref()));
        }
        refuse(place(field.clearable.as_ref()));
        refuse(place(field.update.as_ref()));
        refuse(place(field.stamp.as_ref()));
    }
}

/// A stream that only pushes has no copy, so nothing may choose from it, end in it or be compared with it.
fn refuse_unread(
    stream: &Section<'_, '_>,
    keys: &StreamKeys,
    fields: &Fields,
    problems: &mut Problems<'_>,
) {
    let mut refuse = |given: Option<Place>, so: &str| {
        let message = format!(
            "a stream with direction \"push\" reads nothing from Dynamics, so {so}; set direction to \"both\", or remove this"
        );
        report(given, &message, problems);
    };
    let no_rows = "there are no rows to choose from";
    let (filter, anchor) = (stream.get("where"), stream.get("anchor"));
    refuse(place(filter.as_ref()), no_rows);
    refuse(place(anchor.as_ref()), no_rows);
    // An expiry is decided on the copy's values, and hides there first.
    let expiry = stream.get("expiry");
    refuse(
        place(expiry.as_ref()),
        "there is no copy in which a row could expire",
    );
    refuse(
        place(keys.from_dynamics.as_ref()),
        "no delete there is noticed",
    );
    // Without a copy there is no value that the app saw, from which both sides could have gone apart.
    refuse(
        place(keys.conflict.as_ref()),
        "no change there is noticed with which the app's could conflict",
    );
    for field in &fields.keys {
        // Dynamics' own would be neither read nor written, and the app's never found to be another.
        refuse(
            place(field.owner.as_ref()),
            "only what the app says of the field counts",
        );
    }
}

/// A key identifies the row: both sides must name it, and nothing changes it.
fn check_key_field(field: &FieldKeys, direction: Option<Direction>, problems: &mut Problems<'_>) {
    let mut refuse = |given: Option<Place>, what: &str| {
        let message = format!("a part of the stream's key {what}; remove this");
        report(given, &message, problems);
    };
    if direction == Some(Direction::Both) {
        refuse(
            place(field.owner.as_ref()),
            "belongs to both sides: a change names its row by it",
        );
    }
    if field.clearable() {
        refuse(place(field.clearable.as_ref()), "is never emptied");
    }
    refuse(
        place(field.update.as_ref()),
        "is written only when its row is created",
    );
    if field.stamp() {
        refuse(
            place(field.stamp.as_ref()),
            "does not change, as a stamp does",
        );
    }
}

fn check_field(field: &FieldKeys, keys: &StreamKeys, problems: &mut Problems<'_>) {
    let mut refuse = |given: Option<Place>, message: &str| report(given, message, problems);
    // Where nothing is read an owner is a mistake by itself.
    let owner = match keys.direction {
        Some(Direction::Push) => Owner::Both,
        _ => field.owner(),
    };
    let clearable = place(field.clearable.as_ref()).filter(|_| field.clearable());
    let stamp = place(field.stamp.as_ref()).filter(|_| field.stamp());
    if owner == Owner::Dynamics {
        let message =
            "nothing is written to a field with owner = \"dynamics\"; remove this, or the owner";
        refuse(clearable, message);
        refuse(place(field.update.as_ref()), message);
        refuse(stamp, message);
        return;
    }
    if field.stamp() {
        if owner == Owner::App {
            let message = "another value in Dynamics would be a reason to write, which a stamp never is; remove this, or the stamp";
            refuse(place(field.owner.as_ref()), message);
        }
        let message =
            "the sync writes a stamp by itself, and never empties it; remove this, or the stamp";
        refuse(clearable, message);
        if matches!(
            field.kind,
            Some(FieldKind::Lookup { .. } | FieldKind::Choice(_))
        ) {
            let message = "a stamp is the time of a write; expected a field that reads a date or a date and time, without `lookup` and `choice`";
            refuse(stamp, message);
        }
    } else if let Some(when) = narrow(field.update().unwrap_or(keys.update())) {
        let message = format!(
            "the field is written only {when}, so a null would never empty it; give it update = \"if-changed\", or remove this"
        );
        refuse(clearable, &message);
    }
}

fn refuse_second_stamp(fields: &Fields, problems: &mut Problems<'_>) {
    let mut stamps = fields.keys.iter().filter(|field| field.stamp());
    let Some(first) = stamps.next() else {
        return;
    };
    for second in stamps {
        let message = format!(
            "field {} is the stream's stamp already; keep one",
            quoted(&first.name)
        );
        report(place(second.stamp.as_ref()), &message, problems);
    }
}

/// Says why an expiry must not write this field, for a reason that lies in the field's stream; `pushes` is
/// that stream's strategy if what the expiry hides in the copy is written to Dynamics as well.
pub(crate) fn check_settable(
    field: &Field,
    key: &Key,
    pushes: Option<Update>,
) -> Result<(), String> {
    let name = quoted(&field.name);
    if matches!(key, Key::Columns(columns) if columns.contains(&field.column)) {
        return Err(format!(
            "field {name} is part of the stream's key, which an expiry must not change; remove it"
        ));
    }
    if field.stamp {
        return Err(format!(
            "field {name} is a stamp, which the sync writes by itself; remove it"
        ));
    }
    let Some(update) = pushes else {
        return Ok(());
    };
    if field.owner == Owner::Dynamics {
        return Err(format!(
            "field {name} has owner = \"dynamics\", so the expiry could not write it there; remove it, or the owner"
        ));
    }
    match narrow(field.update.unwrap_or(update)) {
        Some(when) => Err(format!(
            "field {name} is written only {when}, so the expiry would never reach Dynamics; give the field update = \"if-changed\", or remove it"
        )),
        None => Ok(()),
    }
}

/// When a value is written, where that leaves out rows which have one.
fn narrow(update: Update) -> Option<&'static str> {
    match update {
        Update::Always | Update::IfChanged => None,
        Update::IfEmpty => Some("where Dynamics has no value (update = \"if-empty\")"),
        Update::Skip => Some("when its row is created (update = \"skip\")"),
    }
}

fn part_of_key(field: &FieldKeys, key: &Key) -> bool {
    match (key, &field.column) {
        (Key::Columns(columns), Some(column)) => columns.contains(column),
        _ => false,
    }
}

/// Where something stands, whatever it says.
type Place = Entry<()>;

fn place<T>(given: Option<&Entry<T>>) -> Option<Place> {
    given.map(|given| Entry {
        value: (),
        at: given.at.clone(),
        place: given.place.clone(),
    })
}

fn report(given: Option<Place>, message: &str, problems: &mut Problems<'_>) {
    if let Some(Entry { at, place, .. }) = given {
        problems.add(at, &place, message);
    }
}
