//! `dynamics-sync cursor reset`: lets the next run read everything again.

use clock::{Clock, SystemClock};
use serde_json::json;
use sync_store::Reset;

use super::{held, known};
use crate::arguments::{Change, Common};
use crate::connections::OpenStore;
use crate::consent::Consent;

pub(crate) async fn run(common: &Common, options: &Change) -> anyhow::Result<()> {
    let consent = Consent::possible(options.yes)?;
    let stream = options.stream.as_str();
    let file = known::stream_file(common)?;
    let open = OpenStore::open(common).await?;
    known::state(&open.store, file.as_ref(), stream).await?;
    consent.obtain(&format!(
        "Let the next run read stream `{stream}` again from the start? Its records stay until then."
    ))?;
    let outcome = match open.store.reset_cursor(stream, SystemClock.now()).await? {
        Reset::Done => "reset",
        Reset::NothingToReset => "nothing_to_reset",
        Reset::Held { owner, until } => return Err(held(stream, &owner, until)),
    };
    if common.json {
        anstream::println!("{}", json!({"stream": stream, "outcome": outcome}));
        return Ok(());
    }
    let was = match outcome {
        "reset" => "was reset",
        _ => "has no cursor to reset",
    };
    anstream::println!(
        "Stream `{stream}` {was}: the next run reads everything again in a new generation. Nothing is lost, and nothing vanishes from the copy until then."
    );
    Ok(())
}
