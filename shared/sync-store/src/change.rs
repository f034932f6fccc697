//! A change that somebody wants made in Dynamics, and what became of it.
//!
//! Never in here: what a change means for a row, or whether it may be made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Fields, Value};

/// A change as it was handed in.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChange {
    /// What makes handing it in twice the same change: a GUID that follows from who wants it and why.
    pub id: String,
    /// The stream whose table it is for.
    pub stream: String,
    /// What is to be done.
    pub operation: Operation,
    /// Which row.
    pub key: ChangeKey,
    /// What is wanted of the fields, by the app's names; empty for [`Operation::Delete`].
    pub fields: BTreeMap<String, Wanted>,
    /// The row's version that the app had before it, where it says so.
    pub base_version: Option<i64>,
    /// When it was made in the app; never later than `accepted_at`.
    pub changed_at: Timestamp,
    /// When it was handed in.
    pub accepted_at: Timestamp,
    /// Who wants it.
    pub origin: Origin,
    /// SHA-256 of what was handed in, in hex: the same id with another one is another change.
    pub digest: String,
}

/// A change in the changes table.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// As it was handed in.
    pub wanted: NewChange,
    /// The fields that it is about; stays when their values are dropped.
    pub names: BTreeSet<String>,
    /// Its place in the stream's order of acceptance, from 1.
    pub sequence: u64,
    /// The row's GUID, once it is known: from the key, from the copy, or from having been looked up or
    /// created.
    pub row: Option<String>,
    /// What the app saw of the fields that the change is about, when it was handed in; `None` if the copy
    /// had no such record.
    pub base: Option<Base>,
    /// How it stands.
    pub state: ChangeState,
    /// Why, in words for people; names fields, never values.
    pub reason: Option<String>,
    /// How often it was tried in vain since it last began to wait.
    pub attempts: u32,
    /// When its state or attempts last changed.
    pub updated_at: Timestamp,
    /// Fields whose wanted value did not prevail.
    pub lost: Vec<String>,
    /// What Dynamics had in fields where both sides had changed, before the change prevailed; or has, where
    /// it did not or a person has to decide.
    pub theirs: Fields,
    /// A person decided that the app's values prevail over whatever Dynamics has.
    pub force: bool,
}

impl Change {
    /// Bytes that its values take, with those that the app saw.
    pub(crate) fn size(&self) -> usize {
        let of = |fields: &Fields| fields.values().map(Value::size).sum::<usize>();
        let wanted = self.wanted.fields.values().map(|wanted| match wanted {
            Wanted::Value(value) => value.size(),
            Wanted::Row(key) => of(key),
        });
        let base = self.base.iter();
        let base = base.map(|base| of(&base.dynamics) + of(&base.shown));
        wanted.chain(base).sum::<usize>() + of(&self.theirs)
    }
}

/// What the app saw of some fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Base {
    /// The version of the row that the copy had.
    pub version: i64,
    /// What Dynamics had in them.
    pub dynamics: Fields,
    /// What the app was shown: with what was pending, and what hid the record.
    pub shown: Fields,
}

/// What is to be done with a row.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Change it, or create it where there is none.
    Upsert,
    /// Create it; one that is there is not touched.
    Create,
    /// Change it; never create it.
    Update,
    /// Delete it, in the way of the stream's `deletes.to_dynamics`.
    Delete,
}

/// How a change names its row.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKey {
    /// By its GUID, in lower case with hyphens.
    Id(String),
    /// By the fields of the stream's key.
    Fields(Fields),
}

/// What is wanted of a field.
#[derive(Clone, PartialEq)]
pub enum Wanted {
    /// This value.
    Value(Value),
    /// For a lookup: the row of the stream that reads the lookup's table which has this business key.
    Row(Fields),
}

impl Operation {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Upsert, Self::Create, Self::Update, Self::Delete];

    /// As it stands in the table and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upsert => "upsert",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Who wants a change.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// The app, with the key of this name.
    App {
        /// The name of the key.
        key: String,
    },
    /// A stream's expiry: the row, or one that it refers to, has passed its last valid day.
    Expiry {
        /// The stream with the expiry.
        by: String,
    },
    /// A stream's expiry that is no longer so.
    Renewal {
        /// The stream with the expiry.
        by: String,
    },
    /// The app owns the field, and Dynamics has another value.
    Assertion,
}

/// How a change stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// To be carried out by the next run.
    Waiting,
    /// Carried out; some of its fields may have lost, see [`Change::lost`].
    Applied,
    /// Nothing of it prevailed, or was needed any more.
    Superseded,
    /// A conflict that a person has to decide.
    Held,
    /// Dynamics or the stream file does not allow it.
    Refused,
    /// A person gave it up.
    Dropped,
    /// An expiry that was no longer true when it was to be carried out.
    Dissolved,
}

impl ChangeState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Applied,
        Self::Superseded,
        Self::Held,
        Self::Refused,
        Self::Dropped,
        Self::Dissolved,
    ];

    /// As it stands in the table, in addresses and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Applied => "applied",
            Self::Superseded => "superseded",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Dropped => "dropped",
            Self::Dissolved => "dissolved",
        }
    }

    /// Whether a person may still have to do with it: it keeps its values until then.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Held | Self::Refused)
    }
}

/// `Debug` shows no value: values are personal data.
impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Row(fields) => f.debug_tuple("Row").field(fields).finish(),
        }
    }
}
