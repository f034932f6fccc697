//! A local Dataverse and Entra with faults, for tests and for trying things out.
//!
//! It listens on loopback, or answers in process, and behaves as Microsoft documents the Web API:
//! tokens, metadata, queries, paging, change tracking, single-row writes. Its rows are drawn from a
//! seed, on demand, so that a million of them cost no memory; what is written to it lies in an
//! overlay. A control surface, as a library and over HTTP, moves the clock, changes data, orders
//! faults and tells the ground truth.
//!
//! - `world`: tables, rows, versions, tombstones. Knows no HTTP.
//! - `query`: the query language. Knows no tables.
//! - `metadata`: table and column definitions.
//! - `web`: the wire. `faults`: what spoils it.
//!
//! Never in here: anything of this workspace but `clock`. A simulator that shared code with the
//! client would share its mistakes.

mod credentials;
mod data;
mod depth;
mod entra;
mod faults;
mod locks;
mod metadata;
mod options;
mod query;
mod refusal;
mod requests;
mod running;
mod shifted_clock;
mod simulator;
mod snapshot;
mod switches;
mod truth;
mod web;
mod world;

pub use credentials::Credentials;
pub use depth::Depth;
pub use faults::{Effect, Fault, FaultReport, Limit, Match, RetryAfter};
pub use options::Options;
pub use refusal::Refusal;
pub use requests::{Class, Count, Request, RequestLog};
pub use running::Running;
pub use simulator::Simulator;
pub use snapshot::Snapshot;
pub use switches::{FirstLoadToken, FutureToken, Switches};
pub use truth::{Truth, TruthRow};
pub use world::BurstSummary;
