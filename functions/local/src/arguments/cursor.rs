//! What can be typed about what is stored of a stream.

use clap::{Args, Subcommand};

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
