//! Opens an export: everything that can be refused is refused here, and when it is done, whoever has the rows
//! has answered: Dynamics and the table of changes with the first of them, the copy with how old it is. Only
//! then is the first byte handed out, so that until then the copy can take Dynamics' place.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use dynamics_client::ErrorKind;
use futures::StreamExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use streams::{DELIMITERS, Stream};
use sync_engine::{Failure, Live};
use sync_store::{ChangeState, ExportOutcome, ExportRecord, ExportSource, Store};
use uuid::Uuid;
use web::{Problem, ProblemKind, one_of};

use crate::recording::Recording;
use crate::request::{chosen, wrong_delimiter};
use crate::source::{Rows, some_changes};
use crate::writing::{self, Form, time_is_up};
use crate::{Exports, Of, Packing, Running, Source, Wanted, columns};

/// Where the copy can stand in for it, Dynamics gets so long, from its secret to the first page: API Gateway
/// gives up after 29 seconds.
const FIRST_PAGE: Duration = Duration::from_secs(20);
/// So long before the deadline a file that is not whole is ended.
const LAST_LINE: Duration = Duration::from_secs(5);

/// An export whose first rows are there.
pub struct Opened {
    rows: Rows,
    delimiter: char,
    zone: TimeZone,
    stop_at: Timestamp,
    store: Store,
    clock: Arc<dyn Clock>,
    key: String,
    /// The stream.
    pub stream: String,
    /// Where the rows come from.
    pub source: ExportSource,
    /// As of when the rows are: by Dynamics' clock where it says so.
    pub as_of: Timestamp,
    /// The kind of failure for which the copy stands in for Dynamics.
    pub fallback: Option<&'static str>,
}

