//! `dynamics-sync status`: how fresh each stream is, and the latest runs.

use clock::{Clock, SystemClock};
use serde_json::json;
use sync_engine::RunReport;
use sync_store::{Position, RunRecord};

use crate::Outcome;
use crate::arguments::Common;
use crate::connections::{self, OpenStore};
use crate::summary::{age, table};

/// How many runs are shown.
const RUNS: i32 = 10;

pub(crate) async fn run(common: &Common) -> anyhow::Result<Outcome> {
    let file = connections::stream_file(common)?;
    let open = OpenStore::open(common).await?;
    let now = SystemClock.now();
    let mut streams = Vec::new();
    for stream in &file.streams {
        let cursor = open.store.cursor(&stream.name).await?;
        let as_of = open.store.as_of(&stream.name).await?;
        let lag = as_of
            .as_ref()
            .map(|as_of| clock::elapsed(as_of.as_of, now).as_secs());
        streams.push((stream.name.as_str(), cursor, as_of, lag));
    }
    let runs: Vec<RunRecord<RunReport>> = open.store.latest_runs(RUNS).await?;
    if common.json {
        let streams: Vec<_> = streams
            .iter()
            .map(|(name, cursor, as_of, lag)| {
                json!({
                    "name": name,
                    "position": cursor.as_ref().map(|cursor| position(&cursor.position)),
                    "generation": cursor.as_ref().map(|cursor| cursor.generation),
                    "as_of": as_of.as_ref().map(|as_of| as_of.as_of),
                    "lag_seconds": lag,
                })
            })
            .collect();
        let status = json!({"streams": streams, "runs": runs});
        anstream::println!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(Outcome::Good);
    }
    let mut shown = table(&["stream", "copy is", "as of", "cursor"], 0..=0);
    for (name, cursor, as_of, lag) in streams {
        shown.add_row([
            name.to_owned(),
            lag.map_or_else(|| "not loaded".to_owned(), age),
            as_of.map_or_else(String::new, |as_of| format!("{:.0}", as_of.as_of)),
            cursor
                .map_or("never read", |cursor| position(&cursor.position))
                .to_owned(),
        ]);
    }
    anstream::println!("{shown}\n");
    let mut shown = table(
        &["run", "began", "status", "stored", "deleted", "requests"],
        3..=5,
    );
    for run in runs {
        let sum = |count: fn(&sync_engine::StreamReport) -> u64| {
            run.report
                .streams
                .iter()
                .map(count)
                .sum::<u64>()
                .to_string()
        };
        shown.add_row([
            run.header.run_id.clone(),
            format!("{:.0}", run.header.started_at),
            run.report.status.name().to_owned(),
            sum(|stream| stream.stored),
            sum(|stream| stream.deleted),
            sum(|stream| stream.requests),
        ]);
    }
    anstream::println!("{shown}");
    Ok(Outcome::Good)
}

fn position(position: &Position) -> &'static str {
    match position {
        Position::Start => "at the start",
        Position::Loading { .. } => "in the middle of the first load",
        Position::Overlap { .. } => "loaded; overlap still to be read",
        Position::Settled { .. } => "settled",
        Position::Reading { .. } => "in the middle of a delta",
    }
}
