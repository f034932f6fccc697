//! The file `.env` of the working folder: variables for those who do not want to set them in every terminal.
//!
//! Never in here: a value in a message; a variable that the process has already being overruled; a file of
//! another folder than the working one, whoever may have written it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, anyhow};

const FILE: &str = ".env";

/// Sets the variables that the file has and the process has not. Before there are any threads: they might be
/// reading variables.
///
/// # Errors
/// If the file cannot be read, or a line of it is none; it is named by its number.
pub(crate) fn load() -> anyhow::Result<()> {
    // Python calls a folder so.
    if Path::new(FILE).is_dir() {
        return Ok(());
    }
    let text = match fs::read_to_string(FILE) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(error).context("cannot read the file .env of the working folder");
        }
    };
    match dotenvy::from_read(text.as_bytes()) {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::LineParse(line, _)) => Err(malformed(&text, &line)),
        // Its text may quote a value.
        Err(_) => Err(anyhow!(
            "the file .env of the working folder cannot be used"
        )),
    }
}

fn malformed(text: &str, line: &str) -> anyhow::Error {
    let at = number(text, line).map_or_else(String::new, |number| format!(" in line {number}"));
    anyhow!(
        "the file .env of the working folder is malformed{at}; expected NAME=value, and single quotes around a \
         value with blanks, quotes, # or $"
    )
}

/// Which line of `text` is the one that could not be read, from 1: the first that is `line`, or else the first that
/// has it for a value. What comes before it could be read, so that none of that is the same.
fn number(text: &str, line: &str) -> Option<usize> {
    let found = |after: &[char]| {
        let is_it = |at: &usize| {
            let before = text.get(..*at).unwrap_or_default();
            let rest = text.get(at + line.len()..).unwrap_or_default();
            let begins = before.is_empty() || before.trim_end_matches([' ', '\t']).ends_with(after);
            begins
                && (rest.is_empty()
                    || rest.starts_with(char::is_whitespace)
                    || rest.starts_with('#'))
        };
        text.match_indices(line).map(|(at, _)| at).find(is_it)
    };
    let at = found(&['\n', '\u{feff}']).or_else(|| found(&['=']))?;
    let before = text.get(..at).unwrap_or_default();
    Some(before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a file, as the crate that reads it finds the malformed line.
    fn said(text: &str) -> String {
        let mut lines = dotenvy::from_read_iter(text.as_bytes());
        match lines.find_map(Result::err) {
            Some(dotenvy::Error::LineParse(line, _)) => malformed(text, &line).to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_malformed_line_is_told_by_its_number_and_never_by_its_text() {
        for (text, number) in [
            ("hunter2", 1),
            ("\u{feff}hunter2\nA=1", 1),
            ("A=1\r\n\r\nhunter2\r\n", 3),
            ("# hunter2\nB=hunter2\nhunter2", 3),
            ("hunter2B=1\nhunter2\n", 2),
            ("A=1\nB=hunter2 and more\n", 2),
            ("A=1\nhunter2 # a comment\n", 2),
            ("A='two\nlines'\nB='hunter2\nC=1\n", 3),
        ] {
            let said = said(text);
            assert!(
                said.contains(&format!("in line {number};")),
                "{text:?}: {said}"
            );
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
