//! One invocation of a run: all its streams side by side, then the expiry of the copy, then the report.

use std::sync::Arc;

use clock::Clock;
use dynamics_client::{Counters, DynamicsClient, WhoAmI};
use futures::future::join_all;
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use streams::{Stream, StreamFile};
use sync_store::{Lease, RunHeader, RunRecord, Store};
use thiserror::Error;

use crate::invocation::Invocation;
use crate::report::{RunReport, StreamReport};
use crate::request::{RequestError, RunRequest};
use crate::{Failure, Progress};

/// Kept free before the deadline for saving and reporting.
const TIME_TO_REPORT: SignedDuration = SignedDuration::from_secs(3);

/// Kept free before that for the expiry of the copy, where a stream has one: what expired must vanish
/// also in a run that has more to read than time.
const TIME_TO_EXPIRE: SignedDuration = SignedDuration::from_secs(20);

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
        let header = self
            .store
            .begin_run(run_id, &self.streams.hash, self.clock.now())
            .await?;
        let notes = self.notes(&header).await?;
        let deadline = before(deadline, TIME_TO_REPORT);
        let preparing = Arc::new(Counters::default());
        let mut reports = self
            .pull(request, &streams, deadline, &preparing, progress)
            .await;
        self.expire(run_id, &streams, deadline, &mut reports).await;
        let requests = preparing.snapshot().requests();
        let report = RunReport::new(run_id.to_owned(), requests, notes, reports);
        self.record(header, &report).await?;
        Ok(report)
    }

    /// Pulls all streams, side by side.
    async fn pull(
        &self,
        request: &RunRequest,
        streams: &[&Stream],
        deadline: Timestamp,
        preparing: &Arc<Counters>,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Vec<StreamReport> {
        let has_expiry = self.streams.streams.iter().any(|one| one.expiry.is_some());
        let deadline = match has_expiry {
            true => before(deadline, TIME_TO_EXPIRE),
            false => deadline,
        };
        let (client, identity) = match self.connected(deadline, preparing).await {
            Ok(connected) => connected,
            Err(failure) => {
                let not_begun = streams
                    .iter()
                    .map(|stream| self.not_begun(stream, &failure));
                return join_all(not_begun).await;
            }
        };
        let one = |stream| Invocation {
            engine: self,
            run_id: &request.run_id,
            mode: request.mode,
            stream,
            identity: &identity,
            client: &client,
            preparing,
            deadline,
            progress,
        };
        let runs: Vec<_> = streams.iter().map(|stream| one(*stream).run()).collect();
        stream::iter(runs)
            .buffered(self.limits.streams)
            .collect()
            .await
    }

    /// What people may want to know about the run before it begins.
    async fn notes(&self, header: &RunHeader) -> Result<Vec<String>, RunError> {
        let mut notes = Vec::new();
        if header.streams_hash != self.streams.hash {
            notes.push(
                "the stream file changed since this run's first invocation; streams whose records it gives another meaning are read again in full".to_owned(),
            );
        }
        for name in self.store.known_streams().await? {
            if self.stream(&name).is_none() {
                notes.push(format!(
                    "the stream file has no stream `{name}` any more, so its records are kept and grow old; remove them with `dynamics-sync cursor forget {name}`, or put the stream back (a renamed stream is a new one)"
                ));
            }
        }
        for note in &notes {
            tracing::warn!(run_id = header.run_id, note, "worth knowing");
        }
        Ok(notes)
    }

    /// The stream of this name, if the stream file has one.
    pub(crate) fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams
            .streams
            .iter()
            .find(|stream| stream.name == name)
    }

    /// Gives a lease back. If that fails it passes by itself, and the stream's outcome stands.
    pub(crate) async fn give_back(&self, lease: Lease, run_id: &str) {
        let stream = lease.stream().to_owned();
        if let Err(error) = self.store.release(lease).await {
            tracing::warn!(run_id, stream, %error, "lease not given back");
        }
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
        let unknown: Vec<String> = names
            .iter()
            .filter(|name| self.stream(name).is_none())
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

/// So long before a deadline.
fn before(deadline: Timestamp, time: SignedDuration) -> Timestamp {
    deadline.checked_sub(time).unwrap_or(Timestamp::MIN)
}
