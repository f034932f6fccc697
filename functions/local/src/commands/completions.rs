//! `dynamics-sync completions`: what a shell needs to complete what is typed.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::Outcome;
use crate::arguments::Arguments;

pub(crate) fn run(shell: Shell) -> Outcome {
    let mut program = Arguments::command();
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut program, name, &mut script);
    anstream::print!("{}", String::from_utf8_lossy(&script));
    Outcome::Good
}
