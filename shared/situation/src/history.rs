//! What the latest runs say of one stream.

use sync_engine::{RunReport, StreamReport, StreamStatus};
use sync_store::RunRecord;

use crate::StreamSituation;

impl StreamSituation {
    /// Takes in what `runs`, newest first, say of the stream.
    pub(crate) fn add_history(&mut self, runs: &[RunRecord<RunReport>]) {
        self.mismatches = mismatches(runs, &self.name);
        let looked = newest_look(runs, &self.name);
        self.schema_changes = looked.and_then(|report| report.schema_changes);
        self.told_changes = looked.and_then(|report| report.told_changes().map(str::to_owned));
        let mut failing = true;
        for (run, report) in of_stream(runs, &self.name) {
            if self.last.is_none() {
                self.last = Some(report.clone());
                self.last_ended = Some(run.ended_at);
            }
            if self.entity.is_none() {
                self.entity.clone_from(&report.entity);
            }
            match report.status {
                StreamStatus::Failed | StreamStatus::Unreadable if failing => {
                    self.failures_in_a_row += 1;
                    self.failing_since = Some(run.ended_at);
                }
                StreamStatus::Complete => {
                    failing = false;
                    if self.last_success.is_none() {
                        self.last_success = Some(run.ended_at);
                    }
                }
                StreamStatus::Guarded | StreamStatus::Skipped => failing = false,
                _ => {}
            }
        }
    }
}

/// The invocations that had the stream, with what they said of it.
pub(crate) fn of_stream<'a>(
    runs: &'a [RunRecord<RunReport>],
    stream: &'a str,
) -> impl Iterator<Item = (&'a RunRecord<RunReport>, &'a StreamReport)> {
    runs.iter().filter_map(move |run| {
        let mut reports = run.report.streams.iter();
        let report = reports.find(|report| report.name == stream)?;
        Some((run, report))
    })
}

/// What the newest of `runs`, newest first, that looked for changes of the stream's table said of the stream. What was
/// changed must be told by the same report as how much.
pub fn newest_look<'a>(
    runs: &'a [RunRecord<RunReport>],
    stream: &'a str,
) -> Option<&'a StreamReport> {
    let mut reports = of_stream(runs, stream).map(|(_, report)| report);
    reports.find(|report| report.schema_changes.is_some())
}

/// What the newest of `runs`, newest first, that had the stream said of it.
pub fn newest_report<'a>(
    runs: &'a [RunRecord<RunReport>],
    stream: &'a str,
) -> Option<&'a StreamReport> {
    of_stream(runs, stream).next().map(|(_, report)| report)
}

/// How many records the newest run found to differ. An invocation counts what it has met itself, but all
/// rows that do not heed their expiry; and one that did not come through says nothing by having met none.
fn mismatches(runs: &[RunRecord<RunReport>], stream: &str) -> u64 {
    use StreamStatus::{Complete, Guarded};
    let says = |report: &StreamReport| {
        report.mismatches > 0 || matches!(report.status, Complete | Guarded)
    };
    let Some((newest, last)) = of_stream(runs, stream).find(|(_, report)| says(report)) else {
        return 0;
    };
    let met: u64 = of_stream(runs, stream)
        .filter(|(run, _)| run.header.run_id == newest.header.run_id)
        .map(|(_, report)| report.mismatches.saturating_sub(report.unheeded))
        .sum();
    met + last.unheeded
}

/// Whether the stream has come to an end in the invocation, good or bad.
pub(crate) fn is_over(status: StreamStatus) -> bool {
    use StreamStatus::{Complete, Failed, Guarded, Skipped, Unreadable};
    matches!(status, Complete | Failed | Guarded | Skipped | Unreadable)
}
