//! What a run does, in which order: it compares what the copy should hold with what Dynamics says, so
//! it may be started twice, late, or be lost once, without harm.
//!
//! [`Engine::run`] is the way in. Per stream it takes the lease, binds the stream file's mapping to the
//! table's metadata (`plan`), reads page by page from the cursor (`pull`), stores each page and
//! then, and only then, moves the cursor; the answer is a [`RunReport`].
//!
//! Never in here: Lambda, environment variables, ambient time. And a cursor never moves past a page
//! that is not stored.

mod apply;
mod break_off;
mod cannot_read;
mod contract;
mod convert;
mod dry_run;
mod expire;
mod expire_targets;
mod expiries;
mod expiry;
mod expiry_changes;
mod failure;
mod fingerprint;
mod fit;
mod guard;
mod invocation;
mod keeper;
mod key_walk;
mod live;
mod misfits;
mod nearest_names;
mod owned;
mod phases;
mod plan;
mod progress;
mod pull;
mod push;
mod pushes;
mod quarantine;
mod recovery;
mod report;
mod request;
mod resume;
mod row_reader;
mod run;
mod second_look;
mod status;
mod store_page;
mod sweep;
mod walk;
mod writer;

pub use dry_run::{Difference, Side, Tell, What};
pub use expiry::ExpiryRule;
pub use failure::Failure;
pub use live::{Live, LivePage, LiveRow};
pub use misfits::misfits;
pub use progress::Progress;
pub use report::{RunReport, StreamReport};
pub use request::{Mode, RequestError, RunRequest};
pub use run::{Engine, Limits, RunError};
pub use status::{RunStatus, StreamStatus};
