//! `dynamics-sync cursor forget`: removes a stream that the stream file does not have any more, with its
//! rows.

use anyhow::bail;
use clock::SystemClock;
use serde_json::json;
use sync_store::{ChangeState, Forgotten};

use super::{held, known};
use crate::arguments::{Change, Common};
use crate::connections::{self, OpenStore};
use crate::consent::Consent;
use crate::progress::Line;
use crate::words;

pub(crate) async fn run(common: &Common, options: &Change) -> anyhow::Result<()> {
    let consent = Consent::possible(options.yes)?;
    let stream = options.stream.as_str();
    // Without the file nobody could tell whether the next run would load the stream again.
    let file = Some(connections::stream_file(common)?);
    if known::is_in(file.as_ref(), stream) {
        bail!(
            "stream `{stream}` is still in the stream file, so the next run would only load it again; remove it there first"
        );
    }
    let open = OpenStore::open(common).await?;
    known::state(&open.store, file.as_ref(), stream).await?;
    if consent == Consent::Ask {
        let records = open.store.count_live(stream).await?;
        let waiting = open.store.count_changes(stream, ChangeState::Waiting);
        let with = with(records, waiting.await?);
        consent.obtain(&format!(
            "Remove stream `{stream}` with {with} from the tables for good?"
        ))?;
    }
    let line = Line::of(format!("removing {stream}"), common.telling());
    let forgotten = open.store.forget_stream(stream, &SystemClock).await?;
    drop(line);
    let (records, changes) = match forgotten {
        Forgotten::Done { records, changes } => (records, changes),
        Forgotten::Held { owner, until } => return Err(held(stream, &owner, until)),
    };
    if common.json {
        let answer = json!({"stream": stream, "outcome": "forgotten", "records": records, "changes": changes});
        anstream::println!("{answer}");
        return Ok(());
    }
    let with = with(records, changes);
    anstream::println!("Stream `{stream}` is removed, with {with}.");
    Ok(())
}

/// What goes with a stream.
fn with(records: u64, changes: u64) -> String {
    let records = words::count(records, "record");
    match changes {
        0 => records,
        _ => {
            let changes = words::count(changes, "change");
            format!("{records} and {changes} still to be made in Dynamics")
        }
    }
}