/// Why there is no export.
#[derive(Debug)]
pub enum Refused {
    /// It cannot be made as it was asked for.
    Problem(Problem),
    /// Dynamics does not answer, or not usably.
    Down {
        /// What kind of failure it is: a stable word.
        kind: &'static str,
        /// What happened and what to do, for those who run the sync.
        reason: String,
    },
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Exports {
    /// Opens an export for the holder of the key of this name, to be ended before `deadline`.
    ///
    /// # Errors
    /// See [`Refused`]; only where the copy may not stand in for Dynamics, that Dynamics is down.
    pub async fn open(
        &self,
        key: &str,
        wanted: &Wanted,
        deadline: Timestamp,
    ) -> Result<Opened, Refused> {
        let stream = self.streams.stream(&wanted.stream).ok_or_else(|| {
            let names = self.streams.streams.iter().map(|one| one.name.as_str());
            let detail = format!("there is no such stream; expected {}", one_of(names));
            Problem::new(ProblemKind::NotFound, detail)
        })?;
        let delimiter = wanted.delimiter.unwrap_or(self.streams.csv.delimiter);
        if !DELIMITERS.contains(&delimiter) {
            return Err(wrong_delimiter().into());
        }
        let now = self.clock.now();
        let stop_at = if deadline == Timestamp::MAX {
            deadline
        } else {
            deadline.checked_sub(LAST_LINE).unwrap_or(now)
        };
        let opened = |rows, source, as_of| Opened {
            rows,
            delimiter,
            zone: self.streams.time_zone.clone(),
            stop_at,
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
            key: key.to_owned(),
            stream: stream.name.clone(),
            source,
            as_of,
            fallback: None,
        };
        let (source, since, fields) = match &wanted.of {
            Of::Changes { states } => {
                let rows = self.open_changes(stream, states).await?;
                return Ok(opened(rows, ExportSource::Changes, now));
            }
            Of::Rows {
                source,
                since,
                fields,
            } => (*source, *since, chosen(stream, fields)?),
        };
        let down = match source {
            Source::Copy => None,
            Source::Dynamics | Source::DynamicsOrCopy => {
                let fallback = source == Source::DynamicsOrCopy;
                let live = self.open_live(stream, since, &fields, fallback, stop_at);
                match live.await {
                    Ok((rows, as_of)) => return Ok(opened(rows, ExportSource::Dynamics, as_of)),
                    Err(Refused::Down { kind, reason }) if fallback => {
                        tracing::warn!(stream = %stream.name, reason, "an export is of the copy, because Dynamics cannot be read");
                        Some(kind)
                    }
                    Err(refused) => return Err(refused),
                }
            }
        };
        let (rows, as_of) = self.open_copy(stream, since, &fields, down).await?;
        Ok(Opened {
            fallback: down,
            ..opened(rows, ExportSource::Copy, as_of)
        })
    }

    async fn open_live(
        &self,
        stream: &Stream,
        since: Option<Timestamp>,
        fields: &[usize],
        fallback: bool,
        stop_at: Timestamp,
    ) -> Result<(Rows, Timestamp), Refused> {
        let now = self.clock.now();
        let until = if fallback {
            clock::after(now, FIRST_PAGE).min(stop_at)
        } else {
            stop_at
        };
        let client = tokio::select! {
            biased;
            client = self.dynamics.client() => client,
            () = time_is_up(&*self.clock, until) => {
                Err("what opens Dynamics could not be read in time".to_owned())
            }
        };
        let client = client.map_err(|reason| Refused::Down {
            kind: "credentials",
            reason,
        })?;
        let client = client.until(stop_at);
        let opened = async {
            let first = client.until(until);
            let live = Live::open(client.clone(), &first, stream, &self.streams, since).await?;
            let (first, rest) = live.pages(until).await?;
            Ok::<_, Failure>((live, first, rest.boxed()))
        };
        let opened = opened.await;
        let rejected = |failure: &Failure| matches!(failure, Failure::Dynamics(error) if error.kind() == ErrorKind::Credentials);
        let doubtful = opened.as_ref().is_err_and(rejected);
        self.dynamics.ended(doubtful).await;
        let (live, first, rest) = opened.map_err(|failure| self.judge(stream, &failure))?;
        let as_of = first
            .served_at()
            .map_or(now, |served| served.min(self.clock.now()));
        let rows = Rows::Live {
            columns: columns::live(stream, fields, &live),
            live: Box::new(live),
            first,
            rest,
        };
        Ok((rows, as_of))
    }

    /// Whether Dynamics is down, or says that it will not do this.
    fn judge(&self, stream: &Stream, failure: &Failure) -> Refused {
        let reason = failure.to_string();
        let kind = match failure {
            Failure::Dynamics(error) => match error.kind() {
                ErrorKind::Forbidden | ErrorKind::NotFound => None,
                ErrorKind::Credentials => Some("credentials"),
                ErrorKind::Throttled => Some("throttled"),
                ErrorKind::TooLarge | ErrorKind::TooSlow => Some("too-slow"),
                // The wait until it may answer is longer than the wait for the first page.
                ErrorKind::Unavailable | ErrorKind::Deadline => Some("unavailable"),
                _ => Some("protocol"),
            },
            Failure::Mapping { .. } => None,
            _ => Some("protocol"),
        };
        if let Some(kind) = kind {
            return Refused::Down { kind, reason };
        }
        tracing::warn!(stream = %stream.name, reason, "an export was refused");
        let names = self.streams.streams.iter().map(|one| one.name.as_str());
        let why = match failure {
            // It names columns and what is wrong with them, and no value.
            Failure::Mapping { problems, .. } => problems.join("; "),
            _ => "the application user may not read it, or there is no such table".to_owned(),
        };
        let detail = format!(
            "table `{}` of stream `{}`: {why}. The streams are {}; the copy may be exported with source=copy",
            stream.table,
            stream.name,
            one_of(names)
        );
        Problem::new(ProblemKind::UnreadableTable, detail).into()
    }

    async fn open_changes(&self, stream: &Stream, states: &[ChangeState]) -> Result<Rows, Problem> {
        let first = match states.first() {
            None => Vec::new(),
            Some(state) => some_changes(&self.store, stream, *state, None)
                .await
                .map_err(|error| Problem::of_store(&error, "ask again"))?,
        };
        Ok(Rows::Changes {
            store: self.store.clone(),
            stream: Box::new(stream.clone()),
            states: states.to_vec(),
            first,
        })
    }

    async fn open_copy(
        &self,
        stream: &Stream,
        since: Option<Timestamp>,
        fields: &[usize],
        down: Option<&'static str>,
    ) -> Result<(Rows, Timestamp), Problem> {
        let none = |why: String| match down {
            None => Problem::new(ProblemKind::NoCopy, why),
            Some(_) => {
                let detail = format!("Dynamics does not answer, and there is no copy: {why}");
                Problem::new(ProblemKind::Unavailable, detail)
            }
        };
        let name = &stream.name;
        if !stream.direction.pulls() {
            return Err(none(format!(
                "stream `{name}` only writes to Dynamics (direction = \"push\"), so there is no copy to export; its changes are in changes.csv"
            )));
        }
        let as_of = self.store.as_of(name).await;
        let as_of = as_of.map_err(|error| Problem::of_store(&error, "ask again"))?;
        let as_of = as_of.ok_or_else(|| {
            none(format!(
                "stream `{name}` has not been loaded yet; the first run does that"
            ))
        })?;
        let rows = Rows::Copy {
            store: self.store.clone(),
            stream: name.clone(),
            since,
            columns: columns::of_copy(stream, fields),
        };
        Ok((rows, as_of.as_of))
    }
}

impl Opened {
    /// Writes it from here on, and records it.
    ///
    /// # Errors
    /// If not even its first line can be written.
    pub fn start(self, packing: Packing) -> io::Result<Running> {
        let began = self.clock.now();
        let record = ExportRecord {
            id: self.record_id(began),
            key: self.key,
            stream: self.stream,
            source: self.source,
            fallback: self.fallback.is_some(),
            began,
            ended: None,
            outcome: ExportOutcome::Underway,
            rows: 0,
            bytes: 0,
            sha256: None,
        };
        let form = Form {
            delimiter: self.delimiter,
            packing,
            zone: self.zone,
            stop_at: self.stop_at,
        };
        let recording = Recording::begin(self.store, record);
        writing::start(self.rows, form, recording, self.clock)
    }

    /// One key does not ask twice for the same within a nanosecond.
    fn record_id(&self, began: Timestamp) -> String {
        let (key, stream, source) = (&self.key, &self.stream, self.source.name());
        let what = format!("{began}\n{key}\n{stream}\n{source}");
        Uuid::new_v5(&Uuid::NAMESPACE_OID, what.as_bytes()).to_string()
    }
}
