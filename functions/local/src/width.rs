//! How many columns a text may have.

use std::io::{IsTerminal, stderr, stdout};

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use terminal_size::{Width, terminal_size_of};

/// What a terminal has at least, where nobody says.
const USUAL: u16 = 80;
/// Narrower, no table can be read.
const LEAST: u16 = 40;
/// Wider, no line can be followed.
const MOST: u16 = 160;
/// Stands for a blank that no line may end at; of Unicode's private use, so that no text has it.
const GLUE: &str = "\u{e000}";

/// What `COLUMNS` says, else what the terminal has, else 80.
pub(crate) fn columns() -> u16 {
    let told = std::env::var("COLUMNS").ok();
    let told = told.and_then(|text| text.trim().parse().ok());
    let terminal = || terminal_size_of(stdout()).map(|(Width(columns), _)| columns);
    let found = told.or_else(terminal);
    found.map_or(USUAL, |columns: u16| columns.clamp(LEAST, MOST))
}

/// A text, broken between words.
pub(crate) fn print_text(text: &str) {
    anstream::println!("{}", wrapped(text, " "));
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

/// Keeps a column from being broken: what is in it is copied, or looked for.
pub(crate) fn keep_whole(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// Whether a table that nothing was broken in keeps to the width.
pub(crate) fn fits(table: &Table) -> bool {
    let width = |line: String| line.trim_end().chars().count();
    table.lines().map(width).max() <= Some(usize::from(columns()))
}

/// A text in lines that keep to the width, each behind the indent. A longer word stands alone, and a command
/// that is to be typed, between backticks, is one word.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    wrapped_to(usize::from(columns()), text, indent)
}

/// A text for standard error: on a terminal its lines are broken between words, and elsewhere they stay whole, so
/// that whoever looks for one finds it.
pub(crate) fn told(text: &str) -> String {
    if !stderr().is_terminal() {
        return text.to_owned();
    }
    let lines = text.lines().map(|line| wrapped(line, ""));
    lines.collect::<Vec<_>>().join("\n")
}

fn wrapped_to(columns: usize, text: &str, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in unbroken(text).split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    broken(&lines.join("\n"))
}

/// A text for a cell of a table in which no command is broken; what is printed must be [`broken`].
pub(crate) fn unbroken(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        0 => part.to_owned(),
        _ => part.replace(' ', GLUE),
    });
    parts.collect::<Vec<_>>().join("`")
}

/// With blanks where they were.
pub(crate) fn broken(text: &str) -> String {
    text.replace(GLUE, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_broken_between_words_and_nothing_of_it_is_lost() {
        let text = "Dynamics refuses the text ".repeat(20);
        let wrapped = wrapped_to(80, &text, "   ");
        for line in wrapped.lines() {
            assert!(
                line.starts_with("   D") || line.starts_with("   r") || line.starts_with("   t")
            );
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert!(wrapped.lines().count() > 5);
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        assert_eq!(words(&wrapped), words(&text));
    }

    #[test]
    fn a_command_is_not_broken() {
        let text = "Release it: `dynamics-sync cursor release members`, and run again";
        assert_eq!(
            wrapped_to(50, text, " "),
            " Release it:\n `dynamics-sync cursor release members`, and run\n again"
        );
    }
}
