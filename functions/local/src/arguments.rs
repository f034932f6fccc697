//! What can be typed.

mod serving;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use sync_engine::Mode;
use sync_store::ChangeState;

pub(crate) use serving::{Keys, KeysFileArgument, NewKey, Serve};

/// Keeps a copy of Microsoft Dynamics 365 tables in step, every night.
#[derive(Debug, Parser)]
#[command(
    name = "dynamics-sync",
    version,
    after_help = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the run ended, but not every stream is up to date.\n\nThe access to Dynamics comes from DYNAMICS_TENANT_ID, DYNAMICS_CLIENT_ID, DYNAMICS_CLIENT_SECRET and DYNAMICS_INSTANCE_URL (or DYNAMICS_SECRET_ID, a secret in AWS Secrets Manager)."
)]
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
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show everything on this machine: a simulated Dynamics, a first load, changes on both sides, an
    /// expiry, a conflict, and each time a comparison with the truth. Needs no account and no settings.
    Demo(Demo),
    /// Check whether everything is as a sync needs it, one by one: settings, address, token, application user,
    /// tables, columns, privileges. Says what is wrong, who can mend it, and how. Changes nothing.
    #[command(
        after_help = "Exit codes: 0 everything is as it must be; 1 something must be mended; 2 wrong usage; 3 it works, but there are warnings."
    )]
    Doctor(Doctor),
    /// Show which tables Dynamics has, or the columns of those that are named.
    #[command(
        after_help = "Examples:\n  dynamics-sync discover\n  dynamics-sync discover contacts\n  dynamics-sync discover contacts hlf_certifications --toml > streams.toml"
    )]
    Discover(Discover),
    /// Run the sync now.
    Sync(Sync),
    /// Write a stream's rows as CSV.
    Export(Export),
    /// Show how fresh each stream is, what needs a person, and the latest runs.
    Status,
    /// Look at the changes that the app wants made in Dynamics, and decide about those that were refused
    /// or are held.
    #[command(
        subcommand,
        after_help = "Exit codes: 0 done; 1 there is no such change, or it stands so that this cannot be done to it; 2 wrong usage."
    )]
    Changes(Changes),
    /// Look at how far a stream has been read, start it again, release what was stopped, or remove it.
    #[command(subcommand)]
    Cursor(Cursor),
    /// Make keys for those who call over HTTP.
    #[command(subcommand)]
    Keys(Keys),
    /// Answer on this machine as the functions do behind API Gateway: how the sync stands, exports, changes.
    /// On 127.0.0.1 only; prints the address, and a key if there is none yet.
    Serve(Serve),
    /// Be a Dynamics on this machine, for trying things out; prints the credentials it accepts.
    Simulate(Simulate),
}

/// What the simulated Dynamics holds.
#[derive(Args, Debug)]
pub(crate) struct Population {
    /// How many contacts it holds.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub(crate) contacts: u64,
    /// How many certifications.
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    pub(crate) certifications: u64,
    /// Which made-up people and changes.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
}

impl Population {
    pub(crate) fn options(&self) -> dynamics_simulator::Options {
        dynamics_simulator::Options {
            seed: self.seed,
            contacts: self.contacts,
            certifications: self.certifications,
            ..Default::default()
        }
    }
}

/// Fewer rows than a simulator alone has: the demo is read by somebody who waits for it.
#[derive(Args, Debug)]
#[command(mut_arg("contacts", |arg| arg.default_value("5000")))]
#[command(mut_arg("certifications", |arg| arg.default_value("1000")))]
pub(crate) struct Demo {
    #[command(flatten)]
    pub(crate) population: Population,
    /// Stay up afterwards: print an address to open in a browser, and a key.
    #[arg(long)]
    pub(crate) serve: bool,
}

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

#[derive(Args, Debug)]
pub(crate) struct Sync {
    /// Only this stream; may be given several times.
    #[arg(long = "stream", value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// How much to read. What is interrupted goes on with the next sync, whatever its mode, unless that
    /// is `full` again.
    #[arg(long, value_enum, default_value_t = ModeArgument::Delta)]
    pub(crate) mode: ModeArgument,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `Mode`, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ModeArgument {
    /// What changed since the last run.
    Delta,
    /// Everything again, in a new generation; what is gone from Dynamics is removed at the end.
    Full,
    /// What changed, then all keys and versions compared with the copy; what is missing or outdated is
    /// read again, what is gone is removed.
    Reconcile,
}

impl From<ModeArgument> for Mode {
    fn from(mode: ModeArgument) -> Self {
        match mode {
            ModeArgument::Delta => Self::Delta,
            ModeArgument::Full => Self::Full,
            ModeArgument::Reconcile => Self::Reconcile,
        }
    }
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum Cursor {
    /// Show how far the stream has been read, who has it, what was stopped and what cannot be read.
    Show(Show),
    /// Let the next run read everything again, in a new generation. Nothing vanishes until then.
    Reset(Change),
    /// Let as much happen in the next run as a guard stopped: so many records vanish from the copy, so many
    /// expired rows be written to Dynamics.
    Release(Change),
    /// Remove a stream that the stream file does not have any more, with its rows and its changes.
    Forget(Change),
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// The stream.
    #[arg(value_name = "STREAM")]
    pub(crate) stream: String,
}

/// A command that changes something about a stream.
#[derive(Args, Debug)]
pub(crate) struct Change {
    /// The stream.
    #[arg(value_name = "STREAM")]
    pub(crate) stream: String,
    /// Do not ask. Without a terminal to ask on this is needed.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Changes {
    /// List changes with how they stand and why, in the order in which they were handed in. No values.
    List(ListChanges),
    /// Show everything about one change, what it wants and what Dynamics has included: the values may be
    /// about a person.
    Show(ChangeId),
    /// Try a refused or held change again in the next run.
    Retry(Decision),
    /// Give up a change that waits, is held or was refused.
    Drop(Decision),
    /// Decide a held change for the app: the next run writes its values over those of Dynamics.
    KeepApp(Decision),
    /// Decide a held change for Dynamics: the app's values are given up.
    KeepDynamics(Decision),
}

/// Which changes are listed.
#[derive(Args, Debug)]
pub(crate) struct ListChanges {
    /// Only those of this stream.
    #[arg(long, value_name = "NAME")]
    pub(crate) stream: Option<String>,
    /// Only those that stand so.
    #[arg(long, value_parser = state(), value_name = "STATUS")]
    pub(crate) status: Option<ChangeState>,
}

fn state() -> impl TypedValueParser<Value = ChangeState> {
    PossibleValuesParser::new(ChangeState::ALL.map(ChangeState::name)).try_map(|name| {
        let mut states = ChangeState::ALL.into_iter();
        let found = states.find(|state| state.name() == name);
        found.ok_or("no such status")
    })
}

#[derive(Args, Debug)]
pub(crate) struct ChangeId {
    /// The change's id, as `changes list` shows it.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// What a person decides about a change.
#[derive(Args, Debug)]
pub(crate) struct Decision {
    /// The change's id, as `changes list` shows it.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Do not ask. Without a terminal to ask on this is needed.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) port: u16,
    #[command(flatten)]
    pub(crate) population: Population,
}
