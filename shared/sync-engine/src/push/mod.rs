//! The push of one stream: what waits to be made in Dynamics, per row in the order in which it was handed
//! in.
//!
//! It may be dropped at any await. A change that was written, and whose outcome could not be kept, still
//! waits; the next run finds that Dynamics says so already. What is created has an id that follows from
//! its change, so it is never created twice.
//!
//! Never in here: what a change means for a row (`judge`).

mod carry_out;
mod create;
mod current;
mod expiries;
mod folded;
mod judge;
mod lookup;
mod lookup_many;
mod owner_team;
mod rows;
mod settle;
mod states;
mod writing;

use std::collections::{HashMap, HashSet};

use clock::Clock;
use dynamics_client::DynamicsClient;
use jiff::Timestamp;
use sync_store::{Change, ChangeKey, Origin, Store};
use uuid::Uuid;

use crate::Failure;
use crate::expiries::Wished;
use crate::expiry::ExpiryRule;
use crate::invocation::Invocation;
use crate::keeper::Keeper;
use crate::plan::Plan;

pub(crate) use expiries::{given_back, is_valid_with, set_by};
pub(crate) use judge::same;
pub(crate) use writing::Writing;

pub(crate) use current::{ByUs, Current};
pub(crate) use judge::Verdict;
pub(crate) use rows::{Look, OUTSIDE, Subject, Unfit};

use expiries::{judge_expiry, judge_renewal};
use judge::judge;
use settle::Outcome;
use states::RowState;

/// Changes in memory at once.
pub(crate) const CHUNK: usize = 1_000;

/// No round is begun with less time than this.
const TIME_PER_ROUND: std::time::Duration = std::time::Duration::from_secs(10);

/// What it takes to judge the changes of one stream. It writes nothing, on either side.
pub(crate) struct Judging<'a> {
    pub(crate) invocation: Invocation<'a>,
    pub(crate) client: DynamicsClient,
    pub(crate) store: &'a Store,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) plan: &'a Plan,
    pub(crate) generation: u64,
    pub(crate) writing: Writing<'a>,
    /// For each lookup field the stream by whose key its rows may be named.
    pub(crate) referred: HashMap<String, (&'a Plan, Writing<'a>)>,
    /// Whether Dynamics itself keeps the stream's key unique.
    pub(crate) key_is_enforced: bool,
    /// What the expiries of this run want.
    pub(crate) wished: &'a Wished,
    /// Whether the copy says what Dynamics said when this began.
    pub(crate) copy_is_fresh: bool,
    /// Rows that this run has written, so that the copy is behind.
    pub(crate) written: HashMap<Uuid, ByUs>,
}

/// The push of one stream in one invocation.
pub(crate) struct Push<'a> {
    pub(crate) judging: Judging<'a>,
    pub(crate) keeper: &'a Keeper<'a>,
    /// Rows whose changes must wait: an earlier one of theirs does.
    pub(crate) blocked: HashSet<RowName>,
    /// How many changes Dynamics did not take, for reasons that will pass.
    pub(crate) passing: usize,
    /// Why no row can be created, once that was asked.
    pub(crate) without_team: Option<Failure>,
    pub(crate) asked_for_team: bool,
    /// What became of the changes of this round.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) tally: Pushed,
}

/// What a push came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pushed {
    /// Changes that were carried out.
    pub(crate) applied: u64,
    /// Rows written.
    pub(crate) written: u64,
    /// Changes where both sides had changed a field differently.
    pub(crate) conflicts: u64,
    pub(crate) refused: u64,
    pub(crate) held: u64,
    pub(crate) superseded: u64,
    pub(crate) dissolved: u64,
    /// Changes that could not be carried out and wait for the next run.
    pub(crate) waiting: u64,
    /// Why the first of them does.
    pub(crate) waiting_reason: Option<String>,
}

/// How a row is named by a change whose row is not known yet. Not to be shown: a key may be about a person.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(crate) enum RowName {
    Id(String),
    Key(String),
}

impl RowName {
    pub(crate) fn of(change: &Change) -> Self {
        match (&change.row, &change.wanted.key) {
            (Some(id), _) | (None, ChangeKey::Id(id)) => Self::Id(id.clone()),
            (None, ChangeKey::Fields(key)) => Self::Key(
                sync_store::business_key(&change.wanted.stream, key.values()).unwrap_or_default(),
            ),
        }
    }
}

