//! What can be typed about running a sync.

use clap::{Args, ValueEnum};
use sync_engine::Mode;

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
