//! What a run came to: counts, never values. This is the sync function's answer and the run's record.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use streams::Stream;

use crate::Failure;
use crate::contract::CHANGED;
use crate::status::{RunStatus, StreamStatus};

/// So many of the rows that differ from what was asserted are named.
const MISMATCHED_MAX: usize = 20;

/// What one invocation of a run came to.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct RunReport {
    /// Which run.
    pub run_id: String,
    /// The run as a whole.
    pub status: RunStatus,
    /// How often this invocation moved a cursor forward or settled a change. A run that stays at 0 several
    /// times in a row is stuck.
    pub progress: u64,
    /// HTTP requests for token, identity and metadata: made once a run, whatever the number of rows.
    pub preparing_requests: u64,
    /// What people may want to know about the run as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// One entry a stream, in the stream file's order.
    pub streams: Vec<StreamReport>,
}

/// What became of one stream.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct StreamReport {
    /// The stream.
    pub name: String,
    /// The logical name of its table, by which links name rows; absent unless the table was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// How it ended.
    pub status: StreamStatus,
    /// Why, unless it is complete. No values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What people may want to know although it is no failure: that the table was read again in full
    /// and why, that pages are smaller now. No values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Rows and deletes that Dynamics sent.
    pub pulled: u64,
    /// Records written.
    pub stored: u64,
    /// Records turned into tombstones.
    pub deleted: u64,
    /// Rows that the copy already held in that version, or a newer one.
    pub unchanged: u64,
    /// Rows that do not meet the stream's `where`, and deletes of rows that were never in the copy.
    pub excluded: u64,
    /// Records that the stream's expiry hides now.
    pub suppressed: u64,
    /// Changes that Dynamics has now: written, or found to be there.
    pub pushed: u64,
    /// Changes where both sides had changed a field differently, however it was decided.
    pub conflicts: u64,
    /// Changes of which nothing prevailed.
    pub superseded: u64,
    /// Conflicts that wait for a person.
    pub held: u64,
    /// Changes that Dynamics or the stream file does not allow.
    pub refused: u64,
    /// Expiries that were no longer true when they were to be written.
    pub dissolved: u64,
    /// Changes that could not be carried out and wait for the next run.
    pub waiting: u64,
    /// HTTP requests of the push, retries included.
    pub push_requests: u64,
    /// Rows that cannot be read and wait to be read again.
    pub quarantined: u64,
    /// Rows that a walk over all keys found missing or outdated in the copy, and records that it found
    /// without a row although changes are tracked. It should find none.
    pub repaired: u64,
    /// Records that differ from what was asserted, of the three kinds that follow.
    pub mismatches: u64,
    /// Which they are; in the answer only as a note.
    #[serde(skip)]
    pub mismatched: BTreeSet<String>,
    /// Records in which Dynamics made something else of what was written to it.
    pub returned: u64,
    /// Rows in which Dynamics changed fields that the app owns; the app's values are asserted again.
    pub asserted: u64,
    /// Expiries that Dynamics does not say, although they were carried out, refused or dropped.
    pub unheeded: u64,
    /// Changes of the table in Dynamics that may matter to the stream, and about which nobody has done anything
    /// yet; absent if they were not looked for. Which they are is told by the notes, or by the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_changes: Option<u64>,
    /// Records that expire within the longest of the stream's `warn_days`.
    pub expiring: u64,
    /// How often the cursor was saved in a new position: pages stored, partitions swept.
    pub pages: u64,
    /// HTTP requests of the pull, retries included.
    pub requests: u64,
    /// How many of them were answered 429.
    pub throttled: u64,
    /// How old the copy is, in seconds, by Dynamics' clock; absent until a first load has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_seconds: Option<u64>,
    /// The copy is up to date, and the guard stopped only what was to be written to Dynamics.
    #[serde(skip)]
    pub is_read: bool,
}

impl StreamReport {
    /// A stream that is only pushed.
    pub(crate) fn nothing_to_read(stream: &Stream) -> Self {
        Self {
            name: stream.name.clone(),
            status: StreamStatus::Complete,
            ..Self::default()
        }
    }

    /// What was changed in its table in Dynamics, if the run told so.
    pub fn told_changes(&self) -> Option<&str> {
        let mut texts = self.notes.iter().chain(&self.reason);
        texts.find_map(|text| text.get(text.find(CHANGED)?..))
    }

    /// What people may want to know, once however often a run finds it.
    pub(crate) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// What waits could not be pushed.
    pub(crate) fn fail_push(&mut self, failure: &Failure) {
        if self.status == StreamStatus::Complete {
            self.status = failure.status();
        }
        self.add_reason(&format!(
            "what waits for Dynamics was not all written: {failure}"
        ));
    }

