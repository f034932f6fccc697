//! One stream in one invocation of a run: lease, plan, pull, how fresh the copy is now, lease back.

use std::sync::Arc;
use std::time::Duration;

use dynamics_client::{Counters, DynamicsClient, WhoAmI};
use jiff::Timestamp;
use streams::Stream;
use sync_store::{Acquired, AsOf, Cursor, ErrorKind, Lease, Position};

use crate::apply::Tally;
use crate::keeper::Keeper;
use crate::plan::Plan;
use crate::pull::{Ended, Pull};
use crate::report::{StreamReport, StreamStatus};
use crate::{Engine, Failure, Progress};

/// Rows per page: the most that Dataverse gives.
const PAGE_SIZE: u32 = 5_000;

/// One stream in one invocation.
#[derive(Clone, Copy)]
pub(crate) struct Invocation<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) run_id: &'a str,
    pub(crate) stream: &'a Stream,
    pub(crate) identity: &'a WhoAmI,
    pub(crate) client: &'a DynamicsClient,
    pub(crate) preparing: &'a Arc<Counters>,
    pub(crate) deadline: Timestamp,
    pub(crate) progress: &'a (dyn Fn(Progress<'_>) + Sync),
}

impl Invocation<'_> {
    pub(crate) async fn run(self) -> StreamReport {
        let counters = Arc::new(Counters::default());
        let mut report = StreamReport {
            name: self.stream.name.clone(),
            ..Default::default()
        };
        let mut as_of = None;
        match self.pull(&mut report, &counters).await {
            Ok(Some(Ended::UpToDate(time))) => {
                report.status = StreamStatus::Complete;
                as_of = Some(time);
            }
            Ok(Some(Ended::OutOfTime)) => report.status = StreamStatus::Continue,
            Ok(None) => report.status = StreamStatus::Held,
            Err(failure) => {
                report.status = failure.status();
                report.reason = Some(failure.to_string());
            }
        }
        let counted = counters.snapshot();
        report.requests = counted.pages;
        report.throttled = counted.throttled;
        report.lag_seconds = self.engine.lag(&self.stream.name, as_of).await;
        report
    }

    /// `None`: another run holds the stream.
    async fn pull(
        self,
        report: &mut StreamReport,
        counters: &Arc<Counters>,
    ) -> Result<Option<Ended>, Failure> {
        let Self {
            engine,
            stream,
            run_id,
            ..
        } = self;
        let taken_at = engine.clock.now();
        let (lease, cursor) = match engine.store.acquire(&stream.name, run_id, taken_at).await? {
            Acquired::Granted(lease, cursor) => (lease, cursor),
            Acquired::Held { owner, until } => {
                report.reason = Some(format!("run `{owner}` holds the stream until {until:.0}"));
                return Ok(None);
            }
        };
        let ended = self
            .pull_leased(report, counters, &lease, cursor, taken_at)
            .await;
        match &ended {
            // The lease is no longer ours to give back.
            Err(Failure::Store(error)) if error.kind() == ErrorKind::LeaseLost => {}
            _ => self.release(lease).await,
        }
        ended.map(Some)
    }

    async fn pull_leased(
        self,
        report: &mut StreamReport,
        counters: &Arc<Counters>,
        lease: &Lease,
        cursor: Option<Cursor>,
        taken_at: Timestamp,
    ) -> Result<Ended, Failure> {
        let Self { engine, stream, .. } = self;
        let columns = Plan::columns(stream);
        let client = self.client.counting(self.preparing.clone());
        let table = client.table(&stream.table, &columns).await?;
        let plan = Plan::bind(stream, &table, &engine.streams.time_zone)?;
        let mut pull = Pull {
            client: self.client.counting(counters.clone()),
            store: &engine.store,
            plan: &plan,
            clock: &*engine.clock,
            deadline: self.deadline,
            progress: self.progress,
            keeper: Keeper::new(&engine.store, &*engine.clock, lease, taken_at),
            cursor: self.usable(cursor, &plan).await?,
            tally: Tally::default(),
            pages: 0,
            slowest_page: Duration::ZERO,
            writes_in_flight: engine.limits.writes,
        };
        let ended = pull.run().await;
        let Tally {
            pulled,
            stored,
            deleted,
            unchanged,
            excluded,
        } = pull.tally;
        report.pulled = pulled;
        report.stored = stored;
        report.deleted = deleted;
        report.unchanged = unchanged;
        report.excluded = excluded;
        report.pages = pull.pages;
        let generation = pull.cursor.generation;
        if let Ok(Ended::UpToDate(as_of)) = ended {
            // By Dynamics' clock, but never later than by ours.
            let now = engine.clock.now();
            let as_of = as_of.min(now);
            let as_of = AsOf {
                as_of,
                run_id: self.run_id.to_owned(),
                generation,
            };
            engine.store.set_as_of(&stream.name, &as_of, now).await?;
        }
        ended
    }

    /// The cursor to go on from: the saved one, if it was made for what is read now.
    async fn usable(self, saved: Option<Cursor>, plan: &Plan) -> Result<Cursor, Failure> {
        let organization = self.identity.organization_id.to_string();
        let stream = || self.stream.name.clone();
        let Some(saved) = saved else {
            if self
                .engine
                .store
                .generation(&self.stream.name)
                .await?
                .is_some()
            {
                return Err(Failure::LostCursor { stream: stream() });
            }
            return Ok(Cursor {
                generation: 1,
                organization,
                fingerprint: plan.fingerprint.clone(),
                page_size: PAGE_SIZE,
                position: Position::Start,
            });
        };
        let foreign = |what| Failure::ForeignCursor {
            stream: stream(),
            what,
        };
        if saved.organization != organization {
            return Err(foreign("the Dynamics environment"));
        }
        if saved.fingerprint != plan.fingerprint {
            return Err(foreign("the stream file or a column's type"));
        }
        Ok(saved)
    }

    async fn release(self, lease: Lease) {
        if let Err(error) = self.engine.store.release(lease).await {
            // It passes by itself; the stream's outcome stands.
            tracing::warn!(run_id = self.run_id, stream = self.stream.name, %error, "lease not given back");
        }
    }
}
