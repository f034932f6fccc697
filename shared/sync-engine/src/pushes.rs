//! The push of one stream in one invocation: lease, what waits, and a second read of changes, so that the
//! copy says what Dynamics made of it.
//!
//! A stream in which nothing waits costs one look into the changes table and nothing of Dynamics.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use dynamics_client::{Counters, KeyStatus, WriteOptions};
use streams::{FieldKind, Key};
use sync_store::ChangeState;

use crate::Failure;
use crate::expiries::Wished;
use crate::invocation::{Invocation, Taken};
use crate::keeper::Keeper;
use crate::plan::Plan;
use crate::pull::Ended;
use crate::push::{Judging, Push, Pushed, Writing};
use crate::report::StreamReport;
use crate::status::StreamStatus;

impl<'a> Invocation<'a> {
    /// Carries out what waits for the stream; answers whether anything was. `plans` are those of the streams
    /// that were pulled.
    pub(crate) async fn push(
        self,
        known: (&BTreeMap<String, Plan>, &Wished),
        report: &mut StreamReport,
    ) -> bool {
        let before = report.pushed;
        match self.push_noted(known, report).await {
            Ok(Some(true)) => {}
            Ok(Some(false)) => report.status = StreamStatus::Continue,
            Ok(None) if report.status == StreamStatus::Complete => {
                report.status = StreamStatus::Held;
            }
            Ok(None) => {}
            Err(failure) => report.fail_push(&failure),
        }
        report.pushed > before
    }

    /// `None`: another run holds the stream; `false`: there was no time for everything.
    async fn push_noted(
        self,
        known: (&BTreeMap<String, Plan>, &Wished),
        report: &mut StreamReport,
    ) -> Result<Option<bool>, Failure> {
        let (store, stream) = (&self.engine.store, &self.stream.name);
        if !store.is_waited_for(stream).await? {
            return Ok(Some(true));
        }
        let Some(taken) = self.take(report).await? else {
            return Ok(None);
        };
        let ended = self.push_leased(known, &taken, report).await;
        self.give_back(taken, ended).await.map(Some)
    }

    async fn push_leased(
        self,
        known: (&BTreeMap<String, Plan>, &Wished),
        taken: &Taken,
        report: &mut StreamReport,
    ) -> Result<bool, Failure> {
        let own;
        let plan = match known.0.get(&self.stream.name) {
            Some(plan) => plan,
            None => {
                own = self.watched_plan(&taken.lease, report).await?;
                &own
            }
        };
        let counters = Arc::new(Counters::default());
        let (pushed, ended) = self.push_planned(plan, known, taken, &counters).await?;
        pushed.tell(report);
        report.push_requests += counters.snapshot().requests();
        let in_time = ended?;
        if pushed.written == 0 || !self.stream.direction.pulls() {
            return Ok(in_time);
        }
        Ok(self.confirm(plan, taken, report).await? && in_time)
    }

    async fn push_planned(
        self,
        plan: &Plan,
        (plans, wished): (&BTreeMap<String, Plan>, &Wished),
        taken: &Taken,
        counters: &Arc<Counters>,
    ) -> Result<(Pushed, Result<bool, Failure>), Failure> {
        let engine = self.engine;
        let others = self.plans_of_lookups(plan, plans).await?;
        let generation = taken.cursor.as_ref().map_or(0, |cursor| cursor.generation);
        let judging = self.judging(plan, (plans, &others, wished), generation, counters);
        let keeper = Keeper::new(&engine.store, &*engine.clock, &taken.lease, taken.at);
        let mut push = Push {
            judging: judging.await?,
            keeper: &keeper,
            blocked: HashSet::new(),
            passing: 0,
            without_team: None,
            asked_for_team: false,
            outcomes: Vec::new(),
            tally: Pushed::default(),
        };
        let ended = push.run().await;
        if push.tally.waiting > 0 {
            // With those that were not tried.
            let waiting = (&self.stream.name, ChangeState::Waiting);
            push.tally.waiting = engine.store.count_changes(waiting.0, waiting.1).await?;
        }
        Ok((push.tally, ended))
    }

