//! Handing in changes for Dynamics: what a change must look like to be taken in, and what people may ask
//! and decide about it afterwards. One [`Changes`] serves API Gateway and the loopback server alike; what
//! it does is there without HTTP too, for the command line.
//!
//! A body is held against the stream file whole: everything that is wrong with it is answered together,
//! and nothing of it is stored. What was answered with 202 is stored, and is carried out by a run.
//!
//! Never in here: Dynamics; Lambda; which key belongs to which caller; and a value of a change in an
//! error, a log line or `Debug`.

mod body;
mod fields;
mod identity;
mod intake;
mod json;
mod key;
mod listing;
mod number;
mod query;
mod resolution;
mod routes;
mod value;
mod view;

use std::fmt;
use std::sync::Arc;

use clock::Clock;
use streams::StreamFile;
use sync_store::Store;

pub use listing::{Filter, Page};
pub use resolution::Resolution;
pub use view::{Shown, View};

/// Takes in changes, shows them, and does what people decide about them.
#[derive(Clone)]
pub struct Changes {
    store: Store,
    streams: Arc<StreamFile>,
    clock: Arc<dyn Clock>,
}

impl Changes {
    /// Changes of the streams of this file.
    pub fn new(store: Store, streams: StreamFile, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            streams: Arc::new(streams),
            clock,
        }
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("streams", &self.streams.hash)
            .finish_non_exhaustive()
    }
}
