//! `dynamics-sync sync`: runs the sync now.

use anyhow::Context;
use clock::{Clock, SystemClock};
use jiff::Timestamp;
use sync_engine::{Engine, Progress, RunReport, RunRequest, RunStatus};

use crate::Outcome;
use crate::arguments::{Common, Sync as Options};
use crate::commands::dry_run;
use crate::connections::{self, OpenStore};
use crate::interrupt::{Interrupted, Signal, Signals};
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
    let telling = common.telling();
    if options.dry_run {
        let report = dry_run::run(&engine, &request, common.json, telling).await?;
        return Ok(outcome(&report));
    }
    let signals = Signals::listen().context("cannot listen for Ctrl-C")?;
    let mut interrupt = signals.watch(None);
    let bars = Bars::new(&engine, telling);
    let report = tokio::select! {
        report = once(&engine, &request, &bars) => report?,
        by = interrupt.told() => {
            bars.leave();
            return Err(broken_off(&engine, &request, by).await.into());
        }
    };
    drop(bars);
    if common.json {
        anstream::println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        summary::print(&report, telling);
    }
    Ok(outcome(&report))
}

/// What was underway is dropped by now; the next run need not wait for it.
async fn broken_off(engine: &Engine, request: &RunRequest, by: Signal) -> Interrupted {
    let kept =
        "interrupted. Everything that was stored is kept; `dynamics-sync sync` goes on from there";
    let told = match engine.break_off(&request.run_id).await {
        Ok(()) => kept.to_owned(),
        Err(error) => format!(
            "{kept}, within 90 seconds at the latest: the streams could not be given back ({error})"
        ),
    };
    Interrupted { by, told }
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
    engine: &Engine,
    request: &RunRequest,
    bars: &Bars,
) -> anyhow::Result<RunReport> {
    let tell = |progress: Progress<'_>| bars.tell(progress);
    Ok(engine.run(request, Timestamp::MAX, &tell).await?)
}

/// What a run from a terminal is called.
pub(crate) fn run_id() -> String {
    format!("terminal-{:.0}-{}", SystemClock.now(), std::process::id())
}
