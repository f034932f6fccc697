//! What the sync did to Dynamics' rows between two moments: each row and each value must be somebody's who
//! wanted it, in the order of acceptance, and over nothing that the app had not seen.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::log::{Author, Log};
use super::moment::{Moment, Origin, Row, Stand};
use super::streams::RowId;

/// What happened between two moments in which people did nothing.
pub(super) struct Step<'a> {
    pub(super) log: &'a Log,
    pub(super) before: &'a Moment,
    pub(super) after: &'a Moment,
    /// The moments before, since the run that is under way began.
    pub(super) during: &'a [Moment],
    /// The day it is where the organisation is.
    pub(super) today: Date,
}

/// What is learnt from it.
#[derive(Default)]
pub(super) struct Learnt {
    authors: Vec<(RowId, String)>,
    wrote: Vec<(RowId, i64)>,
    created: Vec<(String, RowId)>,
    gone: Vec<RowId>,
    taken: Vec<(RowId, String, Json)>,
    effective: BTreeSet<(String, String)>,
}

type Found<'a> = Vec<(&'a str, &'a Stand)>;

impl<'a> Step<'a> {
    /// All moments at which what was done since may have been decided.
    pub(super) fn moments(&self) -> Vec<&'a Moment> {
        let last = [self.before, self.after];
        self.during.iter().chain(last).collect()
    }

    pub(super) fn writes(&self) -> Learnt {
        let mut learnt = Learnt::default();
        for (row, now) in &self.after.rows {
            match self.before.rows.get(row) {
                None => self.appeared(row, now, &mut learnt),
                Some(before) if before.active && !now.active => self.vanished(row, &mut learnt),
                Some(before) => {
                    assert_eq!(before.active, now.active, "{row:?} came back to life");
                    self.changed(row, [before, now], &mut learnt);
                }
            }
        }
        let mut missing = self.before.rows.keys();
        while let Some(row) = missing.find(|row| !self.after.rows.contains_key(row)) {
            self.vanished(row, &mut learnt);
        }
        learnt
    }

    /// The values that a change may come to in a field.
    pub(super) fn wanted(&self, change: (&str, &Stand), place: (&RowId, &str)) -> Vec<Json> {
        self.log.wanted(change, place, &self.moments())
    }

    /// The changes of a row that the sync may have written.
    pub(super) fn writable(&self, row: &RowId) -> Found<'a> {
        let changes = self.after.changes.iter();
        let may = |(id, stand): &(&'a String, &'a Stand)| {
            let before = self.before.changes.get(*id);
            let waited = before.is_none_or(|before| before.is("waiting"));
            let good = stand.is("waiting") || stand.is("applied");
            let good = waited && (good || self.log.loses_replies);
            (good || self.log.decided.contains(*id))
                && self.log.is_for((id, stand), row, &self.moments())
        };
        changes
            .filter(may)
            .map(|(id, stand)| (id.as_str(), stand))
            .collect()
    }

    fn appeared(&self, row: &RowId, now: &Row, learnt: &mut Learnt) {
        assert!(
            !self.log.gone.contains(row),
            "{row:?} was deleted and is back"
        );
        let mut by = self.writable(row);
        by.retain(|(id, stand)| {
            let creates = matches!(stand.operation.as_str(), "create" | "upsert");
            let used = self.log.created.contains_key(*id)
                || learnt.created.iter().any(|(other, _)| other == id);
            creates && !used && self.log.handed.get(*id).is_some_and(|one| one.is_unseen())
        });
        let own = by
            .iter()
            .find(|(_, stand)| stand.row.as_ref() == Some(&row.1));
        let Some((id, _)) = own.or(by.first()) else {
            panic!("nobody may have created {row:?}: {now:?}");
        };
        learnt.created.push(((*id).to_owned(), row.clone()));
        learnt.wrote.push((row.clone(), now.version));
        for (field, value) in &now.values {
            let all = self.writable(row);
            let mut wanted = all.iter().map(|change| self.wanted(*change, (row, field)));
            let empty = [Json::Null, json!(false)].contains(value);
            assert!(
                empty || wanted.any(|wanted| wanted.contains(value)),
                "{row:?} was created with a {field} that nobody wanted: {value}"
            );
            learnt.authors.push((row.clone(), field.clone()));
            learnt.note_said(self, row, field, value);
        }
    }

    fn vanished(&self, row: &RowId, learnt: &mut Learnt) {
        learnt.gone.push(row.clone());
        let by = self.writable(row);
        let mut deletes = by.iter().filter(|(_, stand)| stand.operation == "delete");
        let may = |(id, _): &&(&str, &Stand)| {
            let handed = &self.log.handed[*id];
            handed.forced
                || !self.log.is_edited(handed, row)
                || (self.log.policy(row.0) != super::streams::Policy::Hold
                    && !self.log.dynamics_prevails(handed, row))
        };
        assert!(
            deletes.any(|delete| may(&delete)),
            "nobody may have deleted {row:?}"
        );
    }

    fn changed(&self, row: &RowId, [before, now]: [&Row; 2], learnt: &mut Learnt) {
        let all = self.writable(row);
        if before.version != now.version {
            learnt.wrote.push((row.clone(), now.version));
        }
        for (field, value) in &now.values {
            learnt.note_said(self, row, field, value);
            let old = &before.values[field];
            if old == value {
                continue;
            }
            let place = (row.clone(), field.clone());
            let wants = |change: &(&str, &Stand)| {
                let wanted = self.wanted(*change, (row, field));
                wanted.contains(value)
            };
            let mut by: Found<'_> = all.iter().copied().filter(wants).collect();
            assert!(
                !by.is_empty(),
                "nobody wanted {field} of {row:?} to be {value}; it was {old}. Of this row: {all:#?}"
            );
            let last = self.log.applied.get(&place).copied().unwrap_or(0);
            by.retain(|(_, stand)| stand.sequence >= last);
            assert!(
                !by.is_empty(),
                "older over newer in {field} of {row:?}: {old} became {value}"
            );
            // Over what an earlier change of the row wrote just before it may be written too.
            let prepared = |sequence: u64| {
                all.iter().any(|(id, stand)| {
                    (stand.names.contains(field) || stand.origin == Origin::Renewal)
                        && stand.sequence <= sequence
                        && self.log.may_overwrite((id, stand), (row, field), old)
                })
            };
            by.retain(|(_, stand)| prepared(stand.sequence));
            // What the app wants is no matter of an expiry.
            let last = |(_, stand): &&(&str, &Stand)| (stand.origin == Origin::App, stand.sequence);
            let Some((_, stand)) = by.iter().max_by_key(last) else {
                panic!(
                    "{field} of {row:?} was overwritten against the policy: {old} of {:?} became {value}; {all:#?}",
                    self.log.authors.get(&place)
                );
            };
            if stand.origin != Origin::App {
                self.check_expiry((stand, field), row, [before, now]);
            }
            if stand.origin == Origin::Expiry {
                learnt.taken.push((row.clone(), field.clone(), old.clone()));
            }
            learnt.authors.push((row.clone(), field.clone()));
        }
    }
}

impl Learnt {
    /// Dynamics says what changes of this row want.
    fn note_said(&mut self, step: &Step<'_>, row: &RowId, field: &str, value: &Json) {
        for change in step.writable(row) {
            let wanted = step.wanted(change, (row, field));
            if wanted.contains(value) {
                self.effective
                    .insert((change.0.to_owned(), field.to_owned()));
            }
        }
    }
}

impl Log {
    /// Takes up what was learnt.
    pub(super) fn learn(&mut self, learnt: Learnt) {
        self.gone.extend(learnt.gone);
        self.created.extend(learnt.created);
        self.effective.extend(learnt.effective);
        for (row, field, value) in learnt.taken {
            self.taken.entry((row, field)).or_default().push(value);
        }
        for place in learnt.authors {
            let now = Author::Sync(self.invocation);
            let before = self.authors.insert(place.clone(), now);
            self.authors_before.entry(place).or_insert(before);
        }
        for (row, version) in learnt.wrote {
            let wrote = self.wrote.entry(row).or_default();
            wrote.push((self.invocation, version));
        }
    }
}
