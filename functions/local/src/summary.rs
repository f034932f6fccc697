//! What a run came to, as a table for people.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use sync_engine::RunReport;

pub(crate) fn print(report: &RunReport) {
    let header = [
        "stream",
        "status",
        "pulled",
        "stored",
        "deleted",
        "unchanged",
        "excluded",
        "requests",
        "copy is",
    ];
    let mut table = table(&header, 2..=7);
    for stream in &report.streams {
        table.add_row([
            stream.name.clone(),
            stream.status.name().to_owned(),
            stream.pulled.to_string(),
            stream.stored.to_string(),
            stream.deleted.to_string(),
            stream.unchanged.to_string(),
            stream.excluded.to_string(),
            stream.requests.to_string(),
            stream
                .lag_seconds
                .map_or_else(|| "not loaded".to_owned(), age),
        ]);
    }
    anstream::println!("{table}");
    for stream in &report.streams {
        if let Some(reason) = &stream.reason {
            anstream::eprintln!("{}: {reason}", stream.name);
        }
    }
}

/// A table without lines, its columns `right` aligned to the right.
pub(crate) fn table(header: &[&str], right: std::ops::RangeInclusive<usize>) -> Table {
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
