//! What can be typed.

mod changes;
mod cursor;
mod examples;
mod export;
mod init;
mod looking;
mod serving;
mod simulated;
mod sync;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use changes::{Changes, Decision, ListChanges};
pub(crate) use cursor::{Change, Cursor};
pub(crate) use export::{Export, Source};
pub(crate) use init::Init;
pub(crate) use looking::{Discover, Doctor};
pub(crate) use serving::{Keys, KeysFileArgument, NewKey, Serve};
pub(crate) use simulated::{Demo, Population, Simulate};
pub(crate) use sync::Sync;

use crate::telling::Telling;

/// Keeps a copy of Microsoft Dynamics 365 tables in step, every night.
#[derive(Debug, Parser)]
#[command(name = "dynamics-sync", version, after_help = examples::ALL)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What several commands need.
#[derive(Args, Debug)]
pub(crate) struct Common {
    /// The stream file: what is synced.
    #[arg(long, global = true, env = "SYNC_STREAMS", value_name = "FILE")]
    pub(crate) streams: Option<PathBuf>,
    /// The embedded store's file, created if missing.
    #[arg(
        long,
        global = true,
        default_value = "dynamics-sync.db",
        value_name = "FILE"
    )]
    pub(crate) state: PathBuf,
    /// Use the deployed DynamoDB tables (SYNC_STATE_TABLE, SYNC_RECORDS_TABLE, SYNC_CHANGES_TABLE)
    /// in place of --state.
    #[arg(long, global = true, conflicts_with = "state")]
    pub(crate) aws: bool,
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Tell only data and errors: no progress, no notes.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Tell each request to Dynamics and each step on standard error; never what is in a row.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
}

impl Common {
    pub(crate) fn telling(&self) -> Telling {
        match (self.quiet, self.verbose) {
            (true, _) => Telling::Quiet,
            (false, false) => Telling::Usual,
            (false, true) => Telling::Verbose,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show everything on this machine: a simulated Dynamics, a first load, changes on both sides, an
    /// expiry, a conflict, and each time a comparison with the truth. Needs no account and no settings.
    #[command(after_help = examples::DEMO)]
    Demo(Demo),
    /// Check whether everything is as a sync needs it, one by one: settings, address, token, application user,
    /// tables, columns, privileges. Says what is wrong, who can mend it, and how. Changes nothing.
    #[command(after_help = examples::DOCTOR)]
    Doctor(Doctor),
    /// Write a stream file to begin with: which tables are synced, and which of their columns.
    #[command(after_help = init::HELP)]
    Init(Init),
    /// Show which tables Dynamics has, or the columns of those that are named.
    #[command(after_help = examples::DISCOVER)]
    Discover(Discover),
    /// Run the sync now.
    #[command(after_help = examples::SYNC)]
    Sync(Sync),
    /// Write a stream's rows as CSV.
    #[command(after_help = examples::EXPORT)]
    Export(Export),
    /// Show how fresh each stream is, what needs a person, and the latest runs.
    #[command(after_help = examples::STATUS)]
    Status,
    /// Look at the changes that the app wants made in Dynamics, and decide about those that were refused
    /// or are held.
    #[command(subcommand, after_help = examples::CHANGES)]
    Changes(Changes),
    /// Look at how far a stream has been read, start it again, release what was stopped, or remove it.
    #[command(subcommand, after_help = examples::CURSOR)]
    Cursor(Cursor),
    /// Make keys for those who call over HTTP.
    #[command(subcommand, after_help = examples::KEYS)]
    Keys(Keys),
    /// Answer on this machine as the functions do behind API Gateway: how the sync stands, exports, changes.
    /// On 127.0.0.1 only; prints the address, and a key if there is none yet.
    #[command(after_help = examples::SERVE)]
    Serve(Serve),
    /// Be a Dynamics on this machine, for trying things out; prints the credentials it accepts.
    #[command(after_help = examples::SIMULATE)]
    Simulate(Simulate),
    /// Print what a shell needs to complete commands and options with the Tab key.
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
}

impl Command {
    /// Whether what it does depends on variables.
    pub(crate) fn has_settings(&self) -> bool {
        !matches!(
            self,
            Self::Demo(_) | Self::Simulate(_) | Self::Completions { .. }
        )
    }
}
