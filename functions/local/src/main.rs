//! The command line `dynamics-sync`: the same sync as the Lambda functions, from a terminal, on
//! embedded storage.
//!
//! Wiring and words only: what is synced and how lives in the shared crates. Data goes to standard
//! output, everything else to standard error.

mod arguments;
mod commands;
mod connections;
mod consent;
mod demo;
mod dot_env;
mod host;
mod interrupt;
mod keys_file;
mod paint;
mod progress;
mod summary;
mod telling;
mod width;
mod words;

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use tokio::runtime::Runtime;

use crate::arguments::{Arguments, Command};
use crate::interrupt::Interrupted;
use crate::paint::BAD;

/// Before what went wrong.
const ERROR: &str = "error:";

/// As long may what was begun take to end, when there is nothing more to do.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What a command came to, as an exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    /// 0: done, and everything is as it should be.
    Good,
    /// 3: the run ended, but not every stream is up to date.
    Incomplete,
}

fn main() -> ExitCode {
    // Options may come from it, so that it comes before them.
    let dot_env = dot_env::load();
    // Wrong usage ends here, with 2.
    let arguments = Arguments::parse();
    arguments.common.telling().begin_log();
    match run(&arguments, dot_env) {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(3),
        Err(error) => ended(&error),
    }
}

fn run(arguments: &Arguments, dot_env: anyhow::Result<()>) -> anyhow::Result<Outcome> {
    if arguments.command.has_settings() {
        dot_env?;
    }
    let runtime = Runtime::new().context("cannot start any thread")?;
    let result = runtime.block_on(carry_out(arguments));
    // The embedded store closes its file; what a thread still waits for, such as the address of a host, is not
    // worth waiting for.
    runtime.shutdown_timeout(LAST_WORDS);
    result
}

async fn carry_out(Arguments { common, command }: &Arguments) -> anyhow::Result<Outcome> {
    match command {
        Command::Demo(options) => demo::run(common, options).await,
        Command::Sync(options) => commands::sync::run(common, options).await,
        Command::Export(options) => commands::export::run(common, options).await,
        Command::Cursor(command) => commands::cursor::run(common, command).await,
        Command::Changes(command) => commands::changes::run(common, command).await,
        Command::Doctor(options) => commands::doctor::run(common, options).await,
        Command::Init(options) => commands::init::run(options, common).await,
        Command::Discover(options) => commands::discover::run(common, options).await,
        Command::Status => commands::status::run(common).await,
        Command::Keys(command) => commands::keys::run(common, command).await,
        Command::Serve(options) => commands::serve::run(common, options).await,
        Command::Simulate(options) => commands::simulate::run(common, options).await,
        Command::Completions { shell } => Ok(commands::completions::run(*shell)),
    }
}

/// Says why a command came to nothing.
fn ended(error: &anyhow::Error) -> ExitCode {
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        // Wrong usage that only shows while the command runs ends like any other.
        usage.exit();
    }
    if let Some(interrupted) = error.downcast_ref::<Interrupted>() {
        // After the `^C` that the terminal shows.
        let before = if stderr().is_terminal() { "\n" } else { "" };
        anstream::eprintln!("{before}{}", width::told(&interrupted.to_string()));
        return interrupted.exit_code();
    }
    let text = width::told(&format!("{ERROR} {}", told(error)));
    anstream::eprintln!("{}", paint::first(&text, ERROR, BAD));
    ExitCode::FAILURE
}

/// What went wrong with its causes, up to one that tells its own.
fn told(error: &anyhow::Error) -> String {
    let mut causes = Vec::new();
    for cause in error.chain() {
        causes.push(cause.to_string());
        if cause.is::<dynamics_client::Error>() {
            break;
        }
    }
    causes.join(": ")
}