impl Push<'_> {
    /// Carries out what waits; `false` when time runs out.
    pub(crate) async fn run(&mut self) -> Result<bool, Failure> {
        let in_time = self.rounds().await?;
        match self.without_team.take() {
            Some(failure) => Err(failure),
            None => Ok(in_time),
        }
    }

    async fn rounds(&mut self) -> Result<bool, Failure> {
        let mut after = None;
        loop {
            let stream = &self.judging.plan.stream.name;
            let store = self.judging.store;
            let waiting = store.waiting(stream, after, CHUNK).await?;
            for damaged in waiting.damaged {
                self.tally.waiting += 1;
                let why = damaged.to_string();
                self.tally.waiting_reason.get_or_insert(why);
            }
            for stray in &waiting.strays {
                store.remove_stray(stream, stray).await?;
            }
            let mut rest = waiting.changes;
            while !rest.is_empty() {
                if !self.has_time() {
                    return Ok(false);
                }
                let (round, mut later) = self.first_of_each_row(rest);
                let (size, passing) = (round.len(), self.passing);
                let ended = self.round(round).await;
                // What was done before it failed was done.
                self.keep_outcomes().await?;
                later.extend(ended?);
                later.sort_by_key(|change| change.sequence);
                if self.passing - passing == size {
                    // Dynamics takes nothing just now; the others would fare no better.
                    return Ok(true);
                }
                rest = later;
            }
            after = waiting.next;
            if after.is_none() {
                return Ok(true);
            }
        }
    }

    fn has_time(&self) -> bool {
        clock::after(self.judging.now(), TIME_PER_ROUND) < self.judging.invocation.deadline
    }

    /// The first change of each row, and the others in their order. Those of rows whose changes must wait
    /// are left out.
    fn first_of_each_row(&mut self, changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
        let (mut first, mut later) = (Vec::new(), Vec::new());
        let mut rows = HashSet::new();
        for change in changes {
            let row = RowName::of(&change);
            if self.blocked.contains(&row) {
                self.tally.waiting += 1;
            } else if rows.insert(row) {
                first.push(change);
            } else {
                later.push(change);
            }
        }
        (first, later)
    }

    /// Carries out one change a row. Answers those that turned out to be of a row that has one already.
    async fn round(&mut self, changes: Vec<Change>) -> Result<Vec<Change>, Failure> {
        let (mut ready, mut deferred) = (Vec::new(), Vec::new());
        let mut rows = HashSet::new();
        for (change, subject) in self.judging.subjects(changes, Look::WhereNeeded).await? {
            match subject {
                Ok(subject) if self.blocked.contains(&RowName::Id(subject.row.to_string())) => {
                    self.wait(&change, None, "");
                }
                // Named by its id and by its key in one round: the other one comes first.
                Ok(subject) if !rows.insert(subject.row) => deferred.push(change),
                Ok(subject) => ready.push(subject),
                Err(Unfit::Refused(why)) => self.refuse(&change, None, why),
                Err(Unfit::Later(why)) => self.wait(&change, None, &why),
            }
        }
        let again = self.carry_out(ready).await?;
        if again.is_empty() {
            return Ok(deferred);
        }
        // Somebody wrote these rows meanwhile: read once more, judged once more.
        let rows: Vec<Uuid> = again.iter().map(|subject| subject.row).collect();
        let states = self.judging.read_rows(&rows).await?;
        let mut ready = Vec::new();
        for mut subject in again {
            let stream = &self.judging.plan.stream;
            let state = states.get(&subject.row);
            match state.filter(|state| !state.is_deactivated_for(&subject.change, stream)) {
                Some(RowState::There(current)) => subject.current = Some(current.clone()),
                Some(RowState::Unreadable(why)) => {
                    self.wait(&subject.change, Some(subject.row), why);
                    continue;
                }
                Some(RowState::Outside { .. }) => {
                    let row = Some(subject.row);
                    self.refuse(&subject.change, row, OUTSIDE.to_owned());
                    continue;
                }
                None => {
                    subject.current = None;
                    subject.known = true;
                }
            }
            ready.push(subject);
        }
        for subject in self.carry_out(ready).await? {
            let why = "the row was changed in Dynamics each time it was to be written";
            self.wait(&subject.change, Some(subject.row), why);
        }
        Ok(deferred)
    }
}

impl Judging<'_> {
    /// What is to become of a change.
    pub(crate) fn verdict(&self, subject: &Subject) -> Verdict {
        let (stream, file) = (&self.plan.stream, &self.invocation.engine.streams);
        let own = stream.name.as_str();
        match &subject.change.wanted.origin {
            Origin::Expiry { by } => judge_expiry(subject, (by, own), self.rule()),
            Origin::Renewal { by } => {
                judge_renewal(subject, (by, own), self.rule(), (file, self.wished))
            }
            Origin::App { .. } | Origin::Assertion => {
                let row = (subject.current.as_ref(), subject.known, subject.own);
                match judge(stream, &subject.change, &subject.wanted, row) {
                    // A new row says its own key; one that was found by it says it in its own way.
                    Verdict::Create(mut fields) => {
                        fields.extend(subject.key.clone());
                        Verdict::Create(fields)
                    }
                    verdict => verdict,
                }
            }
        }
    }

    /// Whether the copy may be behind the row.
    pub(crate) fn is_stale(&self, row: Uuid) -> bool {
        !self.copy_is_fresh || self.written.contains_key(&row)
    }

    /// The stream's expiry, now.
    pub(crate) fn rule(&self) -> ExpiryRule<'_> {
        let time_zone = &self.invocation.engine.streams.time_zone;
        ExpiryRule::of(&self.plan.stream, time_zone, self.now())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
