//! What was changed in a table since a stream last found it as expected, and what that means, in the words of
//! notes and reasons.
//!
//! Never in here: what is as good as before (a longer text, another label of the column, a column that is not
//! mapped), which nobody need look at.

use std::collections::{BTreeMap, BTreeSet};

use dynamics_client::{ColumnKind, DateTimeBehavior, KeyStatus, Labels};
use jiff::Timestamp;
use streams::{Field, FieldKind, Stream, nearest};

use super::{Choices, ColumnContract, Contract, Texts, is_written, texts};
use crate::fit::described;

/// How a text begins that tells of changes.
pub(crate) const CHANGED: &str = "the table was changed in Dynamics since the run of ";
/// So many changes are told one by one.
const TOLD_MAX: usize = 20;

/// Two looks at what a stream depends on.
pub(super) struct Comparison<'a> {
    pub(super) stream: &'a Stream,
    pub(super) expected: &'a Contract,
    pub(super) now: &'a Contract,
    /// Every column that the table had.
    pub(super) known: &'a BTreeSet<String>,
    /// Every column that it has now, with what people call it.
    pub(super) labels: &'a BTreeMap<String, Labels>,
}

/// What was changed since the run at this time, in one text.
pub(super) fn told(changes: &[String], seen: Timestamp) -> String {
    let changes = listed(changes);
    let stop = if changes.ends_with('?') { "" } else { "." };
    format!(
        "{CHANGED}{seen:.0}: {changes}{stop} Change it back, or fit the stream file to it; what does not stop the stream is taken as meant after {} days",
        super::memory::MEANT_AFTER_DAYS
    )
}

/// The same of changes that nobody has done anything about for long.
pub(super) fn told_as_meant(changes: &[String]) -> String {
    format!(
        "what was changed in the table {} days ago is taken as meant from now on: {}",
        super::memory::MEANT_AFTER_DAYS,
        listed(changes)
    )
}

fn listed(changes: &[String]) -> String {
    let list = changes.get(..TOLD_MAX).unwrap_or(changes).join("; ");
    match changes.len().saturating_sub(TOLD_MAX) {
        0 => list,
        more => format!("{list}; and {more} more"),
    }
}

impl Comparison<'_> {
    /// Each change that may matter to the stream.
    pub(super) fn changes(&self) -> Vec<String> {
        let mut changes = self.of_table();
        for name in self.stream.columns() {
            match (self.expected.columns.get(name), self.now.columns.get(name)) {
                (Some(was), Some(is)) => {
                    let found = self.of_column(name, was, is).into_iter();
                    changes.extend(found.map(|what| format!("{} {what}", self.called(name))));
                }
                (Some(was), None) => changes.push(self.removed(name, was)),
                (None, _) => {}
            }
        }
        changes
    }

    fn of_table(&self) -> Vec<String> {
        let (was, is) = (self.expected, self.now);
        let mut changes = Vec::new();
        if (&was.table, &was.primary_id) != (&is.table, &is.primary_id) {
            changes.push(format!(
                "its logical name is `{}` with the key `{}` now, and was `{}` with `{}`",
                is.table, is.primary_id, was.table, was.primary_id
            ));
        }
        if was.change_tracking && !is.change_tracking {
            changes.push(
                "change tracking is off now, so deletes are only told by a walk over all keys"
                    .to_owned(),
            );
        }
        let (Some(was), Some(is)) = (&was.keys, &is.keys) else {
            return changes;
        };
        let is_active = |status: &KeyStatus| *status == KeyStatus::Active;
        let lost = was.iter().filter(|(_, status)| is_active(status));
        for (name, _) in lost.filter(|_| !is.values().any(is_active)) {
            let what = match is.get(name) {
                None => "is gone",
                Some(KeyStatus::Failed) => "could not be built",
                Some(_) => "is being built anew",
            };
            changes.push(format!(
                "the alternate key `{name}` {what}, so Dynamics does not keep the stream's key unique"
            ));
        }
        changes
    }

    /// What goes behind the column's name.
    fn of_column(&self, name: &str, was: &ColumnContract, is: &ColumnContract) -> Vec<String> {
        let mut changes = Vec::new();
        match (&was.kind, &is.kind) {
            (ColumnKind::DateTime(was), ColumnKind::DateTime(is)) if was != is => {
                let (was, is) = (behavior(*was), behavior(*is));
                changes.push(format!(
                    "has the date behavior {is} now, and had {was}, so its values mean other days or times"
                ));
            }
            (ColumnKind::DateTime(_), ColumnKind::DateTime(_)) => {}
            (was, is) if was != is => {
                let (was, is) = (described(was), described(is));
                // All else follows from it.
                return vec![format!("is {is} now, and was {was}")];
            }
            _ => {}
        }
        if was.readable && !is.readable {
            changes.push("cannot be read through the Web API any more".to_owned());
        }
        if !was.secured && is.secured {
            changes.push(
                "is secured now: unless a column security profile lets the application user read it, its values come empty"
                    .to_owned(),
            );
        }
        let field = field(self.stream, name);
        if field.is_some_and(|field| is_written(self.stream, field)) {
            changes.extend(of_written(was, is));
        }
        if let (Some(was), Some(is)) = (&was.choices, &is.choices) {
            changes.extend(of_choices(field, was, is));
        }
        if let (Some(was), Some(is)) = (&was.targets, &is.targets) {
            changes.extend(of_targets(field, was, is));
        }
        changes
    }

    fn removed(&self, name: &str, was: &ColumnContract) -> String {
        let length = was
            .max_length
            .map_or_else(String::new, |most| format!(" of at most {most} characters"));
        let hint = self
            .instead_of(name, &was.labels)
            .map_or_else(String::new, |near| {
                format!("; did you mean `{near}`, which is new since then?")
            });
        format!(
            "{} is gone, and was {}{length}{hint}",
            self.called(name),
            described(&was.kind)
        )
    }

    /// A column that appeared, and has nearly the name or the very label of one that is gone.
    fn instead_of(&self, name: &str, labels: &Texts) -> Option<&str> {
        let new = self.labels.keys().map(String::as_str);
        let new: Vec<&str> = new.filter(|name| !self.known.contains(*name)).collect();
        let shares_a_label = |candidate: &&str| {
            let labelled = self.labels.get(*candidate).map(texts).unwrap_or_default();
            labels
                .iter()
                .any(|(language, text)| labelled.get(language) == Some(text))
        };
        let labelled = new.iter().copied().find(shares_a_label);
        labelled.or_else(|| nearest(name, new))
    }

    fn called(&self, column: &str) -> String {
        called(self.stream, column)
    }
}