    /// What it takes to judge the stream's changes.
    pub(crate) async fn judging<'p>(
        self,
        plan: &'p Plan,
        (plans, others, wished): (&'p BTreeMap<String, Plan>, &'p Others, &'p Wished),
        generation: u64,
        counters: &Arc<Counters>,
    ) -> Result<Judging<'p>, Failure>
    where
        'a: 'p,
    {
        let (engine, stream) = (self.engine, self.stream);
        let mut options = WriteOptions::default();
        if stream.suppress_flows {
            options = options.suppress_flows();
        }
        let mut referred = HashMap::new();
        for (field, name) in &others.of_fields {
            let plan = plans.get(name).or_else(|| others.own.get(name));
            referred.extend(plan.map(|plan| (field.clone(), (plan, Writing::of_keys(plan)))));
        }
        Ok(Judging {
            invocation: self,
            client: self.client.counting(counters.clone()).writing(options),
            store: &engine.store,
            clock: &*engine.clock,
            plan,
            generation,
            writing: Writing::prepare(plan, &self.preparing_client()).await?,
            referred,
            key_is_enforced: self.key_is_enforced(plan).await?,
            wished,
            copy_is_fresh: true,
            written: HashMap::new(),
        })
    }

    /// Reads what changed since the pull: our own writes, with what Dynamics made of them.
    async fn confirm(
        self,
        plan: &Plan,
        taken: &Taken,
        report: &mut StreamReport,
    ) -> Result<bool, Failure> {
        let ended = self.read(plan, report, taken).await?;
        if let Ended::UpToDate(as_of) = ended {
            report.lag_seconds = self.engine.lag(&self.stream.name, Some(as_of)).await;
        }
        Ok(matches!(ended, Ended::UpToDate(_)))
    }

    /// The plans by whose keys lookups may name their rows: those that were made for the pulls, and those
    /// that are missing.
    pub(crate) async fn plans_of_lookups(
        self,
        plan: &Plan,
        plans: &BTreeMap<String, Plan>,
    ) -> Result<Others, Failure> {
        let mut others = Others::default();
        for field in &plan.stream.fields {
            let FieldKind::Lookup { table } = &field.kind else {
                continue;
            };
            let Some(stream) = self.engine.streams.keyed_by(table) else {
                continue;
            };
            let name = stream.name.clone();
            if !plans.contains_key(&name) && !others.own.contains_key(&name) {
                // A stream that does not fit its table fails by itself; its rows go by their GUIDs then.
                match self.plan(stream).await {
                    Ok(plan) => drop(others.own.insert(name.clone(), plan)),
                    Err(failure) if failure.is_lasting() => continue,
                    Err(failure) => return Err(failure),
                }
            }
            others.of_fields.insert(field.name.clone(), name);
        }
        Ok(others)
    }

    /// Whether Dynamics itself keeps the stream's key unique: by an active alternate key of just these
    /// columns. One request, if rows are created by key at all.
    async fn key_is_enforced(self, plan: &Plan) -> Result<bool, Failure> {
        let Key::Columns(columns) = &plan.stream.key else {
            return Ok(true);
        };
        let keys = self.preparing_client().alternate_keys(&plan.table).await?;
        Ok(keys.iter().any(|key| {
            key.status == KeyStatus::Active
                && key.columns.len() == columns.len()
                && columns.iter().all(|column| key.columns.contains(column))
        }))
    }
}

/// How the note begins that says what waits.
const WAITING: &str = "changes that could not be carried out and wait for the next run";

/// Whose keys name the rows of lookups.
#[derive(Default)]
pub(crate) struct Others {
    /// By lookup field, the stream.
    of_fields: BTreeMap<String, String>,
    /// Plans that no pull has made.
    own: BTreeMap<String, Plan>,
}

impl Pushed {
    /// Puts what was done into the report.
    fn tell(&self, report: &mut StreamReport) {
        report.pushed += self.applied;
        report.conflicts += self.conflicts;
        report.refused += self.refused;
        report.held += self.held;
        report.superseded += self.superseded;
        report.dissolved += self.dissolved;
        report.waiting = self.waiting;
        // The last push of the run says what still waits.
        report.notes.retain(|note| !note.starts_with(WAITING));
        if let Some(reason) = &self.waiting_reason {
            let waiting = self.waiting;
            let note = format!("{WAITING}: {waiting}. One of them: {reason}");
            report.notes.push(note);
        }
    }
}
