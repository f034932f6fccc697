//! How fast a pull is, as a ratio against a floor that does only the unavoidable part, in one run.
//!
//! Simulator and store run as processes of their own, and so does each thing that is measured: what is
//! reported as a process's peak memory is that of syncing alone.

mod phases;
mod servers;

use std::process::Command;

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};

use crate::phases::{Measured, Phase};
use crate::servers::Server;

/// Benchmarks of a pull.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many rows.
    #[arg(long, env = "ROWS", default_value_t = 200_000)]
    rows: u64,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What a child process does.
#[derive(Debug, Subcommand)]
enum Part {
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
        None => compare(arguments.rows),
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

fn compare(rows: u64) -> anyhow::Result<()> {
    say(&format!("A pull of {rows} rows, in pages of 5,000:"));
    let dynamics = Server::start("simulator", rows)?;
    let mut measured = Vec::new();
    for phase in [Phase::Fetch, Phase::Write, Phase::Pull] {
        // Each on a store of its own, empty.
        let store = Server::start("store", rows)?;
        let result = run(phase, rows, &dynamics.address, &store.address)?;
        say(&format!(
            "  {:<34} {:>7.1} s  {:>8.0} rows/s  {:>4} requests  {:>4} MB at most",
            phase.title(),
            result.seconds,
            as_f64(rows) / result.seconds,
            result.requests,
            result.peak_kilobytes / 1024
        ));
        measured.push(result);
    }
    let [fetch, write, pull] = measured.as_slice() else {
        return Ok(());
    };
    let slower = fetch.seconds.max(write.seconds);
    say(&format!(
        "  the pull takes {:.2} times the slower of the two (goal: 1.25)",
        pull.seconds / slower
    ));
    Ok(())
}

fn run(phase: Phase, rows: u64, dynamics: &str, store: &str) -> anyhow::Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--rows", &rows.to_string(), "phase", phase.name()])
        .args(["--dynamics", dynamics, "--store", store])
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed: {errors}", phase.name());
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
