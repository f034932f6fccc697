//! One invocation of a run: all its streams side by side, then the report.

use std::sync::Arc;

use clock::Clock;
use dynamics_client::{Counters, DynamicsClient, WhoAmI};
use futures::future::join_all;
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use streams::{Stream, StreamFile};
use sync_store::{RunHeader, RunRecord, Store};
use thiserror::Error;

use crate::invocation::Invocation;
use crate::report::{RunReport, StreamReport};
use crate::request::{RequestError, RunRequest};
use crate::{Failure, Progress};

/// Kept free before the deadline for saving and reporting.
const TIME_TO_REPORT: SignedDuration = SignedDuration::from_secs(3);

/// Everything a run works with.
#[derive(Clone)]
pub struct Engine {
    /// Dynamics, or why it cannot be reached at all (its credentials cannot be read).
    pub dynamics: Result<DynamicsClient, String>,
    /// The tables.
    pub store: Store,
    /// What is synced.
    pub streams: StreamFile,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How much goes on side by side.
    pub limits: Limits,
}

/// How much goes on side by side: it bounds memory and what DynamoDB is asked at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Streams, each with up to two pages in memory.
    pub streams: usize,
    /// Records of a stream that are being written. A partition takes 1,000 writes a second and a stream
    /// has 16; 64 writes of 3 to 5 milliseconds stay below that.
    pub writes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            streams: 4,
            writes: 64,
        }
    }
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

impl Engine {
    /// Carries out one invocation of a run and answers what became of each stream. A
    /// stream that fails never stops another.
    ///
    /// `deadline` is when this process may be stopped; well before it the run saves and answers
    /// `continue`. `progress` is told of each stored page.
    ///
    /// # Errors
    /// When the request names an unknown stream, or the run can be neither begun nor recorded.
    pub async fn run(
        &self,
        request: &RunRequest,
        deadline: Timestamp,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<RunReport, RunError> {
        request.refuse_what_is_not_built()?;
        let run_id = request.run_id.as_str();
        let streams = self.chosen(&request.streams)?;
        let header = self.store.begin_run(run_id, self.clock.now()).await?;
        let deadline = deadline
            .checked_sub(TIME_TO_REPORT)
            .unwrap_or(Timestamp::MIN);
        let preparing = Arc::new(Counters::default());
        let reports = match self.connected(deadline, &preparing).await {
            Ok((client, identity)) => {
                let one = |stream| Invocation {
                    engine: self,
                    run_id,
                    stream,
                    identity: &identity,
                    client: &client,
                    preparing: &preparing,
                    deadline,
                    progress,
                };
                let runs: Vec<_> = streams
                    .into_iter()
                    .map(|stream| one(stream).run())
                    .collect();
                stream::iter(runs)
                    .buffered(self.limits.streams)
                    .collect()
                    .await
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
    pub(crate) async fn lag(&self, stream: &str, up_to_date: Option<Timestamp>) -> Option<u64> {
        let as_of = match up_to_date {
            Some(as_of) => as_of,
            // A failed read leaves the age unknown; why it failed is in the stream's own reason.
            None => self.store.as_of(stream).await.ok().flatten()?.as_of,
        };
        Some(clock::elapsed(as_of, self.clock.now()).as_secs())
    }

    async fn record(&self, header: RunHeader, report: &RunReport) -> Result<(), RunError> {
        report.log_streams();
        tracing::info!(
            run_id = report.run_id,
            status = report.status.name(),
            progress = report.progress,
            invocation = header.invocation,
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
