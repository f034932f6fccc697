//! Starting a run: which way depends on the host.

use std::fmt;

use futures::future::BoxFuture;
use sync_engine::RunRequest;

/// Starts runs.
pub trait StartRun: Send + Sync + fmt::Debug {
    /// Starts a run and does not wait for its end.
    fn start(&self, request: RunRequest) -> BoxFuture<'_, Result<Started, NotStarted>>;
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Started {
    /// A run of this id goes on now.
    Run(String),
    /// One goes on already.
    Underway,
}

/// Why no run was started, in words for people, without values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotStarted(pub String);

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