    /// An expiry that concerns this stream could not be carried out: whatever else went well, somebody may
    /// be visible who should not be.
    pub(crate) fn fail_expiry(&mut self, failure: &Failure) {
        let status = failure.status();
        if self.status == StreamStatus::Complete {
            self.status = status;
        }
        self.add_reason(&format!("what expired may still be visible: {failure}"));
    }

    /// What expired is hidden, and could not be handed in for Dynamics.
    pub(crate) fn withhold_expiry(&mut self, failure: &Failure) {
        if self.status == StreamStatus::Complete {
            self.status = failure.status();
            self.is_read = self.status == StreamStatus::Guarded;
        }
        self.add_reason(&failure.to_string());
    }

    /// What the expiry came to, which may be looked at twice in a run, of rows that do not say so.
    pub(crate) fn mismatch_expiries(&mut self, rows: &[String]) {
        self.unheeded = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.mismatched.extend(rows.iter().cloned());
    }

    /// Names the rows that differ from what was asserted, so that somebody can look at them.
    fn note_mismatched(&mut self) {
        let rows: Vec<&str> = self.mismatched.iter().map(String::as_str).collect();
        let told = rows.get(..MISMATCHED_MAX).unwrap_or(&rows).join(", ");
        let note = match rows.len().saturating_sub(MISMATCHED_MAX) {
            0 if rows.is_empty() => return,
            0 => format!("these rows differ from what was asserted: {told}"),
            more => format!("these rows differ from what was asserted: {told}, and {more} more"),
        };
        self.notes.push(note);
    }

    fn add_reason(&mut self, text: &str) {
        self.reason = Some(match self.reason.take() {
            // It was looked at twice in this run.
            Some(reason) if reason.contains(text) => reason,
            Some(reason) => format!("{reason}; {text}"),
            None => text.to_owned(),
        });
    }
}

impl RunReport {
    /// One structured line a stream.
    pub(crate) fn log_streams(&self) {
        /// The level of a line is part of its call site, so there are two.
        macro_rules! line {
            ($level:ident, $stream:expr, $message:literal) => {
                tracing::$level!(
                    run_id = self.run_id,
                    stream = $stream.name,
                    status = $stream.status.name(),
                    reason = $stream.reason,
                    notes = $stream.notes.join("; "),
                    pulled = $stream.pulled,
                    stored = $stream.stored,
                    deleted = $stream.deleted,
                    unchanged = $stream.unchanged,
                    excluded = $stream.excluded,
                    suppressed = $stream.suppressed,
                    pushed = $stream.pushed,
                    conflicts = $stream.conflicts,
                    superseded = $stream.superseded,
                    held = $stream.held,
                    refused = $stream.refused,
                    dissolved = $stream.dissolved,
                    waiting = $stream.waiting,
                    push_requests = $stream.push_requests,
                    mismatches = $stream.mismatches,
                    schema_changes = $stream.schema_changes,
                    expiring = $stream.expiring,
                    quarantined = $stream.quarantined,
                    repaired = $stream.repaired,
                    pages = $stream.pages,
                    requests = $stream.requests,
                    throttled = $stream.throttled,
                    lag_seconds = $stream.lag_seconds,
                    $message
                )
            };
        }
        for stream in &self.streams {
            match stream.status {
                StreamStatus::Failed => line!(error, stream, "stream failed"),
                StreamStatus::Guarded => line!(error, stream, "stream guarded"),
                StreamStatus::Unreadable => line!(error, stream, "stream unreadable"),
                StreamStatus::Skipped => line!(warn, stream, "stream skipped"),
                _ => line!(info, stream, "stream ended"),
            }
        }
    }

    pub(crate) fn new(
        run_id: String,
        preparing_requests: u64,
        notes: Vec<String>,
        streams: Vec<StreamReport>,
    ) -> Self {
        let mut streams = streams;
        let mut progress = 0;
        for stream in &mut streams {
            let settled = [
                stream.pushed,
                stream.superseded,
                stream.held,
                stream.refused,
            ];
            progress += stream.pages + settled.iter().sum::<u64>() + stream.dissolved;
            stream.mismatches = stream.returned + stream.asserted + stream.unheeded;
            stream.note_mismatched();
        }
        let status = RunStatus::of(&streams);
        Self {
            run_id,
            status,
            progress,
            preparing_requests,
            notes,
            streams,
        }
    }
}
