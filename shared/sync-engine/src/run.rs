//! One invocation of a run: all its streams side by side, then the report.

use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use dynamics_client::{Counters, DynamicsClient, WhoAmI};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use streams::{Stream, StreamFile};
use sync_store::{Acquired, AsOf, Cursor, ErrorKind, Lease, Position, RunHeader, RunRecord, Store};
use thiserror::Error;

use crate::Failure;
use crate::apply::Tally;
use crate::keeper::Keeper;
use crate::plan::Plan;
use crate::pull::{Ended, Pull};
use crate::report::{RunReport, StreamReport, StreamStatus};
use crate::request::{RequestError, RunRequest};

/// Kept free before the deadline for saving and reporting.
const TIME_TO_REPORT: SignedDuration = SignedDuration::from_secs(3);

/// Rows per page: the most that Dataverse gives.
const PAGE_SIZE: u32 = 5_000;

/// Everything a run works with.
#[derive(Clone)]
pub struct Sync {
    /// Dynamics, or why it cannot be reached at all (its credentials cannot be read).
    pub dynamics: Result<DynamicsClient, String>,
    /// The tables.
    pub store: Store,
    /// What is synced.
    pub streams: StreamFile,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// How far a stream has come, told after each stored page.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The stream.
    pub stream: &'a str,
    /// Rows and deletes pulled so far in this invocation.
    pub rows: u64,
}

/// Why a run as a whole could not be carried out, or not be recorded.
#[derive(Debug, Error)]
pub enum RunError {
    /// What was asked for makes no sense.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Without the state table nothing can be done safely.
    #[error(transparent)]
    Store(#[from] sync_store::Error),
}

impl Sync {
    /// Carries out one invocation of the run `run_id` and answers what became of each stream. A
    /// stream that fails never stops another.
    ///
    /// `deadline` is when this process may be stopped; well before it the run saves and answers
    /// `continue`. `progress` is told of each stored page.
    ///
    /// # Errors
    /// When the request names an unknown stream, or the run can be neither begun nor recorded.
    pub async fn run(
        &self,
        run_id: &str,
        request: &RunRequest,
        deadline: Timestamp,
        progress: &(dyn Fn(Progress<'_>) + std::marker::Sync),
    ) -> Result<RunReport, RunError> {
        request.refuse_what_is_not_built()?;
        let streams = self.chosen(&request.streams)?;
        let header = self.store.begin_run(run_id, self.clock.now()).await?;
        let deadline = deadline
            .checked_sub(TIME_TO_REPORT)
            .unwrap_or(Timestamp::MIN);
        let preparing = Arc::new(Counters::default());
        let reports = match self.connected(deadline, &preparing).await {
            Ok((client, identity)) => {
                let one = |stream| Invocation {
                    sync: self,
                    run_id,
                    stream,
                    identity: &identity,
                    client: &client,
                    preparing: &preparing,
                    deadline,
                    progress,
                };
                join_all(streams.into_iter().map(|stream| one(stream).run())).await
            }
            Err(failure) => {
                join_all(
                    streams
                        .into_iter()
                        .map(|stream| self.not_begun(stream, &failure)),
                )
                .await
            }
        };
        let report = RunReport::new(run_id.to_owned(), preparing.snapshot().requests(), reports);
        self.record(header, &report).await?;
        Ok(report)
    }

    /// A client for this invocation, and who it is for Dynamics.
    async fn connected(
        &self,
        deadline: Timestamp,
        preparing: &Arc<Counters>,
    ) -> Result<(DynamicsClient, WhoAmI), Failure> {
        let client = match &self.dynamics {
            Ok(client) => client.until(deadline),
            Err(reason) => return Err(Failure::NoCredentials(reason.clone())),
        };
        let identity = client.counting(preparing.clone()).who_am_i().await?;
        Ok((client, identity))
    }

    fn chosen(&self, names: &[String]) -> Result<Vec<&Stream>, RequestError> {
        let has = |name: &&String| {
            self.streams
                .streams
                .iter()
                .any(|stream| &stream.name == *name)
        };
        let unknown: Vec<String> = names
            .iter()
            .filter(|name| !has(name))
            .map(|name| format!("`{name}`"))
            .collect();
        if !unknown.is_empty() {
            let known: Vec<String> = self
                .streams
                .streams
                .iter()
                .map(|stream| format!("`{}`", stream.name))
                .collect();
            return Err(RequestError::UnknownStreams {
                unknown: unknown.join(", "),
                known: known.join(", "),
            });
        }
        let wanted = |stream: &&Stream| names.is_empty() || names.contains(&stream.name);
        Ok(self.streams.streams.iter().filter(wanted).collect())
    }

    async fn not_begun(&self, stream: &Stream, failure: &Failure) -> StreamReport {
        StreamReport {
            name: stream.name.clone(),
            status: failure.status(),
            reason: Some(failure.to_string()),
            lag_seconds: self.lag(&stream.name, None).await,
            ..StreamReport::default()
        }
    }

    /// How old the copy is, in seconds.
    async fn lag(&self, stream: &str, up_to_date: Option<Timestamp>) -> Option<u64> {
        let as_of = match up_to_date {
            Some(as_of) => as_of,
            // A failed read leaves the age unknown; why it failed is in the stream's own reason.
            None => self.store.as_of(stream).await.ok().flatten()?.as_of,
        };
        Some(clock::elapsed(as_of, self.clock.now()).as_secs())
    }

    async fn record(&self, header: RunHeader, report: &RunReport) -> Result<(), RunError> {
        for stream in &report.streams {
            log_stream(&report.run_id, stream);
        }
        tracing::info!(
            run_id = report.run_id,
            status = report.status.name(),
            progress = report.progress,
            invocation = header.invocations,
            "run ended"
        );
        let ended_at = self.clock.now();
        let streams_hash = self.streams.hash.clone();
        let run = RunRecord {
            header,
            ended_at,
            streams_hash,
            report,
        };
        Ok(self.store.put_run(&run).await?)
    }
}

/// One stream in one invocation.
#[derive(Clone, Copy)]
struct Invocation<'a> {
    sync: &'a Sync,
    run_id: &'a str,
    stream: &'a Stream,
    identity: &'a WhoAmI,
    client: &'a DynamicsClient,
    preparing: &'a Arc<Counters>,
    deadline: Timestamp,
    progress: &'a (dyn Fn(Progress<'_>) + std::marker::Sync),
}