/// How a column is told that was changed.
pub(crate) fn called(stream: &Stream, column: &str) -> String {
    match field(stream, column) {
        Some(field) => format!("column `{column}` (field `{}`)", field.name),
        None => format!("column `{column}` (in `where`)"),
    }
}

fn field<'s>(stream: &'s Stream, column: &str) -> Option<&'s Field> {
    let mut fields = stream.fields.iter();
    fields.find(|field| field.column == column)
}

/// What matters of a column that the sync writes.
fn of_written(was: &ColumnContract, is: &ColumnContract) -> Vec<String> {
    let mut changes = Vec::new();
    if was.updatable && !is.updatable {
        changes.push("cannot be changed any more, so changes of it are refused".to_owned());
    } else if was.creatable && !is.creatable {
        changes.push("cannot be filled in new rows any more".to_owned());
    }
    if !was.demanded && is.demanded {
        changes.push("must have a value now, so rows without one are refused".to_owned());
    }
    if let (Some(was), Some(is)) = (was.max_length, is.max_length)
        && is < was
    {
        changes.push(format!(
            "takes at most {is} characters now, and took {was}, so longer texts of the app are refused"
        ));
    }
    changes
}

fn of_choices(field: Option<&Field>, was: &Choices, is: &Choices) -> Vec<String> {
    let labels = field.and_then(|field| match &field.kind {
        FieldKind::Choice(labels) => Some(labels),
        _ => None,
    });
    let called = |number: &str| {
        let label = labels.and_then(|labels| labels.get(&number.parse().ok()?));
        label.map_or_else(
            || number.to_owned(),
            |label| format!("{number} (`{label}`)"),
        )
    };
    let mut changes = Vec::new();
    for (number, before) in &was.named {
        let choice = called(number);
        match is.named.get(number) {
            None if labels.is_some() => changes.push(format!(
                "has no choice {choice} any more, so changes to it are refused"
            )),
            None => changes.push(format!(
                "has no choice {choice} any more, so no row belongs to the stream"
            )),
            Some(now) => {
                let renamed = before.iter().find_map(|(language, before)| {
                    let now = now.get(language)?;
                    (now != before).then_some((before, now))
                });
                changes.extend(renamed.map(|(before, now)| {
                    format!(
                        "calls its choice {choice} \"{now}\" now, and called it \"{before}\": check that it means the same"
                    )
                }));
            }
        }
    }
    let new: Vec<String> = is
        .others
        .difference(&was.others)
        .map(i32::to_string)
        .collect();
    // Which other choices a column in `where` has is no matter.
    if labels.is_some() && !new.is_empty() {
        changes.push(format!(
            "has a choice {} now, and rows with it cannot be read until the stream file's `choice` names it",
            new.join(", ")
        ));
    }
    changes
}

fn of_targets(field: Option<&Field>, was: &BTreeSet<String>, is: &BTreeSet<String>) -> Vec<String> {
    let wanted = field.and_then(|field| match &field.kind {
        FieldKind::Lookup { table } => Some(table),
        _ => None,
    });
    let Some(wanted) = wanted else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    if was.contains(wanted) && !is.contains(wanted) {
        changes.push(format!("does not refer to `{wanted}` any more"));
    }
    let added: Vec<String> = is
        .difference(was)
        .map(|table| format!("`{table}`"))
        .collect();
    if !added.is_empty() {
        changes.push(format!(
            "may refer to {} now too, and the copy takes every id for one of `{wanted}`",
            added.join(", ")
        ));
    }
    changes
}

/// In Dataverse's words.
fn behavior(behavior: DateTimeBehavior) -> &'static str {
    match behavior {
        DateTimeBehavior::UserLocal => "UserLocal",
        DateTimeBehavior::DateOnly => "DateOnly",
        DateTimeBehavior::TimeZoneIndependent => "TimeZoneIndependent",
    }
}
