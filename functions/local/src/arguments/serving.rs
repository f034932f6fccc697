//! What can be typed about answering over HTTP, and about the keys of those who call.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use web::Scope;

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a key and show it, once: only its hash is kept. Another of the same name stays good, until it is
    /// taken out of the file or the secret.
    New(NewKey),
}

#[derive(Args, Debug)]
pub(crate) struct NewKey {
    /// What the key is called: it stands beside what is done with it.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What it is good for; may be given several times.
    #[arg(long = "scope", required = true, value_parser = scope(), value_name = "SCOPE")]
    pub(crate) scopes: Vec<Scope>,
    #[command(flatten)]
    pub(crate) file: KeysFileArgument,
    /// With --aws: do not ask. Without a terminal to ask on this is needed.
    #[arg(long)]
    pub(crate) yes: bool,
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.map(Scope::name))
        .try_map(|name| Scope::named(&name).ok_or("no such scope"))
}

/// Where the keys of this machine are.
#[derive(Args, Debug)]
pub(crate) struct KeysFileArgument {
    /// The file with the keys that `serve` takes; beside the one of --state unless given. `keys new --aws`
    /// writes into the secret SYNC_KEYS_SECRET_ID in its place.
    #[arg(long = "keys", value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) port: u16,
    #[command(flatten)]
    pub(crate) file: KeysFileArgument,
}
