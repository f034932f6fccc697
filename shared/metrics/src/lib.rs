//! What runs and checks count, as metrics: lines of the log in CloudWatch's embedded metric format, of which
//! CloudWatch makes metrics by itself.
//!
//! Each metric costs money, so there are few, and no input makes more of them: 17 a stage, and three a stream
//! of the stream file. What is told a stream comes from runs alone, because CloudWatch counts a metric by the
//! hours in which something is sent.
//!
//! Never in here: a value of a row, or an id; what a number means for people (see `situation`).

mod check;
mod line;
mod run;

use std::io::{self, Write};

pub use line::Line;

/// Makes the lines of one stage.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    stage: Option<String>,
}

impl Metrics {
    /// Of the stage with this name; without one there are no lines, so that a laptop's log stays clean.
    pub fn new(stage: Option<String>) -> Self {
        Self { stage }
    }
}

/// Writes the lines to standard output, where Lambda collects them. A line that cannot be written is lost, as
/// one of the log would be: no run fails for it.
pub fn write(lines: &[Line]) {
    let mut output = io::stdout().lock();
    for line in lines {
        // Whole: a line of the log must not get into it.
        let _ = output.write_all(format!("{line}\n").as_bytes());
    }
    let _ = output.flush();
}
