//! The latest runs, the newest first.

use comfy_table::Table;
use sync_engine::{RunReport, StreamReport};
use sync_store::RunRecord;

use crate::summary::{print_painted, table};
use crate::{paint, width};

/// Of an invocation, what is asked for most. Its run's id comes last, where there is room for it, else in a line
/// of its own.
pub(super) fn print(runs: &[RunRecord<RunReport>]) {
    if runs.is_empty() {
        width::print_text("No run yet.");
        return;
    }
    let with_ids = shown(runs, true);
    let fits = width::fits(&with_ids);
    let shown = if fits { with_ids } else { shown(runs, false) };
    print_painted(&shown, runs, |line, run| {
        let status = run.report.status;
        let id = match fits {
            true => String::new(),
            false => format!("\n   {}", run.header.run_id),
        };
        // The first word: the run's id may say the same.
        let line = paint::first(line, status.name(), paint::of_run(status));
        format!("{line}{id}")
    });
}

fn shown(runs: &[RunRecord<RunReport>], with_ids: bool) -> Table {
    let header = ["began", "status", "stored", "deleted", "pushed", "run"];
    let columns = if with_ids {
        header.len()
    } else {
        header.len() - 1
    };
    let header: Vec<&str> = header.into_iter().take(columns).collect();
    let mut shown = table(&header, 2..5);
    for run in runs {
        let sum = |count: fn(&StreamReport) -> u64| {
            let counts = run.report.streams.iter().map(count);
            counts.sum::<u64>().to_string()
        };
        let row = [
            format!("{:.0}", run.header.started_at),
            run.report.status.name().to_owned(),
            sum(|stream| stream.stored),
            sum(|stream| stream.deleted),
            sum(|stream| stream.pushed),
            run.header.run_id.clone(),
        ];
        shown.add_row(row.into_iter().take(columns));
    }
    shown
}
