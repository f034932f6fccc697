//! When the app's value may be written over one that it never saw, and when it may lose: the four policies,
//! worked out from the log.

use serde_json::Value as Json;

use super::log::{Author, Handed, Log};
use super::moment::{Moment, Origin, Stand};
use super::streams::{Policy, RowId};

impl Log {
    /// Whether the change may be written over this value of the field.
    pub(super) fn may_overwrite(
        &self,
        (id, stand): (&str, &Stand),
        (row, field): (&RowId, &str),
        value: &Json,
    ) -> bool {
        if stand.origin != Origin::App {
            return true;
        }
        let handed = &self.handed[id];
        if handed.forced || handed.may_have_seen(field, value) {
            return true;
        }
        match (self.author(row, field), self.policy(row.0)) {
            _ if handed.is_unseen() && self.wrote_earlier_than_people(row) => true,
            (Some(Author::Sync(_)), _) | (_, Policy::AppWins) => true,
            (_, Policy::Hold | Policy::DynamicsWins) => false,
            (Some(Author::Person(at)), Policy::NewestWins) => handed.changed_at > *at,
            (None, Policy::NewestWins) => true,
        }
    }

    /// Whether the field may have lost: people changed it, the app never saw that, and the policy is for
    /// them.
    pub(super) fn may_lose(
        &self,
        id: &str,
        (row, field): (&RowId, &str),
        moments: &[&Moment],
    ) -> bool {
        let handed = &self.handed[id];
        self.is_conflict(handed, (row, field), moments) && self.may_lose_to(handed, row)
    }

    /// Whether people changed the field to something that the app never saw, nor wants; or the sync did in an
    /// earlier invocation, which it does not remember.
    pub(super) fn is_conflict(
        &self,
        handed: &Handed,
        (row, field): (&RowId, &str),
        moments: &[&Moment],
    ) -> bool {
        let rows = moments.iter().filter_map(|at| at.rows.get(row));
        let mut values = rows.map(|found| &found.values[field]);
        let is_unseen = |value: &Json| {
            handed.fields.get(field) != Some(value) && handed.may_have_missed(field, value)
        };
        let before = self.authors_before.get(&(row.clone(), field.to_owned()));
        let authors = [self.author(row, field), before.and_then(Option::as_ref)];
        let may_be = authors.into_iter().flatten().any(|author| match author {
            Author::Person(_) => true,
            Author::Sync(invocation) => *invocation < self.invocation,
        });
        !handed.forced && may_be && values.any(is_unseen)
    }

    /// Whether people have changed the row since the app saw it, and that is known.
    pub(super) fn is_edited(&self, handed: &Handed, row: &RowId) -> bool {
        let Some(edit) = self.edited.get(row) else {
            return false;
        };
        let mut sights = handed.sights.iter().flatten();
        !handed.forced
            && !self.wrote_earlier_than_people(row)
            && sights.any(|sight| sight.version < edit.version)
    }

    /// Whether somebody has changed the row since the app saw it: people, or the sync in an earlier
    /// invocation.
    pub(super) fn may_seem_edited(&self, handed: &Handed, row: &RowId) -> bool {
        let edit = self.edited.get(row).map_or(0, |edit| edit.version);
        let mut sights = handed.sights.iter().flatten();
        !handed.forced
            && sights.any(|sight| sight.version < edit || self.wrote_earlier(row, sight.version))
    }

    /// The same, or it may be for what the sync itself did in an earlier invocation, which it takes for
    /// somebody's doing at that time.
    pub(super) fn may_lose_to(&self, handed: &Handed, row: &RowId) -> bool {
        let newest = self.policy(row.0) == Policy::NewestWins;
        self.dynamics_prevails(handed, row) || (newest && self.wrote_earlier_than_people(row))
    }

    /// Whether the policy, asked, is for what people did to the row.
    pub(super) fn dynamics_prevails(&self, handed: &Handed, row: &RowId) -> bool {
        match self.policy(row.0) {
            Policy::DynamicsWins => true,
            Policy::NewestWins => {
                let edit = self.edited.get(row);
                edit.is_some_and(|edit| handed.changed_at <= edit.at)
            }
            Policy::AppWins | Policy::Hold => false,
        }
    }

    fn author(&self, row: &RowId, field: &str) -> Option<&Author> {
        self.authors.get(&(row.clone(), field.to_owned()))
    }
}
