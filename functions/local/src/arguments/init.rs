//! What can be typed about writing a stream file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use streams::Language;

pub(crate) const HELP: &str = "\
Examples:
  dynamics-sync init                  asks which tables
  dynamics-sync init --table contacts --table 'hlf_*'
  dynamics-sync init --all --yes --anchor 2020-01-01

Of a standard table those columns are read that most need, of another one what the organization added. A table that \
the environment does not have, or that the application user may not read, is left out and named. Without any \
DYNAMICS_… variable the file is written from what is known of the standard tables, and nothing is checked.";

#[derive(Args, Debug)]
pub(crate) struct Init {
    /// A table, by entity set, such as contacts; one that ends in * is all that begin so. May be given several times.
    #[arg(long = "table", value_name = "TABLE", conflicts_with = "all")]
    pub(crate) tables: Vec<String>,
    /// All standard tables that the environment has.
    #[arg(long)]
    pub(crate) all: bool,
    /// Leave out rows that were last modified before this day, such as 2020-01-01.
    #[arg(long, value_name = "DATE")]
    pub(crate) anchor: Option<Date>,
    /// The time zone in which days begin and end, such as Europe/Oslo; this machine's unless given.
    #[arg(long, value_parser = zone, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// The language of page, alerts and CSV headings; the environment's unless given.
    #[arg(long, value_enum)]
    pub(crate) language: Option<LanguageArgument>,
    /// The file that is written; - is standard output. That of --streams unless given, or else streams.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if there is one.
    #[arg(long)]
    pub(crate) force: bool,
    /// Ask nothing.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `Language`, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LanguageArgument {
    /// Norwegian bokmål.
    Nb,
    /// English.
    En,
}

impl From<LanguageArgument> for Language {
    fn from(language: LanguageArgument) -> Self {
        match language {
            LanguageArgument::Nb => Self::Nb,
            LanguageArgument::En => Self::En,
        }
    }
}

fn zone(name: &str) -> Result<String, String> {
    streams::time_zone(name).map(|_| name.to_owned())
}
