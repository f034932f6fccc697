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
        "{count} of {of} rows of a page cannot be read; the first is row {id}: {reason}. Correct the row in Dynamics or the stream file; the next run reads the page again"
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
        "{what} changed since stream `{stream}` was loaded, so its cursor cannot be used. This version cannot load a stream again by itself: point it at an empty state (another --state file, or new tables)"
    )]
    ForeignCursor {
        /// The stream.
        stream: String,
        /// What changed.
        what: &'static str,
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
    /// How the stream ends: a deadline too near for the next request is no failure.
    pub(crate) fn status(&self) -> StreamStatus {
        match self {
            Self::Dynamics(error) if error.kind() == ErrorKind::Deadline => StreamStatus::Continue,
            _ => StreamStatus::Failed,
        }
    }
}
