//! How many columns a text may have.

use std::io::stdout;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use terminal_size::{Width, terminal_size_of};

use crate::summary::print_table;
use crate::words::WIDTH;

/// Narrower, no table can be read.
const LEAST: u16 = 40;
/// Wider, no line can be followed.
const MOST: u16 = 160;

/// What `COLUMNS` says, else what the terminal has, else 80.
pub(crate) fn columns() -> u16 {
    let told = std::env::var("COLUMNS").ok();
    let told = told.and_then(|text| text.trim().parse().ok());
    let terminal = || terminal_size_of(stdout()).map(|(Width(columns), _)| columns);
    let found = told.or_else(terminal);
    found.map_or(WIDTH, |columns: u16| columns.clamp(LEAST, MOST))
}

/// A text, broken between words.
pub(crate) fn print_text(text: &str) {
    let mut table = fitting();
    table.add_row([text]);
    print_table(&table);
}

/// A table without lines that keeps to the width.
pub(crate) fn fitting() -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(columns());
    table
}
