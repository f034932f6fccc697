//! Mistakes in a stream file: collected while walking it, reported together.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

/// One mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// The character within the line, from 1.
    pub column: usize,
    /// Where in the file's structure, such as `stream "members": fields.email`; empty for the file as
    /// a whole and for what could not be read as TOML.
    pub place: String,
    /// What is wrong, what was expected, and the nearest valid name where there is one.
    pub message: String,
}

/// Why there is no stream file to work with.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file cannot be opened, or is not UTF-8 text.
    #[error("cannot read the stream file {}: {reason}. Check SYNC_STREAMS (or --streams)", path.display())]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// It was read, and has mistakes.
    #[error(transparent)]
    Mistakes(#[from] StreamFileError),
}

/// A stream file that cannot be used, with everything that is wrong in it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub struct StreamFileError {
    name: String,
    problems: Vec<Problem>,
}

impl StreamFileError {
    /// Every mistake, in the order of the file; at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for StreamFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.problems.len() {
            1 => write!(f, "1 mistake in {name}:")?,
            count => write!(f, "{count} mistakes in {name}:")?,
        }
        for Problem {
            line,
            column,
            place,
            message,
        } in &self.problems
        {
            // file:line:column, because editors and terminals turn it into a link.
            write!(f, "\n{name}:{line}:{column}: ")?;
            if !place.is_empty() {
                write!(f, "{place}: ")?;
            }
            f.write_str(message)?;
        }
        Ok(())
    }
}

/// Mistakes found so far in a text.
pub(crate) struct Problems<'t> {
    text: &'t str,
    syntax: Vec<Problem>,
    found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self {
            text,
            syntax: Vec::new(),
            found: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, at: Range<usize>, place: &str, message: impl Into<String>) {
        let problem = self.problem(at, place, message.into());
        self.found.push(problem);
    }

    /// Adds what the TOML parser could not read. From here on the text is torn.
    pub(crate) fn add_syntax(&mut self, at: Range<usize>, message: &str) {
        // A bare word is read as the beginning of `nan` or `true`; what is wrong is the missing quotes.
        let token = self.text.get(at.clone()).unwrap_or_default();
        let bare_word = token.len() > 1 && token.starts_with(|c: char| c.is_ascii_alphabetic());
        let misread =
            message.starts_with("invalid float") || message.starts_with("invalid boolean");
        let message = if bare_word && misread {
            "string values must be quoted"
        } else {
            message
        };
        let problem = self.problem(at, "", format!("not valid TOML: {message}"));
        // After the first error of a line the parser guesses.
        if self.syntax.iter().all(|other| other.line != problem.line) {
            self.syntax.push(problem);
        }
    }

    /// Whether parts of the text could not be read: then nothing may be called missing, since it may
    /// stand in the unread part.
    pub(crate) fn torn(&self) -> bool {
        !self.syntax.is_empty()
    }

    /// The value if nothing is wrong, else everything that is.
    pub(crate) fn into_result<T>(self, name: &str, value: Option<T>) -> Result<T, StreamFileError> {
        let Self { syntax, found, .. } = self;
        // What the walk says of a line that could not be read is an echo of the syntax error.
        let echo = |problem: &Problem| syntax.iter().any(|torn| torn.line == problem.line);
        let mut problems: Vec<Problem> =
            found.into_iter().filter(|problem| !echo(problem)).collect();
        problems.extend(syntax);
        problems.sort_by_key(|problem| (problem.line, problem.column));
        match value {
            Some(value) if problems.is_empty() => Ok(value),
            _ => Err(StreamFileError {
                name: name.to_owned(),
                problems,
            }),
        }
    }

    fn problem(&self, at: Range<usize>, place: &str, message: String) -> Problem {
        let (line, column) = position(self.text, at.start);
        Problem {
            line,
            column,
            place: place.to_owned(),
            message,
        }
    }
}

/// Line and character of a byte offset, both from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}
