//! What became of the changes between two moments in which people did nothing: none is lost, each is over
//! once, and for a reason that is true.

use serde_json::Value as Json;

use super::log::{Handed, Log, Named};
use super::moment::{Moment, Origin, Stand};
use super::streams::{Of, Policy, RowId};
use super::writes::Step;

impl Step<'_> {
    /// Looks at every change that is over now and was not before.
    pub(super) fn outcomes(&self) {
        for id in self.before.changes.keys() {
            assert!(self.after.changes.contains_key(id), "change {id} is lost");
        }
        for (id, stand) in &self.after.changes {
            let before = self.before.changes.get(id);
            if before.is_some_and(|before| before.state == stand.state) {
                continue;
            }
            assert!(
                before.is_none_or(|before| before.is("waiting")),
                "change {id} was over: {before:?}, {stand:?}"
            );
            let Some(handed) = self.log.handed.get(id) else {
                let engine = stand.origin != Origin::App;
                assert!(engine, "nobody handed in {id}: {stand:?}");
                continue;
            };
            let row = stand.row.clone().map(|row| (stand.of, row));
            match (stand.state.as_str(), row) {
                ("applied", Some(row)) => self.applied((id, stand), handed, &row),
                ("superseded", Some(row)) => self.superseded((id, stand), handed, &row),
                ("held", Some(row)) => self.held((id, stand), handed, &row),
                ("refused", _) => self.refused((id, stand), handed),
                _ => panic!("change {id} cannot have come to this: {stand:?}"),
            }
        }
    }

    fn applied(&self, (id, stand): (&str, &Stand), handed: &Handed, row: &RowId) {
        let there = self.after.rows.get(row).filter(|row| row.active);
        if handed.operation == "delete" {
            // A later change may have made it anew.
            let was_there = self.before.rows.contains_key(row);
            assert!(
                there.is_none() || !was_there,
                "{row:?} was deleted and is there: {stand:?}"
            );
            return;
        }
        for field in handed.fields.keys() {
            if stand.lost.contains(field) {
                assert!(
                    self.log.may_lose(id, (row, field), &self.moments()),
                    "{field} of {row:?} was lost without a conflict: {stand:?} {handed:?} {:?}",
                    self.log.authors.get(&(row.clone(), field.clone()))
                );
                continue;
            }
            let effective = (id.to_owned(), field.clone());
            if self.log.effective.contains(&effective) {
                continue;
            }
            // What was written over within the same run was never seen.
            let later = self.after.changes.iter().any(|(other, later)| {
                let after = later.sequence > stand.sequence;
                let over = match there {
                    Some(now) => self
                        .wanted((other, later), (row, field))
                        .contains(&now.values[field]),
                    None => later.operation == "delete",
                };
                after && over && self.log.is_for((other, later), row, &self.moments())
            });
            assert!(
                later,
                "{field} of {row:?} is lost: {stand:?} {handed:?}; now {there:?}"
            );
        }
    }

    fn superseded(&self, (id, stand): (&str, &Stand), handed: &Handed, row: &RowId) {
        if handed.operation == "delete" {
            assert!(
                self.log.may_seem_edited(handed, row) && self.log.may_lose_to(handed, row),
                "the deletion of {row:?} was lost without a conflict: {stand:?} {handed:?}"
            );
            return;
        }
        assert!(!stand.lost.is_empty(), "nothing was lost: {stand:?}");
        for field in &stand.lost {
            assert!(
                self.log.may_lose(id, (row, field), &self.moments()),
                "{field} of {row:?} was lost without a conflict: {stand:?} {handed:?} {:?}",
                self.log.authors.get(&(row.clone(), field.clone()))
            );
        }
    }

    fn held(&self, (_, stand): (&str, &Stand), handed: &Handed, row: &RowId) {
        let conflict = match handed.operation.as_str() {
            "delete" => self.log.may_seem_edited(handed, row),
            _ => handed
                .fields
                .keys()
                .any(|field| self.log.is_conflict(handed, (row, field), &self.moments())),
        };
        assert!(
            conflict && self.log.policy(stand.of) == Policy::Hold,
            "held without a conflict: {stand:?} {handed:?}; {:?}",
            self.log.authors
        );
    }

    /// The reason is true, now or a moment ago.
    fn refused(&self, (id, stand): (&str, &Stand), handed: &Handed) {
        let of = stand.of;
        let rows = match &handed.key {
            Named::Id(id) => vec![(of, id.clone())],
            Named::Key(key) => {
                let moments = self.moments().into_iter();
                let found = moments.flat_map(|at| at.with_key(of, key));
                found.cloned().collect()
            }
        };
        let of_change = stand.row.clone().map(|row| (of, row));
        let rows: Vec<RowId> = rows.into_iter().chain(of_change).collect();
        let active = |row: &RowId| {
            let mut found = self.moments().into_iter();
            found.any(|at| at.rows.get(row).is_some_and(|row| row.active))
        };
        let reason = stand.reason.as_str();
        let is_true = if reason.contains("was deleted in Dynamics")
            || reason.contains("has no such row (any more)")
        {
            let was_there = |row: &RowId| {
                let is_there = |at: &Moment| at.rows.get(row).is_some_and(|row| row.active);
                self.moments().into_iter().all(is_there)
            };
            rows.is_empty() || rows.iter().any(|row| !was_there(row))
        } else if reason.contains("exists already") {
            handed.operation == "create" && !rows.is_empty()
        } else if reason.contains("does not meet the stream's `where`") {
            let inactive = |row: &RowId| {
                let mut found = self.moments().into_iter();
                found.any(|at| at.rows.get(row).is_some_and(|row| !row.active))
            };
            rows.iter().any(inactive)
        } else if reason.starts_with("field `mentor`") {
            let mentor = handed.fields.get("mentor");
            let email = mentor.and_then(|key| key["email"].as_str()).unwrap();
            let active_then = |at: &Moment| {
                let rows = at.with_key(Of::Members, email).into_iter();
                rows.filter(|row| at.rows[*row].active).count()
            };
            let found: Vec<usize> = self.moments().into_iter().map(active_then).collect();
            match reason.contains("two active rows") {
                true => found.iter().any(|found| *found > 1),
                false => found.contains(&0),
            }
        } else if reason.contains("two active rows have this key") {
            rows.iter().filter(|row| active(row)).count() > 1
        } else if reason.contains("the lookup hlf_ContactId is to refer t") {
            let mentor = handed.fields.get("mentor").and_then(|id| id.as_str());
            let row = (Of::Members, mentor.unwrap().to_owned());
            !self.moments().iter().all(|at| at.rows.contains_key(&row))
        } else if reason.contains("another row has the same value for firstname, emailaddress1") {
            self.clashes(handed, stand.row.as_deref())
        } else if reason.contains("longer than") || reason.contains("maximum allowed length") {
            let comment = handed.fields.get("comment");
            comment.is_some_and(|text| text.as_str().is_some_and(|text| text.len() > 1_000))
        } else {
            false
        };
        assert!(
            is_true,
            "{id} was refused, which is not true: {stand:?} {handed:?}"
        );
    }
}

