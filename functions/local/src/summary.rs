//! What a run came to, as a table for people.

use std::ops::Range;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use sync_engine::{RunReport, StreamReport};

/// A count of a stream's report, and whether it is shown where it is 0 everywhere.
type Count = (&'static str, fn(&StreamReport) -> u64, bool);

const COUNTS: [Count; 9] = [
    ("pulled", |stream| stream.pulled, true),
    ("stored", |stream| stream.stored, true),
    ("deleted", |stream| stream.deleted, true),
    ("unchanged", |stream| stream.unchanged, true),
    ("excluded", |stream| stream.excluded, true),
    ("suppressed", |stream| stream.suppressed, false),
    ("quarantined", |stream| stream.quarantined, false),
    ("repaired", |stream| stream.repaired, false),
    ("requests", |stream| stream.requests, true),
];

pub(crate) fn print(report: &RunReport) {
    let shown: Vec<Count> = COUNTS
        .into_iter()
        .filter(|(_, count, always)| *always || report.streams.iter().any(|s| count(s) > 0))
        .collect();
    let names = shown.iter().map(|(name, ..)| *name);
    let header: Vec<&str> = ["stream", "status"]
        .into_iter()
        .chain(names)
        .chain(["copy is"])
        .collect();
    let mut table = table(&header, 2..2 + shown.len());
    for stream in &report.streams {
        let age = stream
            .lag_seconds
            .map_or_else(|| "not loaded".to_owned(), age);
        let counts = shown.iter().map(|(_, count, _)| count(stream).to_string());
        table.add_row(
            [stream.name.clone(), stream.status.name().to_owned()]
                .into_iter()
                .chain(counts)
                .chain([age]),
        );
    }
    anstream::println!("{table}");
    for stream in &report.streams {
        for text in stream.reason.iter().chain(&stream.notes) {
            anstream::eprintln!("{}: {text}", stream.name);
        }
    }
    for note in &report.notes {
        anstream::eprintln!("{note}");
    }
}

/// A table without lines, its columns `right` aligned to the right.
pub(crate) fn table(header: &[&str], right: Range<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    for column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// "3 minutes old".
pub(crate) fn age(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural} old")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_whole_unit() {
        assert_eq!(age(0), "0 seconds old");
        assert_eq!(age(1), "1 second old");
        assert_eq!(age(3_599), "59 minutes old");
        assert_eq!(age(86_400 * 2), "2 days old");
    }
}
