//! `dynamics-sync changes`: looks at what the app wants made in Dynamics, and decides about what needs a
//! person. None of it needs Dynamics.
//!
//! The rules are those of the crate `changes`, the same as over HTTP. Never in here: one of them.

mod decide;
mod list;
mod show;

use std::sync::Arc;

use clock::SystemClock;

use crate::Outcome;
use crate::arguments::{Changes as Command, Common};
use crate::connections::{self, OpenStore};

pub(crate) use list::print as print_list;

pub(crate) async fn run(common: &Common, command: &Command) -> anyhow::Result<Outcome> {
    use changes::Resolution::{Drop, KeepApp, KeepDynamics, Retry};
    match command {
        Command::List(options) => list::run(common, options).await?,
        Command::Show(options) => show::run(common, &options.id).await?,
        Command::Retry(options) => decide::run(common, options, Retry).await?,
        Command::Drop(options) => decide::run(common, options, Drop).await?,
        Command::KeepApp(options) => decide::run(common, options, KeepApp).await?,
        Command::KeepDynamics(options) => decide::run(common, options, KeepDynamics).await?,
    }
    Ok(Outcome::Good)
}

/// The changes of the streams of the stream file, with what they are stored in.
async fn open(common: &Common) -> anyhow::Result<(changes::Changes, OpenStore)> {
    let file = connections::stream_file(common)?;
    let open = OpenStore::open(common).await?;
    let changes = changes::Changes::new(open.store.clone(), file, Arc::new(SystemClock));
    Ok((changes, open))
}
