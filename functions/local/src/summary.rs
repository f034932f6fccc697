//! What a run came to, as a table for people.

use std::ops::Range;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use sync_engine::{RunReport, StreamReport, StreamStatus};

use crate::telling::Telling;
use crate::{paint, width, words};

/// A count of a stream's report, and whether it is shown where it is 0 everywhere.
type Count = (&'static str, fn(&StreamReport) -> u64, bool);

/// What came from Dynamics.
const PULLED: [Count; 8] = [
    ("pulled", |stream| stream.pulled, true),
    ("stored", |stream| stream.stored, true),
    ("deleted", |stream| stream.deleted, true),
    ("unchanged", |stream| stream.unchanged, false),
    ("excluded", |stream| stream.excluded, false),
    ("hidden", |stream| stream.suppressed, false),
    ("quarantined", |stream| stream.quarantined, false),
    ("repaired", |stream| stream.repaired, false),
];

/// What went there, or did not.
const PUSHED: [Count; 8] = [
    ("pushed", |stream| stream.pushed, true),
    ("conflicts", |stream| stream.conflicts, false),
    ("held", |stream| stream.held, false),
    ("refused", |stream| stream.refused, false),
    ("superseded", |stream| stream.superseded, false),
    ("dissolved", |stream| stream.dissolved, false),
    ("waiting", |stream| stream.waiting, false),
    ("mismatches", |stream| stream.mismatches, false),
];

pub(crate) fn print(report: &RunReport, telling: Telling) {
    print_pulled(report);
    print_pushed(report);
    let ages: Vec<String> = report.streams.iter().filter_map(copy).collect();
    let requests = |stream: &StreamReport| stream.requests + stream.push_requests;
    let requests: u64 = report.streams.iter().map(requests).sum();
    let requests = words::count(requests + report.preparing_requests, "request");
    let copy = match ages.as_slice() {
        [] => String::new(),
        ages => format!("Copy: {}. ", ages.join(", ")),
    };
    anstream::println!("{}", width::wrapped(&format!("{copy}{requests}."), " "));
    for stream in &report.streams {
        if let Some(reason) = &stream.reason {
            let text = format!("{}: {reason}", stream.name);
            anstream::eprintln!("{}", width::told(&text));
        }
        for note in &stream.notes {
            telling.note(format_args!("{}: {note}", stream.name));
        }
    }
    for note in &report.notes {
        telling.note(note);
    }
}

fn print_pulled(report: &RunReport) {
    let streams: Vec<&StreamReport> = report.streams.iter().collect();
    let shown = shown(&PULLED, &streams);
    let names = shown.iter().map(|(name, ..)| *name);
    let header: Vec<&str> = ["stream", "status"].into_iter().chain(names).collect();
    let mut table = table(&header, 2..header.len());
    for stream in &streams {
        let counts = shown.iter().map(|(_, count, _)| count(stream).to_string());
        table.add_row(
            [stream.name.clone(), stream.status.name().to_owned()]
                .into_iter()
                .chain(counts),
        );
    }
    let painted = |line: &str, stream: &StreamReport| {
        let (word, style) = (stream.status.name(), paint::of_stream(stream.status));
        paint::last(line, word, style)
    };
    if width::fits(&table) {
        print_painted(&table, &streams, |line, stream| painted(line, stream));
        return;
    }
    for stream in streams {
        let name = format!("{} {}", stream.name, stream.status.name());
        let text = in_words(&name, &shown, stream);
        anstream::println!("{}", painted(&text, stream));
    }
}

/// Only the streams with changes.
fn print_pushed(report: &RunReport) {
    let has_changes =
        |stream: &&StreamReport| PUSHED.into_iter().any(|(_, count, _)| count(stream) > 0);
    let streams: Vec<&StreamReport> = report.streams.iter().filter(has_changes).collect();
    if streams.is_empty() {
        return;
    }
    let shown = shown(&PUSHED, &streams);
    let names = shown.iter().map(|(name, ..)| *name);
    let header: Vec<&str> = ["to Dynamics"].into_iter().chain(names).collect();
    let mut table = table(&header, 1..header.len());
    for stream in &streams {
        let counts = shown.iter().map(|(_, count, _)| count(stream).to_string());
        table.add_row([stream.name.clone()].into_iter().chain(counts));
    }
    if width::fits(&table) {
        print_table(&table);
        return;
    }
    for stream in streams {
        let name = format!("{} to Dynamics", stream.name);
        anstream::println!("{}", in_words(&name, &shown, stream));
    }
}

/// A line of a table that is too wide, as a sentence.
fn in_words(name: &str, shown: &[Count], stream: &StreamReport) -> String {
    let counts = shown
        .iter()
        .map(|(name, count, _)| format!("{name} {}", count(stream)));
    let counts: Vec<String> = counts.collect();
    width::wrapped(&format!("{name}: {}", counts.join(", ")), " ")
}

fn shown(counts: &[Count], streams: &[&StreamReport]) -> Vec<Count> {
    let counts_something =
        |count: fn(&StreamReport) -> u64| streams.iter().any(|stream| count(stream) > 0);
    let counts = counts.iter().copied();
    counts
        .filter(|(_, count, always)| *always || counts_something(*count))
        .collect()
}

/// "members 3 minutes old"; `None` for a stream of which nothing is read.
fn copy(stream: &StreamReport) -> Option<String> {
    match stream.lag_seconds {
        Some(seconds) => Some(format!("{} {}", stream.name, age(seconds))),
        None if stream.status == StreamStatus::Complete => None,
        None => Some(format!("{} not loaded", stream.name)),
    }
}

/// Line by line, without the blanks at their ends.
pub(crate) fn print_table(table: &Table) {
    for line in table.lines() {
        anstream::println!("{}", width::broken(line.trim_end()));
    }
}

/// The same with what each of `of` has in its line painted; the first line is the header.
pub(crate) fn print_painted<T>(table: &Table, of: &[T], painted: impl Fn(&str, &T) -> String) {
    let mut lines = table.lines();
    for line in lines.by_ref().take(1) {
        anstream::println!("{}", line.trim_end());
    }
    for (line, one) in lines.zip(of) {
        anstream::println!("{}", painted(line.trim_end(), one));
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
