//! `dynamics-sync sync`: runs the sync now.

use anyhow::Context;
use clock::{Clock, SystemClock};
use jiff::Timestamp;
use sync_engine::{RunReport, RunRequest, RunStatus};

use crate::Outcome;
use crate::arguments::{Common, Sync as Options};
use crate::commands::dry_run;
use crate::connections::{self, OpenStore};
use crate::progress::Bars;
use crate::summary;

pub(crate) async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    let (streams, config) = connections::sources(common).await?;
    let open = OpenStore::open(common).await?;
    let engine = connections::with_dynamics(config, streams, open.store.clone())?;
    let request = RunRequest {
        run_id: run_id(),
        mode: options.mode.into(),
        streams: options.only.clone(),
        dry_run: options.dry_run,
    };
    if options.dry_run {
        let report = dry_run::run(&engine, &request, common.json).await?;
        return Ok(outcome(&report));
    }
    let report = tokio::select! {
        report = once(&engine, &request) => report?,
        stopped = tokio::signal::ctrl_c() => {
            stopped.context("cannot listen for Ctrl-C")?;
            anyhow::bail!("interrupted. Everything stored so far is kept; run `dynamics-sync sync` again to go on (another run may have to wait up to 90 seconds)");
        }
    };
    if common.json {
        anstream::println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        summary::print(&report);
    }
    Ok(outcome(&report))
}

fn outcome(report: &RunReport) -> Outcome {
    if report.status == RunStatus::Complete {
        Outcome::Good
    } else {
        Outcome::Incomplete
    }
}

/// One run, with progress on a terminal. A terminal has no deadline.
pub(crate) async fn once(
    engine: &sync_engine::Engine,
    request: &RunRequest,
) -> anyhow::Result<RunReport> {
    let bars = Bars::new(engine);
    let report = engine
        .run(request, Timestamp::MAX, &|progress| bars.tell(progress))
        .await;
    bars.clear();
    Ok(report?)
}

/// What a run from a terminal is called.
pub(crate) fn run_id() -> String {
    format!("terminal-{:.0}-{}", SystemClock.now(), std::process::id())
}
