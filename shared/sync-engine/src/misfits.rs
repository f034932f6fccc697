//! What of a stream does not fit its live table: what a run would refuse, in the same words.

use dynamics_client::Table;
use streams::{Stream, StreamFile};

use crate::Failure;
use crate::plan::Plan;

/// Everything for which a run would refuse `stream`, which is one of `file`'s, on `table`, which was read
/// with all of the stream's columns; with more of them, a misspelt one is told with the nearest.
pub fn misfits(stream: &Stream, table: &Table, file: &StreamFile) -> Vec<String> {
    match Plan::bind(stream, table, file) {
        Ok(_) => Vec::new(),
        Err(Failure::Mapping { problems, .. }) => problems,
        Err(other) => vec![other.to_string()],
    }
}
