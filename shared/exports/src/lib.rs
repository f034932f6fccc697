//! Exports: a stream's rows, live from Dynamics or from the copy, or the changes that are not in Dynamics
//! yet, as CSV. [`Exports::handle`] is a call over HTTP, [`Exports::open`] the same for a program.
//!
//! What a cell says:
//! - texts as they are, but for the one rule of [`csv_export::defuse`]; choices by the stream file's labels,
//!   lookups by the GUID of the row that they refer to, yes and no as `true` and `false` in every language;
//! - numbers with `.` and every digit that Dynamics has;
//! - days as `2026-01-31`; instants as `2026-01-31 10:20:30` in the organisation's time zone, so that a
//!   spreadsheet sees a time (the hour that autumn repeats reads the same twice). Of the copy, whose columns'
//!   types nobody may be there to ask for, a text of exactly the form of an instant is taken for one;
//! - nothing where Dynamics has no value, and `#UNKNOWN` where there is one that cannot be read, such as a
//!   choice that the stream file does not have.
//!
//! From Dynamics comes what Dynamics holds: neither what waits to be written to it, nor what an expiry hides.
//! From the copy comes what the app shows: both, without the rows that are gone.
//!
//! Never in here: Lambda; a whole file or more than two pages in memory; a text of a request in a header or
//! in the log.

mod body;
mod cells;
mod changes;
mod columns;
mod encoding;
mod open;
mod recording;
mod request;
mod routes;
mod sink;
mod source;
mod writing;

use std::sync::Arc;

use access::Access;
use clock::Clock;
use streams::StreamFile;
use sync_store::Store;

pub use body::{BoxError, ExportBody};
pub use open::{Opened, Refused};
pub use request::{Of, Source, Wanted};
pub use sink::Packing;
pub use writing::{Incomplete, Running};

/// Everything that exports work with.
pub struct Exports {
    store: Store,
    streams: StreamFile,
    dynamics: Arc<Access>,
    clock: Arc<dyn Clock>,
}

impl Exports {
    /// Exports of the streams of this file. `dynamics` is asked when rows are wanted live.
    pub fn new(
        store: Store,
        streams: StreamFile,
        dynamics: Arc<Access>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            streams,
            dynamics,
            clock,
        }
    }
}
