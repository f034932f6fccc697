//! Writes an export, piece by piece, as fast as they are taken; and says at its end whether that is all.
//!
//! A file that breaks off ends in the line `#INCOMPLETE`, and then its pieces end with an error, so that
//! whoever hands them on can break off too.

use std::future::{pending, poll_fn};
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use clock::Clock;
use csv_export::CsvWriter;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sync_store::{ExportOutcome, ExportRecord};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::Packing;
use crate::cells::Written;
use crate::recording::Recording;
use crate::sink::Sink;
use crate::source::Rows;

/// Pieces that wait to be taken.
const WAITING: usize = 2;
/// So long the last line of a file that broke off waits to be taken before the end is recorded: whoever
/// takes too slowly may be why time is up.
const TAKEN_WITHIN: Duration = Duration::from_secs(1);

/// The file is not whole: it broke off after its first byte.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the export broke off: {reason}")]
pub struct Incomplete {
    /// What happened, and what to do, for those who run the sync; never a value.
    pub reason: String,
}

/// An export that is being written.
#[derive(Debug)]
pub struct Running {
    pieces: mpsc::Receiver<Result<Bytes, Incomplete>>,
    stop: Option<oneshot::Sender<()>>,
    /// Until all pieces are taken.
    writing: Option<JoinHandle<ExportRecord>>,
    /// From then on.
    record: Option<ExportRecord>,
}

/// Why it breaks off.
#[derive(Debug)]
pub(crate) enum Broken {
    /// Nobody takes the pieces any more.
    Abandoned,
    /// Somebody has said so, or time is up.
    Stopped(&'static str),
    /// The rows did not come.
    Source(String),
    /// The file cannot be written.
    Sink(io::Error),
}

/// Writes rows into pieces.
pub(crate) struct Writer {
    csv: CsvWriter<Sink>,
    pieces: mpsc::Sender<Result<Bytes, Incomplete>>,
    rows: u64,
}

/// How a file is written.
pub(crate) struct Form {
    pub(crate) delimiter: char,
    pub(crate) packing: Packing,
    pub(crate) zone: TimeZone,
    /// Nothing is written after this but the last line.
    pub(crate) stop_at: Timestamp,
}

/// Begins to write.
pub(crate) fn start(
    rows: Rows,
    form: Form,
    recording: Recording,
    clock: Arc<dyn Clock>,
) -> io::Result<Running> {
    let (sender, pieces) = mpsc::channel(WAITING);
    let (stop, stopped) = oneshot::channel();
    let mut writer = Writer {
        csv: CsvWriter::new(Sink::new(form.packing), form.delimiter, rows.headings())?,
        pieces: sender,
        rows: 0,
    };
    let writing = async move {
        let outcome = tokio::select! {
            biased;
            why = stopping(stopped, form.stop_at, &*clock) => Err(Broken::Stopped(why)),
            written = rows.write(&mut writer, &form.zone) => written,
        };
        writer.end(outcome, recording, &*clock).await
    };
    Ok(Running {
        pieces,
        stop: Some(stop),
        writing: Some(tokio::spawn(writing.in_current_span())),
        record: None,
    })
}

async fn stopping(
    stopped: oneshot::Receiver<()>,
    stop_at: Timestamp,
    clock: &dyn Clock,
) -> &'static str {
    let told = async {
        // Whoever only takes the pieces never says anything.
        if stopped.await.is_err() {
            pending::<()>().await;
        }
    };
    tokio::select! {
        () = time_is_up(clock, stop_at) => "the time that the function has is up; ask for less, with since or fields",
        () = told => "it was interrupted",
    }
}

/// Comes at this time, and at the end of time never.
pub(crate) async fn time_is_up(clock: &dyn Clock, at: Timestamp) {
    if at == Timestamp::MAX {
        pending::<()>().await;
    }
    clock.sleep(clock::elapsed(clock.now(), at)).await;
}

impl Running {
    /// The next piece of the file; an error after the last one of a file that is not whole.
    pub async fn piece(&mut self) -> Option<Result<Bytes, Incomplete>> {
        poll_fn(|context| self.poll_piece(context)).await
    }

