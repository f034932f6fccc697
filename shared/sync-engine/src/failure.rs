//! Why a stream's pull stopped.

use dynamics_client::ErrorKind;
use thiserror::Error;

use crate::StreamStatus;

/// Why a stream's pull stopped. The cursor stands where the last stored page left it.
#[derive(Debug, Error)]
pub enum Failure {
    /// Dynamics, Entra or the network.
    #[error(transparent)]
    Dynamics(#[from] dynamics_client::Error),
    /// The credentials for Dynamics cannot be read.
    #[error("{0}")]
    NoCredentials(String),
    /// DynamoDB, or another run has taken over.
    #[error(transparent)]
    Store(#[from] sync_store::Error),
    /// The stream file does not fit the live environment; every problem is listed.
    #[error("stream `{stream}` does not fit table `{table}` in Dynamics: {}", problems.join("; "))]
    Mapping {
        /// The stream.
        stream: String,
        /// The entity set.
        table: String,
        /// What does not fit, and what to do about it.
        problems: Vec<String>,
    },
    /// Rows of a page that cannot be stored as they are. None of the page was stored.
    #[error(
        "{count} of {of} rows of a page cannot be read; the first is row {id}: {reason}. Correct the row in Dynamics; the next run reads the page again. (A change of the stream file's mapping needs an empty copy in this version)"
    )]
    UnreadableRows {
        /// How many.
        count: usize,
        /// Out of how many.
        of: usize,
        /// The first one's GUID.
        id: String,
        /// What is wrong with it: a column and an expectation, no value.
        reason: String,
    },
    /// The cursor was made for something else than this run reads.
    #[error(
        "{what} changed since stream `{stream}` was loaded, so its cursor cannot be used. This version cannot load a stream again by itself: undo the change, or start with an empty copy (another --state file; in AWS new state AND records tables)"
    )]
    ForeignCursor {
        /// The stream.
        stream: String,
        /// What changed.
        what: &'static str,
    },
    /// There are records, but no cursor that says how far they were read.
    #[error(
        "the cursor of stream `{stream}` is gone although its records are there, so what changed since cannot be told. Restore the state table from its point-in-time recovery, or start with an empty copy (another --state file; in AWS new state AND records tables)"
    )]
    LostCursor {
        /// The stream.
        stream: String,
    },
    /// Dynamics ended a change-tracking read without a delta link.
    #[error(
        "Dynamics ended the first load of `{table}` without a delta link, so later changes could not be told from it. Nothing is lost: the next run reads the last page again. If it repeats, check that change tracking is on for the table"
    )]
    NoDeltaLink {
        /// The entity set.
        table: String,
    },
}

impl Failure {
    /// How the stream ends: a deadline too near for the next request is no failure,
    /// nor is a stream that passed to another run.
    pub(crate) fn status(&self) -> StreamStatus {
        match self {
            Self::Dynamics(error) if error.kind() == ErrorKind::Deadline => StreamStatus::Continue,
            Self::Store(error) => match error.kind() {
                // Everything stored so far stays; the next invocation finds the table grown.
                sync_store::ErrorKind::Throttled => StreamStatus::Continue,
                // The other run goes on.
                sync_store::ErrorKind::LeaseLost => StreamStatus::Held,
                _ => StreamStatus::Failed,
            },
            _ => StreamStatus::Failed,
        }
    }
}
