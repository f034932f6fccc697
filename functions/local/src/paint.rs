//! Colours, for what must not be overlooked. Whether anybody sees them is for `anstream` to say: it takes
//! them away where there is no terminal, or `NO_COLOR` is set.
//!
//! Never in here: a colour that says what no word says.

use anstyle::{AnsiColor, Style};
use sync_engine::{RunStatus, StreamStatus};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

pub(crate) fn of_run(status: RunStatus) -> Style {
    match status {
        RunStatus::Complete => GOOD,
        RunStatus::Failed => BAD,
        _ => WARNING,
    }
}

pub(crate) fn of_stream(status: StreamStatus) -> Style {
    match status {
        StreamStatus::Complete => GOOD,
        StreamStatus::Failed => BAD,
        _ => WARNING,
    }
}

/// A line of a table with the first `word` in it painted: painted when it is laid out, because colours have no
/// width.
pub(crate) fn first(line: &str, word: &str, style: Style) -> String {
    painted(line.split_once(word), line, word, style)
}

/// The same with the last: the words before it may say the same by chance.
pub(crate) fn last(line: &str, word: &str, style: Style) -> String {
    painted(line.rsplit_once(word), line, word, style)
}

fn painted(around: Option<(&str, &str)>, line: &str, word: &str, style: Style) -> String {
    match around {
        Some((before, after)) => format!("{before}{style}{word}{style:#}{after}"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_equal_words_the_one_that_is_meant_is_painted_and_nothing_is_lost() {
        const LINE: &str = " failed  failed   0";
        let plain = |painted: &str| anstream::adapter::strip_str(painted).to_string();
        let (first, last) = (first(LINE, "failed", BAD), last(LINE, "failed", BAD));
        assert_eq!([plain(&first), plain(&last)], [LINE, LINE]);
        assert!(first.ends_with("m  failed   0"), "{first:?}");
        assert!(last.starts_with(" failed  \u{1b}["), "{last:?}");
    }
}