    pub(crate) fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Incomplete>>> {
        let piece = ready!(self.pieces.poll_recv(context));
        if piece.is_some() {
            return Poll::Ready(piece);
        }
        let Some(writing) = &mut self.writing else {
            return Poll::Ready(None);
        };
        // A writer that died has not said that this is all.
        let ended = ready!(Pin::new(writing).poll(context));
        self.writing = None;
        self.record = ended.ok();
        Poll::Ready(match self.record {
            Some(_) => None,
            None => Some(Err(Incomplete {
                reason: "its writer ended in the middle; the log may say why".to_owned(),
            })),
        })
    }

    /// Lets the file end here, as one that is not whole. Its last pieces are still to be taken.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have ended by itself.
            let _ = stop.send(());
        }
    }

    /// What became of it, once all pieces are taken, or no more are wanted. `None` if it panicked.
    pub async fn ended(self) -> Option<ExportRecord> {
        drop(self.pieces);
        match self.writing {
            Some(writing) => writing.await.ok(),
            None => self.record,
        }
    }
}

impl Writer {
    /// Writes a row.
    pub(crate) fn row<'v>(
        &mut self,
        cells: impl Iterator<Item = Written<'v>>,
    ) -> Result<(), Broken> {
        let cells: Vec<Written<'v>> = cells.collect();
        let row = cells.iter().map(Written::as_cell);
        self.csv.write_row(row).map_err(Broken::Sink)?;
        self.rows += 1;
        Ok(())
    }

    /// Hands a piece on when there is one. Nothing is lost if this is broken off while it waits.
    pub(crate) async fn pour_if_full(&mut self) -> Result<(), Broken> {
        if self.csv.sink().is_full() {
            self.pour().await?;
        }
        Ok(())
    }

    async fn pour(&mut self) -> Result<(), Broken> {
        let place = self.pieces.reserve().await;
        let place = place.map_err(|_| Broken::Abandoned)?;
        let piece = self.csv.sink().take();
        if !piece.is_empty() {
            place.send(Ok(piece));
        }
        Ok(())
    }

    /// Ends the file, then what is recorded of it, and then its pieces.
    async fn end(
        mut self,
        outcome: Result<(), Broken>,
        mut recording: Recording,
        clock: &dyn Clock,
    ) -> ExportRecord {
        let outcome = match outcome {
            Ok(()) => self.finish().await,
            Err(broken) => Err(broken),
        };
        let reason = outcome.err().map(|broken| broken.reason());
        if let Some(reason) = &reason {
            let (stream, source) = (&recording.record.stream, recording.record.source.name());
            tracing::error!(%stream, source, reason, "an export broke off");
            tokio::select! {
                biased;
                // Of a file that cannot be written, nothing more can be.
                _ = self.abandon() => {}
                () = clock.sleep(TAKEN_WITHIN) => {}
            }
        }
        let record = &mut recording.record;
        record.rows = self.rows;
        record.bytes = self.csv.sink().bytes();
        record.outcome = ExportOutcome::Incomplete;
        if reason.is_none() {
            record.outcome = ExportOutcome::Complete;
            record.sha256 = Some(self.csv.sink().sha256());
        }
        record.ended = Some(clock.now());
        let record = recording.end(clock).await;
        if let Some(reason) = reason {
            // What was not taken within its time; and nobody may be there to be told.
            let _ = self.pour().await;
            let _ = self.pieces.send(Err(Incomplete { reason })).await;
        }
        record
    }

    async fn finish(&mut self) -> Result<(), Broken> {
        self.csv.sink().finish().map_err(Broken::Sink)?;
        self.pour().await
    }

    async fn abandon(&mut self) -> Result<(), Broken> {
        self.csv.abandon().map_err(Broken::Sink)?;
        self.csv.sink().flush().map_err(Broken::Sink)?;
        self.pour().await
    }
}

impl Broken {
    fn reason(&self) -> String {
        match self {
            Self::Abandoned => "nobody took the rest of it".to_owned(),
            Self::Stopped(reason) => (*reason).to_owned(),
            Self::Source(reason) => reason.clone(),
            Self::Sink(error) => error.to_string(),
        }
    }
}
