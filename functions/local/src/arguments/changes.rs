//! What can be typed about the app's changes.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use sync_store::ChangeState;

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
