//! The history of runs: a chart and a table that say the same.

use jiff::Timestamp;
use sync_engine::{RunReport, RunStatus, StreamReport};
use sync_store::RunRecord;
use wording::Page as Texts;

use super::{Moment, Moments};

/// So many are in the table.
pub(crate) const LISTED: usize = 10;
/// So many are in the chart: as many bars as a finger's width of a telephone shows apart.
const DRAWN: usize = 30;
/// Fewer leave room for those to come.
const DRAWN_MIN: usize = 14;
/// The chart's measures, in its own units.
const SLOT: usize = 20;
const HEIGHT: u64 = 100;
/// The lowest bar: a run without changes is a run too.
const LOWEST: u64 = 6;

/// A run with all its invocations.
pub(crate) struct Merged {
    began: Timestamp,
    ended: Timestamp,
    status: RunStatus,
    pulled: u64,
    stored: u64,
    deleted: u64,
    pushed: u64,
    requests: u64,
}

/// A run in the table.
pub(crate) struct Run {
    pub(crate) began: Moment,
    pub(crate) class: &'static str,
    pub(crate) status: &'static str,
    pub(crate) took: String,
    /// The columns' names and numbers.
    pub(crate) counts: [(&'static str, u64); 5],
}

/// The chart.
pub(crate) struct Chart {
    pub(crate) width: usize,
    pub(crate) height: u64,
    pub(crate) described: String,
    pub(crate) bars: Vec<Bar>,
}

/// A run in the chart.
pub(crate) struct Bar {
    pub(crate) x: usize,
    pub(crate) y: u64,
    pub(crate) width: usize,
    pub(crate) height: u64,
    pub(crate) class: &'static str,
    pub(crate) title: String,
}

/// Runs out of invocations, newest first as those are.
pub(crate) fn merged(records: &[RunRecord<RunReport>]) -> Vec<Merged> {
    let mut runs: Vec<(&str, Merged)> = Vec::new();
    for record in records {
        let id = record.header.run_id.as_str();
        let sum = |count: fn(&StreamReport) -> u64| -> u64 {
            record.report.streams.iter().map(count).sum()
        };
        let part = Merged {
            began: record.header.started_at,
            ended: record.ended_at,
            status: record.report.status,
            pulled: sum(|stream| stream.pulled),
            stored: sum(|stream| stream.stored),
            deleted: sum(|stream| stream.deleted),
            pushed: sum(|stream| stream.pushed),
            requests: record.report.preparing_requests
                + sum(|stream| stream.requests + stream.push_requests),
        };
        match runs.iter_mut().find(|(other, _)| *other == id) {
            // The newest invocation says how the run stands.
            Some((_, run)) => {
                run.began = run.began.min(part.began);
                run.pulled += part.pulled;
                run.stored += part.stored;
                run.deleted += part.deleted;
                run.pushed += part.pushed;
                run.requests += part.requests;
            }
            None => runs.push((id, part)),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

impl Run {
    pub(crate) fn of(run: &Merged, t: &'static Texts, moments: &Moments) -> Self {
        let seconds = clock::elapsed(run.began, run.ended).as_secs();
        let r = &t.runs;
        Self {
            began: moments.of(run.began),
            class: class(run.status),
            status: status(run.status, t),
            took: (r.duration)(seconds / 3_600, seconds / 60 % 60, seconds % 60),
            counts: [
                (r.pulled, run.pulled),
                (r.stored, run.stored),
                (r.deleted, run.deleted),
                (r.pushed, run.pushed),
                (r.requests, run.requests),
            ],
        }
    }
}

impl Chart {
    pub(crate) fn of(runs: &[Merged], t: &'static Texts, moments: &Moments) -> Option<Self> {
        let drawn = runs.get(..runs.len().min(DRAWN))?;
        let changed = |run: &Merged| run.stored + run.deleted + run.pushed;
        let most = drawn.iter().map(changed).max()?;
        let slots = drawn.len().max(DRAWN_MIN);
        let bar = |(slot, run): (usize, &Merged)| {
            let height = match most {
                0 => LOWEST,
                _ => LOWEST + changed(run) * (HEIGHT - LOWEST) / most,
            };
            Bar {
                x: (slots - 1 - slot) * SLOT + 3,
                y: HEIGHT - height,
                width: SLOT - 6,
                height,
                class: class(run.status),
                title: format!("{}: {}", moments.text(run.began), status(run.status, t)),
            }
        };
        let how_many = |class_of: &str| {
            let of_class = |run: &&Merged| class(run.status) == class_of;
            drawn.iter().filter(of_class).count()
        };
        Some(Self {
            width: slots * SLOT,
            height: HEIGHT,
            described: (t.runs.described)(
                drawn.len(),
                how_many("good"),
                how_many("attention"),
                how_many("broken"),
            ),
            bars: drawn.iter().enumerate().map(bar).collect(),
        })
    }
}

fn class(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Complete => "good",
        RunStatus::Partial => "attention",
        RunStatus::Failed => "broken",
        RunStatus::Continue | RunStatus::Held | RunStatus::Unknown => "empty",
    }
}

fn status(status: RunStatus, t: &'static Texts) -> &'static str {
    match status {
        RunStatus::Complete => t.runs.complete,
        RunStatus::Partial => t.runs.partial,
        RunStatus::Failed => t.runs.failed,
        RunStatus::Continue => t.runs.underway,
        RunStatus::Held => t.runs.held,
        RunStatus::Unknown => t.runs.unknown,
    }
}
