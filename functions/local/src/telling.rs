//! How much is told beside data and errors.

use std::fmt::Display;

use tracing::level_filters::LevelFilter;

use crate::width;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Telling {
    /// Nothing.
    Quiet,
    /// Notes, and progress on a terminal.
    Usual,
    /// Notes, and each line of the log in place of progress, which the lines would tear.
    Verbose,
}

impl Telling {
    /// What may be worth knowing.
    pub(crate) fn note(self, text: impl Display) {
        if self != Self::Quiet {
            anstream::eprintln!("{}", width::told(&text.to_string()));
        }
    }

    pub(crate) fn shows_progress(self) -> bool {
        self == Self::Usual
    }

    /// Writes the log to this terminal, if it is wanted: each request and each step, without values.
    pub(crate) fn begin_log(self) {
        if self == Self::Verbose {
            logging::to_terminal(LevelFilter::DEBUG);
        }
    }

    /// The same for what stays up: what goes wrong meanwhile nobody else would say.
    pub(crate) fn begin_log_of_host(self) {
        match self {
            Self::Quiet => logging::to_terminal(LevelFilter::ERROR),
            Self::Usual => logging::to_terminal(LevelFilter::WARN),
            // It was begun with the command.
            Self::Verbose => {}
        }
    }
}
