//! `dynamics-sync cursor release`: lets what a guard stopped happen in the next run.

use anyhow::bail;
use serde_json::{Value, json};
use sync_store::{Guard, Guarded};

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
    let stopped = state.iter().flat_map(|state| {
        let stopped = |guard| Some((guard, words::stopped(state, guard)?.0));
        Guard::ALL.into_iter().filter_map(stopped)
    });
    let stopped: Vec<(Guard, &Guarded)> = stopped.collect();
    if stopped.is_empty() {
        bail!("nothing of stream `{stream}` is stopped, so there is nothing to release");
    }
    let let_happen: Vec<String> = stopped
        .iter()
        .map(|(guard, guarded)| what(*guard, guarded, stream))
        .collect();
    consent.obtain(&format!(
        "Let {} in the next run?",
        let_happen.join(", and ")
    ))?;
    // What is released is what was shown, unless a run was stopped again in between; the answer says.
    let mut released = Vec::new();
    for (guard, _) in stopped {
        let guarded = open.store.release_guard(stream, guard).await?;
        released.extend(guarded.map(|guarded| (guard, guarded)));
    }
    if released.is_empty() {
        bail!(
            "a run has just completed stream `{stream}`, so there is nothing to release any more"
        );
    }
    if common.json {
        let json_of = |guard| {
            let mut released = released.iter();
            let found = released.find(|(other, _)| *other == guard);
            found.map(|(_, guarded)| words::guarded_json(guard, (guarded, true)))
        };
        let answer: Value = json!({
            "stream": stream,
            "outcome": "released",
            "guarded": json_of(Guard::Vanishing),
            "expiry_guarded": json_of(Guard::Expiry),
        });
        anstream::println!("{answer}");
        return Ok(());
    }
    for (guard, Guarded { vanishing, of, .. }) in released {
        let may = match guard {
            Guard::Vanishing => {
                format!("{vanishing} of {of} records of stream `{stream}` may vanish")
            }
            Guard::Expiry => format!(
                "{vanishing} of {of} rows that have expired by stream `{stream}` may be written to Dynamics"
            ),
        };
        anstream::println!(
            "Released: {may}. The next run that completes the stream carries it out; after that the guard is back."
        );
    }
    Ok(())
}

/// What a release lets happen, after "let".
fn what(guard: Guard, Guarded { vanishing, of, .. }: &Guarded, stream: &str) -> String {
    match guard {
        Guard::Vanishing => {
            format!("{vanishing} of {of} records of stream `{stream}` vanish from the copy")
        }
        Guard::Expiry => format!(
            "{vanishing} of {of} rows be written to Dynamics because they have expired by stream `{stream}`"
        ),
    }
}
