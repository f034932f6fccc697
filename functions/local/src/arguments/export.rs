//! What can be typed about writing rows as CSV.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The stream.
    #[arg(value_name = "STREAM")]
    pub(crate) stream: String,
    /// Where the rows come from.
    #[arg(long, value_enum, default_value_t = Source::Dynamics)]
    pub(crate) source: Source,
    /// Only rows modified at or after this time, such as 2026-11-20T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<jiff::Timestamp>,
    /// Only these fields, in this order; the id always comes first.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(crate) fields: Vec<String>,
    /// What stands between two cells; the stream file's unless given.
    #[arg(long, value_name = "C")]
    pub(crate) delimiter: Option<char>,
    /// Write to this file in place of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Source {
    /// Read live from Dynamics.
    Dynamics,
    /// The copy, as the last run left it.
    Copy,
}
