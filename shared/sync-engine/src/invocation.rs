//! One stream in one invocation of a run: lease, plan, pull, how fresh the copy is now, lease back.

use std::sync::Arc;
use std::time::Duration;

use dynamics_client::{Counters, DynamicsClient, WhoAmI};
use jiff::Timestamp;
use streams::Stream;
use sync_store::{Acquired, AsOf, Cursor, CursorKind, Guard, Guarded, Lease, Position};

use crate::apply::Tally;
use crate::keeper::Keeper;
use crate::plan::Plan;
use crate::pull::{Ended, Pull};
use crate::recovery::PAGE_SIZE_MAX;
use crate::report::StreamReport;
use crate::request::Mode;
use crate::status::StreamStatus;
use crate::{Engine, Failure, Progress, nearest_names};

/// One stream in one invocation.
#[derive(Clone, Copy)]
pub(crate) struct Invocation<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) run_id: &'a str,
    pub(crate) mode: Mode,
    pub(crate) stream: &'a Stream,
    pub(crate) identity: &'a WhoAmI,
    pub(crate) client: &'a DynamicsClient,
    pub(crate) preparing: &'a Arc<Counters>,
    pub(crate) deadline: Timestamp,
    pub(crate) progress: &'a (dyn Fn(Progress<'_>) + Sync),
}

/// What a run has of a stream once it may write it.
pub(crate) struct Taken {
    pub(crate) lease: Lease,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) released: Option<u64>,
    pub(crate) at: Timestamp,
}

impl<'a> Invocation<'a> {
    /// Pulls the stream. Answers its plan too, if it is up to date.
    pub(crate) async fn pull(self) -> (StreamReport, Option<Plan>) {
        let mut report = StreamReport {
            name: self.stream.name.clone(),
            ..Default::default()
        };
        let (mut as_of, mut plan) = (None, None);
        match self.pull_taken(&mut report).await {
            Ok(Some((bound, Ended::UpToDate(time)))) => {
                report.status = StreamStatus::Complete;
                as_of = Some(time);
                plan = Some(bound);
            }
            Ok(Some((_, Ended::OutOfTime))) => report.status = StreamStatus::Continue,
            Ok(None) => report.status = StreamStatus::Held,
            Err(failure) => {
                report.status = failure.status();
                report.reason = Some(nearest_names::told(self, failure).await);
            }
        }
        report.lag_seconds = self.engine.lag(&self.stream.name, as_of).await;
        (report, plan)
    }

    /// A client whose requests are counted apart from those of the pull.
    pub(crate) fn preparing_client(self) -> DynamicsClient {
        self.client.counting(self.preparing.clone())
    }

    /// `None`: another run holds the stream.
    async fn pull_taken(self, report: &mut StreamReport) -> Result<Option<(Plan, Ended)>, Failure> {
        let Some(taken) = self.take(report).await? else {
            return Ok(None);
        };
        let ended = match self.pull_leased(report, &taken).await {
            Err(failure) => Err(self.meaning(failure, report).await),
            ended => ended,
        };
        self.give_back(taken, ended).await.map(Some)
    }

    /// Takes the stream's lease; `None` if another run holds it.
    pub(crate) async fn take(self, report: &mut StreamReport) -> Result<Option<Taken>, Failure> {
        let at = self.engine.clock.now();
        let (store, stream) = (&self.engine.store, &self.stream.name);
        match store.acquire(stream, self.run_id, at).await? {
            Acquired::Granted {
                lease,
                cursor,
                released,
                ..
            } => Ok(Some(Taken {
                lease,
                cursor,
                released,
                at,
            })),
            Acquired::Held { owner, until } => {
                report.reason = Some(format!("run `{owner}` holds the stream until {until:.0}"));
                Ok(None)
            }
        }
    }

    /// Gives the stream back after what was done with it.
    pub(crate) async fn give_back<T>(
        self,
        taken: Taken,
        ended: Result<T, Failure>,
    ) -> Result<T, Failure> {
        let noted = match &ended {
            Err(failure) => self.note_guarded(&taken.lease, failure).await,
            Ok(_) => Ok(()),
        };
        self.engine
            .give_back(taken.lease, self.run_id, &ended)
            .await;
        noted?;
        ended
    }

    /// Keeps why the guard stopped the stream, until a person releases it or it is no longer so.
    async fn note_guarded(self, lease: &Lease, failure: &Failure) -> Result<(), Failure> {
        let Failure::Guarded { vanishing, of, .. } = failure else {
            return Ok(());
        };
        let guarded = Guarded {
            vanishing: *vanishing,
            of: *of,
            run_id: self.run_id.to_owned(),
            since: self.engine.clock.now(),
        };
        Ok(self
            .engine
            .store
            .trip_guard(lease, Guard::Vanishing, &guarded)
            .await?)
    }

