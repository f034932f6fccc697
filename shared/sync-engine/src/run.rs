//! One invocation of a run: its phases one after the other, then the report.

use std::sync::Arc;

use clock::Clock;
use dynamics_client::{Counters, DynamicsClient, WhoAmI};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use streams::{Stream, StreamFile};
use sync_store::{ErrorKind, Lease, RunHeader, RunRecord, Store};
use thiserror::Error;

use crate::phases::{Phases, Pulled};
use crate::report::{RunReport, StreamReport};
use crate::request::{RequestError, RunRequest};
use crate::{Failure, Progress};

/// Kept free before the deadline for saving and reporting.
const TIME_TO_REPORT: SignedDuration = SignedDuration::from_secs(3);

/// How often in a run is pushed. A row that is given back what its expiry took makes those valid that it
/// refers to, and these refer to no others.
const PUSHES: usize = 3;

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
        if request.dry_run {
            return self.dry_run(request, deadline, &|_| {}).await;
        }
        let run_id = request.run_id.as_str();
        let streams = self.chosen(&request.streams)?;
        let header = self
            .store
            .begin_run(run_id, &self.streams.hash, self.clock.now())
            .await?;
        let notes = self.notes(&header).await?;
        let deadline = before(deadline, TIME_TO_REPORT);
        let preparing = Arc::new(Counters::default());
        let connected = self.connected(deadline, &preparing).await;
        let phases = Phases {
            engine: self,
            request,
            streams: &streams,
            preparing: &preparing,
            progress,
        };
        let mut pulled = match &connected {
            Ok(connected) => phases.pull(connected, deadline).await,
            Err(failure) => {
                let not_begun = streams.iter().map(|stream| self.not_begun(stream, failure));
                Pulled::nothing(join_all(not_begun).await)
            }
        };
        for pushes in 0..=PUSHES {
            let reports = &mut pulled.reports;
            let wished = self.expire(run_id, &streams, deadline, reports).await;
            let Ok(connected) = &connected else { break };
            // What was written may make others valid, or expire them: last comes an expiry.
            if pushes == PUSHES || !phases.push(connected, deadline, &wished, &mut pulled).await {
                break;
            }
        }
        let reports = pulled.reports;
        let requests = preparing.snapshot().requests();
        let report = RunReport::new(run_id.to_owned(), requests, notes, reports);
        self.record(header, &report).await?;
        Ok(report)
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
            if self.streams.stream(&name).is_none() {
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

    /// Gives a lease back after what was done under it, unless that showed that it is no longer ours. If
    /// that fails it passes by itself, and the stream's outcome stands.
    pub(crate) async fn give_back<T>(
        &self,
        lease: Lease,
        run_id: &str,
        outcome: &Result<T, Failure>,
    ) {
        if let Err(Failure::Store(error)) = outcome
            && error.kind() == ErrorKind::LeaseLost
        {
            return;
        }
        let stream = lease.stream().to_owned();
        if let Err(error) = self.store.release(lease).await {
            tracing::warn!(run_id, stream, %error, "lease not given back");
        }
    }

    /// A client for this invocation, and who it is for Dynamics.
    pub(crate) async fn connected(
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

    pub(crate) fn chosen(&self, names: &[String]) -> Result<Vec<&Stream>, RequestError> {
        let unknown: Vec<String> = names
            .iter()
            .filter(|name| self.streams.stream(name).is_none())
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

    pub(crate) async fn not_begun(&self, stream: &Stream, failure: &Failure) -> StreamReport {
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

/// What is around every line of the log about a stream.
pub(crate) fn span_of(stream: &str) -> tracing::Span {
    tracing::info_span!("stream", stream)
}

/// So long before a deadline.
pub(crate) fn before(deadline: Timestamp, time: SignedDuration) -> Timestamp {
    deadline.checked_sub(time).unwrap_or(Timestamp::MIN)
}
