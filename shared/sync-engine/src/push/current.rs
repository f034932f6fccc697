//! A row as it is judged: what it says, and how much of that is this software's own doing.
//!
//! Never in here: what that means for a change.

use jiff::Timestamp;
use sync_store::{Fields, Value};

use crate::push::judge::same;

/// A row as Dynamics has it.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) fields: Fields,
    pub(crate) version: i64,
    /// When somebody else than this software last wrote it, as far as that is known.
    pub(crate) modified_on: Option<Timestamp>,
    /// This software wrote it last, as far as that is known.
    pub(crate) ours: bool,
    /// What this run has written of it.
    pub(crate) by_us: Option<ByUs>,
}

/// What a run has done to a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByUs {
    /// The values that it wrote.
    fields: Fields,
    /// The version that somebody else had given the row before; 0 if there was none.
    version: i64,
    /// When that was, as far as that is known.
    pub(crate) modified_on: Option<Timestamp>,
}

impl Current {
    /// The row once this software has given it these values.
    pub(crate) fn ours(fields: Fields, before: Option<&Self>) -> Self {
        let had = |name: &String| before.and_then(|before| before.fields.get(name));
        let written = fields
            .iter()
            .filter(|(name, value)| had(name) != Some(value));
        let written = written.map(|(name, value)| (name.clone(), value.clone()));
        let by_us = ByUs::of(before, written.collect());
        Self {
            fields,
            version: before.map_or(0, |before| before.version),
            modified_on: by_us.modified_on,
            ours: true,
            by_us: Some(by_us),
        }
    }

    /// The version that somebody else gave the row last; 0 if nobody has, as far as that is known.
    pub(crate) fn version_by_others(&self) -> i64 {
        match (&self.by_us, self.ours) {
            (_, false) => self.version,
            (Some(by_us), true) => by_us.version,
            (None, true) => 0,
        }
    }

    /// Whether this run gave the field the value that it has.
    pub(crate) fn says_what_we_wrote(&self, name: &str) -> bool {
        let wrote = self.by_us.as_ref().and_then(|by_us| by_us.fields.get(name));
        wrote.is_some_and(|wrote| same(wrote, self.fields.get(name).unwrap_or(&Value::Null)))
    }
}

impl ByUs {
    /// Once these values were written to the row as it was before.
    pub(crate) fn of(before: Option<&Current>, written: Fields) -> Self {
        let mut by_us = before
            .and_then(|before| before.by_us.clone())
            .unwrap_or_default();
        by_us.fields.extend(written);
        by_us.version = before.map_or(0, Current::version_by_others);
        by_us.modified_on = before.and_then(|before| before.modified_on);
        by_us
    }
}
