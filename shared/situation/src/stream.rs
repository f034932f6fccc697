//! How one stream stands.

use std::time::Duration;

use jiff::{Timestamp, civil};
use sync_engine::{StreamReport, StreamStatus};
use sync_store::Guarded;

use crate::Level;

/// How one stream stands.
#[derive(Clone, Debug, Default)]
pub struct StreamSituation {
    /// Its name in the stream file.
    pub name: String,
    /// The worst of its concerns; [`Level::Empty`] if no run had it yet.
    pub level: Level,
    /// Its table's logical name, by which links name rows in Dynamics; `None` until a run has looked it up.
    pub entity: Option<String>,
    /// Rows of Dynamics are read into the copy.
    pub pulls: bool,
    /// The copy holds everything that Dynamics had at this time; `None` before a first load has ended, and for a
    /// stream that only writes.
    pub as_of: Option<Timestamp>,
    /// How old that is.
    pub lag: Option<Duration>,
    /// When the last run ended that brought it up to date.
    pub last_success: Option<Timestamp>,
    /// What the newest run that had it said of it.
    pub last: Option<StreamReport>,
    /// When that invocation ended.
    pub last_ended: Option<Timestamp>,
    /// How many of the newest runs in a row failed with it.
    pub failures_in_a_row: u32,
    /// When the first of those ended.
    pub failing_since: Option<Timestamp>,
    /// A run holds it now, and until when at most.
    pub running_until: Option<Timestamp>,
    /// Changes that wait to be written to Dynamics.
    pub waiting: u64,
    /// Conflicts that wait for a person.
    pub held: u64,
    /// Changes that were refused.
    pub refused: u64,
    /// Rows that cannot be read.
    pub quarantined: u64,
    /// Records that differ from what was asserted, by the newest run.
    pub mismatches: u64,
    /// Changes of its table in Dynamics that may matter to it, by the newest run that looked for them; `None` if
    /// none of the latest has.
    pub schema_changes: Option<u64>,
    /// Which they are, as that run said it; in English.
    pub told_changes: Option<String>,
    /// What expires soon.
    pub expiring: Expiring,
    /// What the guard keeps from vanishing; and whether it was released for the next run.
    pub guarded: Option<(Guarded, bool)>,
    /// What it keeps from being written to Dynamics because it expired; and whether it was released.
    pub expiry_guarded: Option<(Guarded, bool)>,
    /// Something that is stored about it is damaged, or was written by a newer release; it is missing above.
    pub unreadable: bool,
}

impl StreamSituation {
    /// Whether the newest run that had it passed it over: Dynamics has no such table, so there is nothing to read.
    pub fn is_skipped(&self) -> bool {
        let last = self.last.as_ref();
        last.is_some_and(|last| last.status == StreamStatus::Skipped)
    }
}

/// What expires soon, by the newest run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Expiring {
    /// How many records.
    pub total: u64,
    /// Of them those that end first: record id and last valid day; a bounded number.
    pub soonest: Vec<(String, civil::Date)>,
}
