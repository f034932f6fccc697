//! `dynamics-sync cursor`: looks at what is stored about one stream, and changes it as only a person may.
//! None of it needs Dynamics.

mod forget;
mod known;
mod release;
mod reset;
mod show;

use anyhow::anyhow;
use jiff::Timestamp;

use crate::Outcome;
use crate::arguments::{Common, Cursor};

pub(crate) async fn run(common: &Common, command: &Cursor) -> anyhow::Result<Outcome> {
    match command {
        Cursor::Show(options) => show::run(common, &options.stream).await?,
        Cursor::Reset(options) => reset::run(common, options).await?,
        Cursor::Release(options) => release::run(common, options).await?,
        Cursor::Forget(options) => forget::run(common, options).await?,
    }
    Ok(Outcome::Good)
}

/// Why nothing was changed while a run has the stream.
fn held(stream: &str, owner: &str, until: Timestamp) -> anyhow::Error {
    anyhow!(
        "run `{owner}` holds stream `{stream}` until {until:.0}, and longer while it goes on; nothing was changed. Try again when it has ended"
    )
}
