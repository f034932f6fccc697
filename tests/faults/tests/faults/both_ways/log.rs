//! What is known of all that happened: what the app handed in and saw, what people did in Dynamics, and
//! who wrote each value last.
//!
//! Never in here: whether that was right.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::moment::{Moment, Origin, Stand, Values};
use super::streams::{Of, Policy, RowId};

/// A field of a row.
pub(super) type Place = (RowId, String);

pub(super) struct Log {
    policies: [Policy; 2],
    /// The app's changes, by their ids.
    pub(super) handed: BTreeMap<String, Handed>,
    /// Who wrote each value last; nobody has since the row was made in Dynamics, if nothing stands here.
    pub(super) authors: BTreeMap<Place, Author>,
    /// Who had written before, of what was written in this invocation: what a change was judged by.
    pub(super) authors_before: BTreeMap<Place, Option<Author>>,
    /// Invocations so far.
    pub(super) invocation: u32,
    /// In which invocations the sync wrote each row, and the versions that it had then.
    pub(super) wrote: BTreeMap<RowId, Vec<(u32, i64)>>,
    /// People's last edit of each row.
    pub(super) edited: BTreeMap<RowId, Edit>,
    /// Rows that are deleted.
    pub(super) gone: BTreeSet<RowId>,
    /// Which row a change created.
    pub(super) created: BTreeMap<String, RowId>,
    /// The last of the changes that prevailed in a field, by its place in the order.
    pub(super) applied: BTreeMap<Place, u64>,
    /// Changes and their fields that Dynamics has said at some time while they waited.
    pub(super) effective: BTreeSet<(String, String)>,
    /// Members to whom an expired certification was seen to refer.
    pub(super) expired_mentors: BTreeSet<String>,
    /// Whether answers to writes may have been lost of late: then what was written and what became of the
    /// change may go by different rows.
    pub(super) loses_replies: bool,
    /// What expiries overwrote.
    pub(super) taken: BTreeMap<Place, Vec<Json>>,
    /// Changes about which a person has decided while a run was under way, which may write them all the
    /// same.
    pub(super) decided: BTreeSet<String>,
}

/// A change of the app's.
#[derive(Clone, Debug)]
pub(super) struct Handed {
    pub(super) operation: String,
    pub(super) key: Named,
    /// As Dynamics has them; a lookup by key is an object.
    pub(super) fields: Values,
    pub(super) changed_at: Timestamp,
    /// What the app saw of the row each time it tried to hand it in.
    pub(super) sights: Vec<Option<Sight>>,
    /// A person decided that the app's values prevail.
    pub(super) forced: bool,
    pub(super) acknowledged: bool,
}

/// How a change names its row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Named {
    Id(String),
    Key(String),
}

/// What the copy said of a row.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    pub(super) version: i64,
    pub(super) dynamics: Values,
    pub(super) shown: Values,
}

#[derive(Clone, Debug)]
pub(super) enum Author {
    /// Somebody in Dynamics, at this time by its clock, which counts seconds.
    Person(Timestamp),
    /// The sync, in this invocation.
    Sync(u32),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Edit {
    pub(super) version: i64,
    pub(super) at: Timestamp,
}

impl Log {
    pub(super) fn new(policies: [Policy; 2]) -> Self {
        Self {
            policies,
            handed: BTreeMap::new(),
            authors: BTreeMap::new(),
            authors_before: BTreeMap::new(),
            invocation: 0,
            wrote: BTreeMap::new(),
            edited: BTreeMap::new(),
            gone: BTreeSet::new(),
            created: BTreeMap::new(),
            applied: BTreeMap::new(),
            effective: BTreeSet::new(),
            expired_mentors: BTreeSet::new(),
            loses_replies: false,
            taken: BTreeMap::new(),
            decided: BTreeSet::new(),
        }
    }

    pub(super) fn policy(&self, of: Of) -> Policy {
        match of {
            Of::Members => self.policies[0],
            Of::Certifications => self.policies[1],
        }
    }

    /// An invocation begins.
    pub(super) fn begin_invocation(&mut self) {
        self.invocation += 1;
        self.authors_before.clear();
    }

    /// People have changed a row, or made it, in these fields.
    pub(super) fn edit(&mut self, row: &RowId, fields: &[String], version: i64, now: Timestamp) {
        let at = Timestamp::from_second(now.as_second()).unwrap();
        self.edited.insert(row.clone(), Edit { version, at });
        for field in fields {
            let place = (row.clone(), field.clone());
            self.authors.insert(place, Author::Person(at));
        }
    }

