//! `dynamics-sync demo`: everything on this machine, in one go. A simulated Dynamics, a first load, a
//! burst of changes there, certifications that run out, the delta run that follows, a run that finds
//! nothing, and each time a comparison of the copy with the truth.
//!
//! It ends well only if the copy equals the truth and the last run wrote nothing.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use clock::{Clock, SystemClock};
use dynamics_client::{AuthorityHost, BudgetShare, ClientConfig, Credential, InstanceUrl};
use dynamics_simulator::{Running, Simulator, TruthRow};
use local_store::LocalStore;
use serde_json::{Map, Value, json};
use streams::StreamFile;
use sync_engine::{Engine, RunReport, RunRequest, RunStatus};

use crate::Outcome;
use crate::arguments::Demo;
use crate::commands;
use crate::connections::{self, OpenStore};
use crate::summary;

const STREAMS: &str = include_str!("demo.toml");
/// How many valid certifications run out.
const RUN_OUT: usize = 25;

pub(crate) async fn run(options: &Demo) -> anyhow::Result<Outcome> {
    let simulator = Simulator::new(options.population.options(), Arc::new(SystemClock));
    let dynamics = simulator.start().await?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let storage = LocalStore::open(&folder.path().join("demo.db")).await?;
    let open = OpenStore::embedded(storage).await?;
    let streams = StreamFile::parse(STREAMS, "demo.toml")?;
    let config = accepted_by(&simulator, &dynamics)?;
    let engine = connections::with_dynamics(config, streams, open.store.clone())?;

    say(
        "1",
        &format!(
            "A simulated Dynamics with {} contacts and {} certifications, and an empty copy. First load:",
            options.population.contacts, options.population.certifications
        ),
    );
    step(&engine).await?;
    compare(&simulator, &engine).await?;

    let (contacts, certifications) = burst(&simulator)?;
    let over = run_out(&simulator, &engine)?;
    say(
        "2",
        &format!(
            "In Dynamics, meanwhile: {contacts} contacts and {certifications} certifications are created, changed or deleted, and {over} more have run out yesterday, though they are still called active there. The nightly run:"
        ),
    );
    step(&engine).await?;
    compare(&simulator, &engine).await?;

    say("3", "Nothing has changed since. Another run:");
    let report = step(&engine).await?;
    let written: u64 = report.streams.iter().map(|s| s.stored + s.deleted).sum();
    ensure!(
        written == 0,
        "a run without changes wrote {written} records"
    );
    compare(&simulator, &engine).await?;
    anstream::println!("\nThe copy equals Dynamics. Nothing was left on this machine.");
    Ok(Outcome::Good)
}

/// One run, its summary, and how long it took.
async fn step(engine: &Engine) -> anyhow::Result<RunReport> {
    let began = Instant::now();
    let report = commands::sync::once(engine, &RunRequest::new(commands::sync::run_id())).await?;
    let seconds = began.elapsed().as_secs_f64();
    summary::print(&report);
    let rows: u64 = report.streams.iter().map(|stream| stream.pulled).sum();
    anstream::println!("{rows} rows in {seconds:.1} s");
    for stream in report.streams.iter().filter(|s| s.suppressed > 0) {
        anstream::println!(
            "{}: {} hidden, because their last valid day is over",
            stream.name,
            stream.suppressed
        );
    }
    ensure!(
        report.status == RunStatus::Complete,
        "the run is {}",
        report.status.name()
    );
    Ok(report)
}

async fn compare(simulator: &Simulator, engine: &Engine) -> anyhow::Result<()> {
    for stream in &engine.streams.streams {
        let (file, now) = (&engine.streams, SystemClock.now());
        let verdict = oracle::judge(simulator, &engine.store, file, stream, now).await?;
        anstream::println!("{}: {verdict}", stream.name);
        ensure!(
            verdict.is_equal(),
            "the copy of stream `{}` is wrong",
            stream.name
        );
    }
    Ok(())
}

/// A night's worth of changes, and how many per table.
fn burst(simulator: &Simulator) -> anyhow::Result<(u32, u32)> {
    let contacts = simulator.burst("contacts", 120, 300, 40)?;
    let certifications = simulator.burst("hlf_certifications", 20, 60, 10)?;
    let sum = |b: dynamics_simulator::BurstSummary| b.created + b.updated + b.deleted;
    Ok((sum(contacts), sum(certifications)))
}

/// Makes yesterday the last valid day of some certifications, and tells of how many.
fn run_out(simulator: &Simulator, engine: &Engine) -> anyhow::Result<usize> {
    let zone = engine.streams.time_zone.clone();
    let yesterday = SystemClock.now().to_zoned(zone).date().yesterday()?;
    let yesterday = yesterday.to_string();
    let over = Map::from_iter([("hlf_validto".to_owned(), json!(yesterday))]);
    let is_valid = |row: &TruthRow| {
        let last = row.get("hlf_validto").and_then(Value::as_str);
        let active = row.get("hlf_status") == Some(&json!(1));
        active && last.is_none_or(|day| day > yesterday.as_str())
    };
    let valid: Vec<_> = simulator
        .truth("hlf_certifications")?
        .filter(is_valid)
        .take(RUN_OUT)
        .collect();
    for row in &valid {
        let id = row.get("hlf_certificationid").and_then(Value::as_str);
        let id = id.context("a certification without an id")?.parse()?;
        simulator.update("hlf_certifications", id, over.clone())?;
    }
    Ok(valid.len())
}

/// A configuration with the credentials that the simulator accepts.
fn accepted_by(simulator: &Simulator, dynamics: &Running) -> anyhow::Result<ClientConfig> {
    let credentials = simulator.credentials();
    let address = dynamics.base_url();
    Ok(ClientConfig {
        instance: InstanceUrl::parse(&address)?,
        tenant: credentials.tenant_id.to_string(),
        client_id: credentials.client_id.to_string(),
        credential: Credential::ClientSecret(credentials.client_secret.clone().into()),
        authority: AuthorityHost::parse(&address)?,
        budget_share: BudgetShare::default(),
    })
}

fn say(number: &str, text: &str) {
    anstream::println!("\n{number}. {text}");
}