impl Invocation<'_> {
    async fn run(self) -> StreamReport {
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
        report.lag_seconds = self.sync.lag(&self.stream.name, as_of).await;
        report
    }

    /// `None`: another run holds the stream.
    async fn pull(
        self,
        report: &mut StreamReport,
        counters: &Arc<Counters>,
    ) -> Result<Option<Ended>, Failure> {
        let Self {
            sync,
            stream,
            run_id,
            ..
        } = self;
        let taken_at = sync.clock.now();
        let (lease, cursor) = match sync.store.acquire(&stream.name, run_id, taken_at).await? {
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
        let Self { sync, stream, .. } = self;
        let columns = Plan::columns(stream);
        let client = self.client.counting(self.preparing.clone());
        let table = client.table(&stream.table, &columns).await?;
        let plan = Plan::bind(stream, &table, &sync.streams.time_zone)?;
        let mut pull = Pull {
            client: self.client.counting(counters.clone()),
            store: &sync.store,
            plan: &plan,
            clock: &*sync.clock,
            deadline: self.deadline,
            progress: self.progress,
            keeper: Keeper::new(&sync.store, &*sync.clock, lease, taken_at),
            cursor: self.usable(cursor, &plan)?,
            tally: Tally::default(),
            pages: 0,
            slowest_page: Duration::ZERO,
        };
        let ended = pull.run().await;
        let Tally {
            pulled,
            stored,
            deleted,
            unchanged,
        } = pull.tally;
        report.pulled = pulled;
        report.stored = stored;
        report.deleted = deleted;
        report.unchanged = unchanged;
        report.pages = pull.pages;
        let generation = pull.cursor.generation;
        if let Ok(Ended::UpToDate(as_of)) = ended {
            let as_of = AsOf {
                as_of,
                run_id: self.run_id.to_owned(),
                generation,
            };
            sync.store.set_as_of(&stream.name, &as_of).await?;
        }
        ended
    }

    /// The cursor to go on from: the saved one, if it was made for what is read now.
    fn usable(self, saved: Option<Cursor>, plan: &Plan) -> Result<Cursor, Failure> {
        let organization = self.identity.organization_id.to_string();
        let Some(saved) = saved else {
            return Ok(Cursor {
                generation: 1,
                organization,
                fingerprint: plan.fingerprint.clone(),
                page_size: PAGE_SIZE,
                position: Position::Start,
            });
        };
        let foreign = |what| Failure::ForeignCursor {
            stream: self.stream.name.clone(),
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
        if let Err(error) = self.sync.store.release(lease).await {
            // It passes by itself; the stream's outcome stands.
            tracing::warn!(run_id = self.run_id, stream = self.stream.name, %error, "lease not given back");
        }
    }
}

fn log_stream(run_id: &str, stream: &StreamReport) {
    let status = stream.status.name();
    let reason = stream.reason.as_deref();
    let StreamReport {
        name,
        pulled,
        stored,
        deleted,
        unchanged,
        pages,
        requests,
        ..
    } = stream;
    let (throttled, lag_seconds) = (stream.throttled, stream.lag_seconds);
    if stream.status == StreamStatus::Failed {
        tracing::error!(
            run_id,
            stream = name,
            status,
            reason,
            pulled,
            stored,
            deleted,
            unchanged,
            pages,
            requests,
            throttled,
            lag_seconds,
            "stream failed"
        );
    } else {
        tracing::info!(
            run_id,
            stream = name,
            status,
            reason,
            pulled,
            stored,
            deleted,
            unchanged,
            pages,
            requests,
            throttled,
            lag_seconds,
            "stream ended"
        );
    }
}
