//! What must be known before a stream file can be written: from what was typed, else from a person, else by
//! default. Only which tables has no default.

use std::io::{self, BufRead, IsTerminal};

use anyhow::Context;
use clap::CommandFactory;
use clap::error::ErrorKind;
use discover::Wanted;
use dynamics_client::{DynamicsClient, TableKind, TableSummary};
use jiff::tz::TimeZone;
use streams::Language;

use crate::arguments::{Arguments, Init as Options};

/// Norwegian bokmål, by locale id.
const NORWEGIAN: u32 = 1044;

/// How much a person may be asked.
pub(super) struct Questions<'a> {
    options: &'a Options,
    asks: bool,
}

/// Whether there is a terminal, and nobody has said that nothing is to be asked.
pub(super) fn somebody_to_ask(options: &Options) -> bool {
    !options.yes && io::stdin().is_terminal() && io::stderr().is_terminal()
}

impl<'a> Questions<'a> {
    /// # Errors
    /// Wrong usage if which tables are wanted was not typed, and there is nobody to ask.
    pub(super) fn of(options: &'a Options) -> anyhow::Result<Self> {
        let asks = somebody_to_ask(options);
        if !asks && !options.all && options.tables.is_empty() {
            let text = "which tables? Give --table TABLE, several times if need be, or --all";
            let error = Arguments::command().error(ErrorKind::MissingRequiredArgument, text);
            return Err(error.into());
        }
        Ok(Self { options, asks })
    }

    /// Which tables are wanted.
    pub(super) async fn tables(&self, client: Option<&DynamicsClient>) -> anyhow::Result<Wanted> {
        if self.options.all {
            return Ok(Wanted::Standard);
        }
        if !self.options.tables.is_empty() {
            return Ok(Wanted::Named(self.options.tables.clone()));
        }
        let standard: Vec<&str> = catalogue::tables()
            .iter()
            .map(|table| table.entity_set.as_str())
            .collect();
        let (standard, own) = match client {
            None => (standard, Vec::new()),
            Some(client) => there_are(client, &standard).await?,
        };
        anstream::eprintln!("Standard tables: {}", standard.join(", "));
        if !own.is_empty() {
            anstream::eprintln!("Own tables: {}", own.join(", "));
        }
        loop {
            let answer = ask(
                "Which are to be synced? Names with blanks between them, or all for the standard tables",
                "all",
            )?;
            if let Some(wanted) = wanted(&answer) {
                return Ok(wanted);
            }
        }
    }

    /// In which days begin and end.
    pub(super) fn time_zone(&self) -> anyhow::Result<String> {
        if let Some(zone) = &self.options.time_zone {
            return Ok(zone.clone());
        }
        let here = here();
        if !self.asks {
            return Ok(here);
        }
        loop {
            let answer = ask("Time zone in which days begin and end", &here)?;
            match streams::time_zone(&answer) {
                Ok(_) => return Ok(answer),
                Err(wrong) => anstream::eprintln!("{wrong}"),
            }
        }
    }

    /// That people read. `base` is the environment's, by locale id.
    pub(super) fn language(&self, base: Option<u32>) -> anyhow::Result<Language> {
        if let Some(language) = self.options.language {
            return Ok(language.into());
        }
        let usual = match base {
            Some(NORWEGIAN) => "nb",
            _ => "en",
        };
        loop {
            let answer = match self.asks {
                true => ask("Language of page, alerts and CSV headings, nb or en", usual)?,
                false => usual.to_owned(),
            };
            match answer.as_str() {
                "nb" => return Ok(Language::Nb),
                "en" => return Ok(Language::En),
                _ => anstream::eprintln!("expected nb or en"),
            }
        }
    }
}

/// What an answer names; `None` if that is nothing.
fn wanted(answer: &str) -> Option<Wanted> {
    let names: Vec<String> = answer
        .split([' ', ',', '\t'])
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    match names.as_slice() {
        [] => None,
        [all] if all == "all" => Some(Wanted::Standard),
        _ => Some(Wanted::Named(names)),
    }
}

/// Of the standard tables those that there are, and the organization's own.
async fn there_are<'s>(
    client: &DynamicsClient,
    standard: &[&'s str],
) -> anyhow::Result<(Vec<&'s str>, Vec<String>)> {
    let tables = client.tables().await?;
    let is_there = |set: &&&str| tables.iter().any(|table| table.entity_set == **set);
    let there = standard.iter().filter(is_there).copied().collect();
    let is_own =
        |table: &&TableSummary| discover::is_own(table) && table.kind == TableKind::Standard;
    let own = tables.iter().filter(is_own);
    Ok((there, own.map(|table| table.entity_set.clone()).collect()))
}

/// This machine's time zone, if the database that is compiled in knows it by name.
fn here() -> String {
    let here = TimeZone::try_system().ok();
    let name = here.as_ref().and_then(TimeZone::iana_name);
    // Nobody lives in it: what a server is set to says nothing about the organization.
    let known = name.filter(|name| streams::time_zone(name).is_ok() && *name != "Etc/UTC");
    known.unwrap_or("UTC").to_owned()
}

/// The answer, or what Enter alone stands for.
fn ask(question: &str, usual: &str) -> anyhow::Result<String> {
    anstream::eprint!("{question} [{usual}]: ");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    if read.context("cannot read the answer")? == 0 {
        anyhow::bail!("the answers ended; no file was written");
    }
    Ok(match answer.trim() {
        "" => usual.to_owned(),
        answer => answer.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_names_no_table_is_none() {
        for nothing in [",", " , ,", "\t"] {
            assert_eq!(wanted(nothing), None, "{nothing:?}");
        }
        assert_eq!(wanted("all,"), Some(Wanted::Standard));
        let named = ["contacts", "leads"].map(str::to_owned).to_vec();
        assert_eq!(wanted("contacts, leads"), Some(Wanted::Named(named)));
    }
}
