//! How fast a pull is, as a ratio against a floor that does only the unavoidable part, in one run; and
//! that reading everything again writes each row once, and a further run nothing.
//!
//! How fast an export is, and that its memory does not grow (`exports`).
//!
//! How long each function takes to start, and how large it is (`cold_start`).
//!
//! And how well single writes keep to the request budget (`under_the_limit`).
//!
//! Simulator and store run as processes of their own, and so does each thing that is measured: what is
//! reported as a process's peak memory is that of syncing alone.

mod cold_start;
// The client's own tests hold the same in small.
mod drain;
mod exports;
#[path = "../../../shared/dynamics-client/tests/support/pace.rs"]
mod pace;
mod phases;
mod servers;
mod under_the_limit;

use std::process::Command;

use anyhow::{Context, anyhow, ensure};
use clap::{Parser, Subcommand, ValueEnum};

use crate::drain::Drain;
use crate::phases::{Measured, Phase};
use crate::servers::Server;

/// Benchmarks of a pull, of an export, and of the request budget.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many rows.
    #[arg(long, env = "ROWS", default_value_t = 200_000)]
    rows: u64,
    /// How many waiting changes.
    #[arg(long, env = "CHANGES", default_value_t = 20_000)]
    changes: u64,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What a child process does.
#[derive(Debug, Subcommand)]
enum Part {
    /// Only the single writes under the enforced limits.
    Limits,
    /// Only how fast waiting changes go to Dynamics.
    Drain,
    /// Only how long each function takes to start, and how large it is.
    ColdStart,
    /// Only how fast an export is, and what memory it takes.
    Export,
    /// Measures one part of that and prints it as JSON.
    ExportOne {
        part: exports::Part,
        #[arg(long)]
        dynamics: String,
        #[arg(long)]
        store: String,
    },
    /// Measures one part of how fast changes go to Dynamics and prints it as JSON.
    DrainOne {
        part: Drain,
        #[arg(long)]
        dynamics: String,
        #[arg(long)]
        store: String,
    },
    /// Serves a Dynamics.
    Simulator,
    /// Serves a DynamoDB.
    Store,
    /// Measures one phase and prints it as JSON.
    Phase {
        phase: Phase,
        #[arg(long)]
        dynamics: String,
        #[arg(long)]
        store: String,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.part {
        None => {
            compare(arguments.rows)?;
            compare_drains(arguments.changes)?;
            exports::compare()?;
            cold_start::compare().await?;
            within_a_thread(under_the_limit::compare)
        }
        Some(Part::Drain) => compare_drains(arguments.changes),
        Some(Part::ColdStart) => cold_start::compare().await,
        Some(Part::Export) => exports::compare(),
        Some(Part::ExportOne {
            part,
            dynamics,
            store,
        }) => {
            let measured = part.measure(&dynamics, &store).await?;
            say(&serde_json::to_string(&measured)?);
            Ok(())
        }
        Some(Part::DrainOne {
            part,
            dynamics,
            store,
        }) => {
            let began = std::time::Instant::now();
            let mut measured = part.measure(arguments.changes, &dynamics, &store).await?;
            measured.seconds = began.elapsed().as_secs_f64();
            measured.peak_kilobytes = phases::peak_kilobytes()?;
            say(&serde_json::to_string(&measured)?);
            Ok(())
        }
        Some(Part::Limits) => within_a_thread(under_the_limit::compare),
        Some(Part::Simulator) => servers::simulator(arguments.rows).await,
        Some(Part::Store) => servers::store().await,
        Some(Part::Phase {
            phase,
            dynamics,
            store,
        }) => {
            let measured = phases::measure(phase, arguments.rows, &dynamics, &store).await?;
            say(&serde_json::to_string(&measured)?);
            Ok(())
        }
    }
}

/// Runs what must not meet the runtime of this program.
fn within_a_thread(run: fn() -> anyhow::Result<()>) -> anyhow::Result<()> {
    let ran = std::thread::spawn(run).join();
    ran.map_err(|_| anyhow!("it panicked"))?
}

/// What the process that syncs may have in memory at most.
const PEAK_MEGABYTES_MAX: u64 = 128;

fn compare(rows: u64) -> anyhow::Result<()> {
    say(&format!("A pull of {rows} rows, in pages of 5,000:"));
    let dynamics = Server::start("simulator", rows)?;
    let alone = |phase| {
        let store = Server::start("store", rows)?;
        run(phase, rows, &dynamics.address, &store.address)
    };
    let fetch = alone(Phase::Fetch)?;
    let write = alone(Phase::Write)?;
    let store = Server::start("store", rows)?;
    let onto_it = |phase| run(phase, rows, &dynamics.address, &store.address);
    let pull = onto_it(Phase::Pull)?;
    let again = onto_it(Phase::Again)?;
    let further = onto_it(Phase::Further)?;

    let slower = fetch.seconds.max(write.seconds);
    say(&format!(
        "  the pull takes {:.2} times the slower of (a) and (b) (goal: 1.25), {:.2} times (a);\n  \
         all rows again {:.2} times the slower",
        pull.seconds / slower,
        pull.seconds / fetch.seconds,
        again.seconds / slower,
    ));
    for measured in [&fetch, &write, &pull, &again] {
        ensure!(measured.rows == rows, "not every row: {measured:?}");
    }
    for measured in [&pull, &again] {
        let counts = (measured.stored, measured.deleted);
        ensure!(
            counts == (rows, 0),
            "not each row written once: {measured:?}"
        );
    }
    let counts = (further.requests, further.stored, further.deleted);
    ensure!(
        counts == (1, 0, 0),
        "more than one request or something written: {further:?}"
    );
    for measured in [&pull, &again, &further] {
        let megabytes = measured.peak_kilobytes / 1024;
        ensure!(
            megabytes < PEAK_MEGABYTES_MAX,
            "too much memory: {measured:?}"
        );
    }
    say("  each row was written once by the pull and once when read again, none was swept away,");
    say("  and the further run asked for one page and wrote nothing");
    Ok(())
}

fn compare_drains(changes: u64) -> anyhow::Result<()> {
    say(&format!(
        "{changes} waiting changes, in invocations of a minute:"
    ));
    let alone = Server::start("simulator", 0)?;
    let (dynamics, store) = (Server::start("simulator", 0)?, Server::start("store", 0)?);
    let mut rates = Vec::new();
    for drain in Drain::ALL {
        let of = match drain {
            Drain::ClientCreates | Drain::ClientUpdates => &alone,
            _ => &dynamics,
        };
        let part = drain.to_possible_value().context("no name")?;
        let measured = child(&[
            "--changes",
            &changes.to_string(),
            "drain-one",
            part.get_name(),
            "--dynamics",
            &of.address,
            "--store",
            &store.address,
        ])?;
        let rate = as_f64(measured.rows) / measured.seconds;
        say(&format!(
            "  {:<32} {:>7.1} s {rate:>8.0} rows/s {:>5} requests {:>3} invocations {:>4} MB at most",
            drain.title(),
            measured.seconds,
            measured.requests,
            measured.invocations,
            measured.peak_kilobytes / 1024
        ));
        ensure!(measured.rows == changes, "not every change: {measured:?}");
        ensure!(
            measured.peak_kilobytes / 1024 < PEAK_MEGABYTES_MAX,
            "too much memory: {measured:?}"
        );
        rates.push(rate);
    }
    if let [creates, updates, _, pushed_creates, _, pushed_updates] = rates.as_slice() {
        say(&format!(
            "  pushed at {:.2} of the client's own rate of creates, and {:.2} of its updates; the rest is the \
             store: each change is settled in a transaction of its own",
            pushed_creates / creates,
            pushed_updates / updates
        ));
    }
    Ok(())
}

/// Runs a phase in a process of its own, and tells what it came to.
fn run(phase: Phase, rows: u64, dynamics: &str, store: &str) -> anyhow::Result<Measured> {
    let measured = in_a_process(phase, rows, dynamics, store)?;
    say(&format!(
        "  {:<32} {:>7.1} s {:>8.0} rows/s {:>8} stored {:>4} + {} requests {:>4} MB at most",
        phase.title(),
        measured.seconds,
        as_f64(measured.rows) / measured.seconds,
        measured.stored,
        measured.requests,
        measured.preparing_requests,
        measured.peak_kilobytes / 1024
    ));
    Ok(measured)
}

fn in_a_process(phase: Phase, rows: u64, dynamics: &str, store: &str) -> anyhow::Result<Measured> {
    let rows = rows.to_string();
    let (name, servers) = (phase.name(), ["--dynamics", dynamics, "--store", store]);
    child(&[&["--rows", &rows, "phase", name][..], &servers].concat())
}

/// What this program prints in another process.
fn child(arguments: &[&str]) -> anyhow::Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .args(arguments)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{arguments:?} failed: {errors}");
    serde_json::from_slice(&output.stdout).context("a phase printed no measurement")
}

/// For a rate: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "a rate has three digits")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

#[expect(
    clippy::print_stdout,
    reason = "printing figures is what this program is for"
)]
fn say(line: &str) {
    println!("{line}");
}