impl Step<'_> {
    /// Dynamics has another member with this first name than the one that the change was made to, if it was
    /// made to one: two may have its key, and an inactive one has it unseen.
    fn clashes(&self, handed: &Handed, made_to: Option<&str>) -> bool {
        let moments = self.moments();
        let rows = || moments.iter().flat_map(|at| at.rows.iter());
        let is_own = |row: &RowId| made_to == Some(row.1.as_str());
        let own = rows().filter(|(row, _)| is_own(row));
        let own = own.map(|(_, one)| &one.values["first_name"]);
        let names: Vec<&Json> = own.chain(handed.fields.get("first_name")).collect();
        rows().any(|(row, one)| {
            let is_other = row.0 == Of::Members && !is_own(row);
            is_other && names.contains(&&one.values["first_name"])
        })
    }
}

impl Log {
    /// Takes note of what prevailed.
    pub(super) fn note_applied(&mut self, step: [&Moment; 2]) {
        let [before, after] = step;
        for (id, stand) in &after.changes {
            let is_new = before.changes.get(id).is_none_or(|one| !one.is("applied"));
            let Some(row) = stand.row.clone().filter(|_| stand.is("applied") && is_new) else {
                continue;
            };
            for field in stand.names.difference(&stand.lost) {
                let place = ((stand.of, row.clone()), field.clone());
                let last = self.applied.entry(place).or_default();
                *last = stand.sequence.max(*last);
            }
        }
    }

    /// Every change that was acknowledged is there, and over.
    pub(super) fn assert_over(&self, now: &Moment) {
        for (id, handed) in &self.handed {
            let stand = now.changes.get(id);
            let over = stand.is_some_and(|stand| !stand.is("waiting"));
            assert!(
                over || (stand.is_none() && !handed.acknowledged),
                "after three runs {id} is still {stand:?}: {handed:?}"
            );
        }
        let waiting = now.changes.values().find(|stand| stand.is("waiting"));
        assert!(
            waiting.is_none(),
            "after three runs it still waits: {waiting:?}"
        );
    }
}
