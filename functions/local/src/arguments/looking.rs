//! What can be typed about looking at an environment.

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// A table that the application user must not be able to read: it is tried, and must be refused. May be
    /// given several times.
    #[arg(long, value_name = "TABLE")]
    pub(crate) forbidden: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Discover {
    /// The tables whose columns are shown, by entity set, such as contacts.
    #[arg(value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    /// Write a stream file that reads them.
    #[arg(long, requires = "tables", conflicts_with = "json")]
    pub(crate) toml: bool,
}
