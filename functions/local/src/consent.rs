//! The question before a command changes what only a person may change.
//!
//! Never in here: a default that changes something.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, bail};
use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::arguments::Arguments;

/// How a person's agreement is had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Consent {
    /// `--yes` was typed.
    Given,
    /// There is somebody to ask.
    Ask,
}

impl Consent {
    /// # Errors
    /// Wrong usage if it is not given and there is nobody to ask.
    pub(crate) fn possible(yes: bool) -> anyhow::Result<Self> {
        if yes {
            return Ok(Self::Given);
        }
        if io::stdin().is_terminal() && io::stderr().is_terminal() {
            return Ok(Self::Ask);
        }
        let error = Arguments::command().error(
            ErrorKind::MissingRequiredArgument,
            "this changes what is stored, and there is no terminal to ask on: add --yes to agree",
        );
        Err(error.into())
    }

    /// # Errors
    /// If the answer is anything but yes.
    pub(crate) fn obtain(self, question: &str) -> anyhow::Result<()> {
        if self == Self::Given {
            return Ok(());
        }
        anstream::eprint!("{question} [y/N] ");
        if is_yes(io::stdin().lock()).context("cannot read the answer")? {
            return Ok(());
        }
        bail!("not agreed to; nothing was changed")
    }
}

fn is_yes(mut input: impl BufRead) -> io::Result<bool> {
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_yes_is_taken_for_one() {
        for yes in ["y\n", "Y\n", " yes \n", "YES"] {
            assert!(is_yes(yes.as_bytes()).unwrap(), "{yes:?}");
        }
        for no in ["", "\n", "n\n", "no\n", "yess\n", "n\ny\n"] {
            assert!(!is_yes(no.as_bytes()).unwrap(), "{no:?}");
        }
    }
}
