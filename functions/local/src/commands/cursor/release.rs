//! `dynamics-sync cursor release`: lets what the guard stopped happen in the next run.

use anyhow::bail;
use serde_json::json;
use sync_store::Guarded;

use super::known;
use crate::arguments::{Change, Common};
use crate::connections::OpenStore;
use crate::consent::Consent;
use crate::words;

pub(crate) async fn run(common: &Common, options: &Change) -> anyhow::Result<()> {
    let consent = Consent::possible(options.yes)?;
    let stream = options.stream.as_str();
    let file = known::stream_file(common)?;
    let open = OpenStore::open(common).await?;
    let state = known::state(&open.store, file.as_ref(), stream).await?;
    let Some(Guarded { vanishing, of, .. }) = state.and_then(|state| state.guarded) else {
        bail!("nothing of stream `{stream}` is stopped, so there is nothing to release");
    };
    consent.obtain(&format!(
        "Let {vanishing} of {of} records of stream `{stream}` vanish from the copy in the next run?"
    ))?;
    // What is released is what was shown, unless a run was stopped again in between; the answer says.
    let Some(released) = open.store.release_guard(stream).await? else {
        bail!(
            "a run has just completed stream `{stream}`, so there is nothing to release any more"
        );
    };
    if common.json {
        let released = words::guarded_json(&released, true);
        let answer = json!({"stream": stream, "outcome": "released", "guarded": released});
        anstream::println!("{answer}");
        return Ok(());
    }
    let Guarded { vanishing, of, .. } = released;
    anstream::println!(
        "Released: {vanishing} of {of} records of stream `{stream}` may vanish. The next run that completes the stream carries it out; after that the guard is back."
    );
    Ok(())
}
