//! What can be downloaded, and what was: never what was in it.

use std::time::Duration;

use streams::StreamFile;
use sync_store::{ExportOutcome, ExportRecord, ExportSource};
use wording::Page as Texts;

use super::{Moment, Moments};

/// No function lives longer: what is underway still was ended with its process.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const FUNCTION_LIVES: Duration = Duration::from_secs(15 * 60);

/// A file that can be downloaded.
pub(crate) struct Download<'a> {
    pub(crate) stream: &'a str,
    /// Address and text of the links.
    pub(crate) links: Vec<(String, &'static str)>,
}

/// A download that there was.
pub(crate) struct Exported {
    pub(crate) began: Moment,
    pub(crate) key: String,
    pub(crate) stream: String,
    pub(crate) source: &'static str,
    pub(crate) rows: u64,
    pub(crate) class: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) hash: Option<String>,
}

pub(crate) fn downloads<'a>(file: &'a StreamFile, t: &'static Texts) -> Vec<Download<'a>> {
    let e = &t.exports;
    let of = |stream: &'a streams::Stream| {
        let name = &stream.name;
        let mut links = vec![(format!("{name}.csv"), e.from_dynamics)];
        if stream.direction.pulls() {
            links.push((format!("{name}.csv?source=copy"), e.from_copy));
        }
        if stream.direction.pushes() {
            links.push((format!("changes.csv?stream={name}"), e.changes));
        }
        Download {
            stream: name,
            links,
        }
    };
    file.streams.iter().map(of).collect()
}

impl Exported {
    pub(crate) fn of(export: &ExportRecord, t: &'static Texts, moments: &Moments) -> Self {
        let e = &t.exports;
        let ended = moments.ago(export.began) > FUNCTION_LIVES;
        let (class, outcome) = match export.outcome {
            ExportOutcome::Underway if ended => ("broken", e.incomplete),
            ExportOutcome::Underway => ("empty", e.underway),
            ExportOutcome::Complete => ("good", e.complete),
            ExportOutcome::Incomplete => ("broken", e.incomplete),
        };
        Self {
            began: moments.of(export.began),
            key: export.key.clone(),
            stream: export.stream.clone(),
            source: match export.source {
                ExportSource::Dynamics => e.dynamics,
                ExportSource::Copy if export.fallback => e.fallback,
                ExportSource::Copy => e.copy,
                ExportSource::Changes => e.waiting,
            },
            rows: export.rows,
            class,
            outcome,
            hash: export.sha256.clone(),
        }
    }
}