    /// The values that a change may come to in a field.
    pub(super) fn wanted(
        &self,
        (id, stand): (&str, &Stand),
        (row, field): (&RowId, &str),
        moments: &[&Moment],
    ) -> Vec<Json> {
        match stand.origin {
            Origin::App => {
                let handed = &self.handed[id];
                match (handed.fields.get(field), &handed.key) {
                    (Some(Json::Object(key)), _) => {
                        let email = key["email"].as_str().unwrap();
                        let found = moments.iter();
                        let found = found.flat_map(|at| at.with_key(Of::Members, email));
                        found.map(|(_, id)| json!(id)).collect()
                    }
                    (Some(value), _) => vec![value.clone()],
                    (None, Named::Key(key)) if field == row.0.key() => vec![json!(key)],
                    (None, _) => Vec::new(),
                }
            }
            // It is decided again when it is carried out, and may give back more then.
            Origin::Renewal => self.given_back(row, field, moments),
            _ if !stand.names.contains(field) => Vec::new(),
            Origin::Expiry => row.0.expired(field).into_iter().collect(),
        }
    }

    /// What an expiry may have overwritten: what it was seen to, or what a change of the app's wrote just
    /// before, in the same run.
    fn given_back(&self, row: &RowId, field: &str, moments: &[&Moment]) -> Vec<Json> {
        if row.0.expired(field).is_none() {
            return Vec::new();
        }
        let changes = moments.iter().flat_map(|at| &at.changes);
        let applied =
            changes.filter(|(_, one)| one.is("applied") && one.row.as_ref() == Some(&row.1));
        let handed = applied.filter_map(|(id, _)| self.handed.get(id));
        let ours = handed.filter_map(|one| one.fields.get(field));
        let place = (row.clone(), field.to_owned());
        let taken = self.taken.get(&place).into_iter().flatten();
        taken.chain(ours).cloned().collect()
    }

    /// The sync wrote the row in an earlier invocation, in a version above this one. What it wrote then, and
    /// what people did to the row before that, it does not know from each other: a known gap.
    pub(super) fn wrote_earlier(&self, row: &RowId, above: i64) -> bool {
        let mut wrote = self.wrote.get(row).into_iter().flatten();
        wrote.any(|(invocation, version)| *invocation < self.invocation && *version > above)
    }

    /// The same, since people did anything to the row.
    pub(super) fn wrote_earlier_than_people(&self, row: &RowId) -> bool {
        let edit = self.edited.get(row).map_or(0, |edit| edit.version);
        self.wrote_earlier(row, edit)
    }

    /// Whether a change is for this row.
    pub(super) fn is_for(
        &self,
        (id, stand): (&str, &Stand),
        row: &RowId,
        moments: &[&Moment],
    ) -> bool {
        if stand.of != row.0 {
            return false;
        }
        if let Some(found) = &stand.row {
            return *found == row.1;
        }
        match self.handed.get(id).map(|handed| &handed.key) {
            Some(Named::Id(id)) => *id == row.1,
            Some(Named::Key(key)) => moments
                .iter()
                .any(|at| at.with_key(row.0, key).contains(&row)),
            None => false,
        }
    }
}

impl Handed {
    /// The copy had no such row, at one of the times when it was handed in at least.
    pub(super) fn is_unseen(&self) -> bool {
        self.sights.iter().any(Option::is_none)
    }

    /// The app was shown this value, or Dynamics had it then as far as the copy knew; of a row that the copy
    /// did not have the app saw nothing.
    pub(super) fn may_have_seen(&self, field: &str, value: &Json) -> bool {
        let mut sights = self.sights.iter();
        sights.any(|sight| saw(sight.as_ref(), field, value))
    }

    pub(super) fn may_have_missed(&self, field: &str, value: &Json) -> bool {
        let mut sights = self.sights.iter();
        sights.any(|sight| !saw(sight.as_ref(), field, value))
    }
}

fn saw(sight: Option<&Sight>, field: &str, value: &Json) -> bool {
    let has = |fields: &Values| fields.get(field).unwrap_or(&Json::Null) == value;
    sight.map_or(value.is_null(), |sight| {
        has(&sight.dynamics) || has(&sight.shown)
    })
}
