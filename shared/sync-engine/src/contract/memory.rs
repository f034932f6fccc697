//! What a stream's runs remember of its table, and what becomes of it when the table is looked at again.
//!
//! What is expected is what a run found that had nothing to object. It is given up for what is found now in
//! three cases: nothing that was changed matters; somebody has fitted the stream file to it; or it runs all the
//! same, and nobody has done anything about it for [`MEANT_AFTER_DAYS`]. What stops the stream is never taken as
//! meant.
//!
//! Never in here: the store, or a clock.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Contract;

/// So many days after the last change people have been told four times (at once, and after 1, 4 and 11 days),
/// and whatever runs by then is no accident.
pub(super) const MEANT_AFTER_DAYS: u64 = 14;

const HOUR: u64 = 60 * 60;
const MEANT_AFTER: Duration = Duration::from_secs(MEANT_AFTER_DAYS * 24 * HOUR);

/// What takes requests of its own is not asked for again within this time: once a night, also if the run is
/// early.
const ASKED_WITHIN: Duration = Duration::from_secs(20 * HOUR);

/// What a stream's runs remember of its table. It is stored.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Memory {
    /// The environment: the same table of another one is another table.
    organization: String,
    /// The entity set: what another one is like is no change of this one.
    table: String,
    /// What the stream file said that all this was found for.
    mapping: String,
    pub(super) expected: Contract,
    /// When a run last found it so, to within a day.
    pub(super) seen: Timestamp,
    /// What was found last, if that is not what is expected.
    found: Option<Found>,
    /// When everything was last asked for; `None` if that never succeeded.
    asked_at: Option<Timestamp>,
    /// By which run.
    asked_by: String,
    /// Every column that the table had then.
    pub(super) known: BTreeSet<String>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Found {
    contract: Contract,
    since: Timestamp,
}

/// Who looks at the table, and when.
pub(super) struct Looker<'a> {
    pub(super) run_id: &'a str,
    pub(super) organization: String,
    pub(super) table: &'a str,
    pub(super) mapping: String,
    pub(super) at: Timestamp,
    /// Whether everything was asked for.
    pub(super) asked: bool,
}

/// What people are told of changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// There are none that matter.
    AsExpected,
    /// There are, until somebody has done something about it.
    Changed,
    /// There were, and they are taken as meant from now on.
    TakenAsMeant,
}

impl Memory {
    /// What a stream begins with, to which nothing can be compared.
    pub(super) fn new(looker: Looker<'_>, now: Contract, known: BTreeSet<String>) -> Self {
        Self {
            organization: looker.organization,
            table: looker.table.to_owned(),
            mapping: looker.mapping,
            expected: now,
            seen: looker.at,
            found: None,
            asked_at: looker.asked.then_some(looker.at),
            asked_by: looker.run_id.to_owned(),
            known,
        }
    }

    /// Whether it is about the same table of the same environment.
    pub(super) fn is_of_table(&self, organization: &str, table: &str) -> bool {
        self.organization == organization && self.table == table
    }

    /// Whether it was found for what the stream file says now.
    pub(super) fn is_of_mapping(&self, looker: &Looker<'_>) -> bool {
        self.mapping == looker.mapping
    }

    /// What was found last.
    pub(super) fn latest(&self) -> &Contract {
        let found = self.found.as_ref();
        found.map_or(&self.expected, |found| &found.contract)
    }

    /// Whether it is time to ask for everything; `thorough`: the run reads more than what changed, and so
    /// looks at everything once.
    pub(super) fn is_due(&self, looker: &Looker<'_>, thorough: bool) -> bool {
        let recently = |at| clock::elapsed(at, looker.at) < ASKED_WITHIN;
        !self.asked_at.is_some_and(recently) || (thorough && self.asked_by != looker.run_id)
    }

    /// Takes in what was found; `changed`: something of it matters, `binds`: the stream runs all the same.
    pub(super) fn look(
        &mut self,
        looker: Looker<'_>,
        now: Contract,
        known: BTreeSet<String>,
        (changed, binds): (bool, bool),
    ) -> Verdict {
        if looker.asked {
            self.asked_at = Some(looker.at);
            looker.run_id.clone_into(&mut self.asked_by);
            self.known = known;
        }
        let verdict = if !changed {
            Verdict::AsExpected
        } else {
            let same = self.found.take().filter(|found| found.contract == now);
            let since = same.map_or(looker.at, |found| found.since);
            if !binds || clock::elapsed(since, looker.at) < MEANT_AFTER {
                self.found = Some(Found {
                    contract: now,
                    since,
                });
                return Verdict::Changed;
            }
            Verdict::TakenAsMeant
        };
        // A run that finds nothing new within the day has nothing to note.
        if self.found.take().is_some() || looker.asked || self.expected != now {
            self.seen = looker.at;
        }
        self.expected = now;
        verdict
    }
}

#[cfg(test)]
mod tests;