    async fn pull_leased(
        self,
        report: &mut StreamReport,
        taken: &Taken,
    ) -> Result<(Plan, Ended), Failure> {
        let plan = self.watched_plan(&taken.lease, report).await?;
        let ended = self.read(&plan, report, taken).await;
        match self.note_quarantine(report).await {
            Err(failure) if ended.is_ok() => Err(failure),
            _ => ended.map(|ended| (plan, ended)),
        }
    }

    /// How `stream` reads its table. One request for the table's definition, or two.
    pub(crate) async fn plan(self, stream: &Stream) -> Result<Plan, Failure> {
        let columns = Plan::columns(stream);
        let client = self.preparing_client();
        let table = client.table(&stream.table, &columns).await?;
        Plan::bind(stream, &table, &self.engine.streams)
    }

    /// Reads what changed into the copy, and says how fresh it is then.
    pub(crate) async fn read(
        self,
        plan: &Plan,
        report: &mut StreamReport,
        taken: &Taken,
    ) -> Result<Ended, Failure> {
        let (engine, stream) = (self.engine, self.stream);
        report.entity = Some(plan.table.logical_name.clone());
        let counters = Arc::new(Counters::default());
        let mut pull = self.new_pull(plan, &counters, taken);
        let ended = match pull.resume(taken.cursor.clone()).await {
            Ok(()) => pull.run().await,
            Err(failure) => Err(failure),
        };
        pull.tell(report);
        let counted = counters.snapshot();
        report.requests += counted.pages;
        report.throttled += counted.throttled;
        if let Ok(Ended::UpToDate(as_of)) = ended {
            // By Dynamics' clock, but never later than by ours.
            let now = engine.clock.now();
            let as_of = AsOf {
                as_of: as_of.min(now),
                run_id: self.run_id.to_owned(),
                generation: pull.cursor.generation,
            };
            engine.store.set_as_of(&stream.name, &as_of, now).await?;
        }
        ended
    }

    /// How many rows cannot be read, and one of them for an example.
    async fn note_quarantine(self, report: &mut StreamReport) -> Result<(), Failure> {
        let (store, stream) = (&self.engine.store, &self.stream.name);
        report.quarantined = store.count_quarantined(stream).await?;
        if report.quarantined == 0 {
            return Ok(());
        }
        if let Some(row) = store.quarantined(stream, 1).await?.first() {
            report.notes.push(format!(
                "rows that cannot be read, and are asked for again in every run: {}. One is row {}: {}. Correct the row in Dynamics, the stream file's mapping, or the record in the copy",
                report.quarantined, row.id, row.reason
            ));
        }
        Ok(())
    }

    fn new_pull<'p>(self, plan: &'p Plan, counters: &Arc<Counters>, taken: &'p Taken) -> Pull<'p>
    where
        'a: 'p,
    {
        let engine = self.engine;
        Pull {
            invocation: self,
            run_id: self.run_id,
            client: self.client.counting(counters.clone()),
            store: &engine.store,
            plan,
            clock: &*engine.clock,
            begun_at: taken.at,
            keeper: Keeper::new(&engine.store, &*engine.clock, &taken.lease, taken.at),
            released: taken.released,
            cursor: before_everything(),
            tally: Tally::default(),
            moves: 0,
            repaired: 0,
            asserted: 0,
            mismatched: Vec::new(),
            generations: 0,
            notes: Vec::new(),
            newest: None,
            witness_missing: false,
            floor: None,
            fresh: None,
            slowest_page: Duration::ZERO,
        }
    }
}

/// What the first generation follows.
pub(crate) fn before_everything() -> Cursor {
    Cursor {
        generation: 0,
        organization: String::new(),
        fingerprint: String::new(),
        kind: CursorKind::ChangeTracking,
        page_size: PAGE_SIZE_MAX,
        full_by: None,
        swept: true,
        walk: None,
        witness: None,
        vanished: 0,
        live: None,
        position: Position::Start,
    }
}

impl Pull<'_> {
    /// Puts what was done into the report.
    fn tell(&mut self, report: &mut StreamReport) {
        let Tally {
            pulled,
            stored,
            returned,
            deleted,
            unchanged,
            excluded,
        } = self.tally;
        report.pulled += pulled;
        report.stored += stored;
        report.returned += returned;
        report.asserted += self.asserted;
        report.mismatched.extend(self.mismatched.drain(..));
        report.deleted += deleted;
        report.unchanged += unchanged;
        report.excluded += excluded;
        report.repaired += self.repaired;
        report.pages += self.moves;
        report.notes.append(&mut self.notes);
    }
}
