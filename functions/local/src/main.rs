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
mod host;
mod keys_file;
mod progress;
mod summary;
mod width;
mod words;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

/// What a command came to, as an exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    /// 0: done, and everything is as it should be.
    Good,
    /// 3: the run ended, but not every stream is up to date.
    Incomplete,
}

#[tokio::main]
async fn main() -> ExitCode {
    // Wrong usage ends here, with 2.
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Command::Demo(options) => demo::run(options).await,
        Command::Sync(options) => commands::sync::run(&arguments.common, options).await,
        Command::Export(options) => commands::export::run(&arguments.common, options).await,
        Command::Cursor(command) => commands::cursor::run(&arguments.common, command).await,
        Command::Changes(command) => commands::changes::run(&arguments.common, command).await,
        Command::Doctor(options) => commands::doctor::run(&arguments.common, options).await,
        Command::Discover(options) => commands::discover::run(&arguments.common, options).await,
        Command::Status => commands::status::run(&arguments.common).await,
        Command::Keys(command) => commands::keys::run(&arguments.common, command).await,
        Command::Serve(options) => commands::serve::run(&arguments.common, options).await,
        Command::Simulate(options) => commands::simulate::run(options).await,
    };
    match result {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(3),
        Err(error) => match error.downcast_ref::<clap::Error>() {
            // Wrong usage that only shows while the command runs ends like any other.
            Some(usage) => usage.exit(),
            None => {
                anstream::eprintln!("error: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}
