//! `dynamics-sync status`: how fresh each stream is, what needs a person, and the latest runs.

mod runs;
mod standing;

use serde_json::json;
use streams::StreamFile;
use sync_engine::RunReport;
use sync_store::{RunRecord, Store};

use crate::Outcome;
use crate::arguments::Common;
use crate::connections::{self, OpenStore};
use standing::Shown;

/// How many runs are shown.
const RUNS: i32 = 10;

pub(crate) async fn run(common: &Common) -> anyhow::Result<Outcome> {
    let file = connections::stream_file(common)?;
    let open = OpenStore::open(common).await?;
    let runs: Vec<RunRecord<RunReport>> = open.store.latest_runs(RUNS).await?;
    let mut streams = Vec::new();
    for stream in &file.streams {
        streams.push(Shown::read(&open.store, stream, &runs).await?);
    }
    let gone = gone(&file, &open.store).await?;
    if common.json {
        let streams: serde_json::Result<Vec<_>> = streams.iter().map(Shown::json).collect();
        let status = json!({"streams": streams?, "not_in_file": gone, "runs": runs});
        anstream::println!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(Outcome::Good);
    }
    standing::print(&streams, &gone);
    standing::print_changes(&streams);
    runs::print(&runs);
    Ok(Outcome::Good)
}

/// The streams with records that the stream file does not have any more.
async fn gone(file: &StreamFile, store: &Store) -> anyhow::Result<Vec<String>> {
    let mut names = store.known_streams().await?;
    names.retain(|name| file.streams.iter().all(|stream| &stream.name != name));
    Ok(names)
}
