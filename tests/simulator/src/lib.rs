//! A local Dataverse and Entra with faults, for tests and for trying things out.
//!
//! It listens on loopback, or answers in process, and behaves as Microsoft documents the Web API:
//! tokens, metadata, queries, paging, change tracking, writes one by one, in bulk and in batches,
//! alternate keys, service protection. Its rows are drawn from a seed, on demand, so that a million of them cost no memory; what is written to it lies in an
//! overlay. A control surface, as a library and over HTTP, moves the clock, changes data, orders
//! faults and tells the ground truth.
//!
//! Alternate keys: `accounts(accountnumber)`, `contacts(firstname,emailaddress1)`,
//! `hlf_certifications(hlf_mentorcode)` and `hlf_certifications(_hlf_contactid_value,hlf_mentorcode)`.
//! Tables that users own have the bulk actions, the others do not. Callers that insist on HTTPS need
//! something before the simulator that ends TLS, and [`Switches::https_links`].
//!
//! - `world`: tables, rows, versions, tombstones. Knows no HTTP.
//! - `query`: the query language. Knows no tables.
//! - `metadata`: table and column definitions.
//! - `web`: the wire. `faults`: what spoils it. `limits`: how much of it a caller may have.
//!
//! Never in here: anything of this workspace but `clock`. A simulator that shared code with the
//! client would share its mistakes.

mod credentials;
mod data;
mod depth;
mod entra;
mod faults;
mod limits;
mod locks;
mod metadata;
mod options;
mod query;
mod refusal;
mod registered_certificate;
mod requests;
mod running;
mod shifted_clock;
mod simulator;
mod snapshot;
mod switches;
pub mod test_certificates;
mod truth;
mod web;
mod world;

pub use credentials::Credentials;
pub use depth::Depth;
pub use faults::{Effect, Fault, FaultReport, Limit, Match, RetryAfter};
pub use limits::{LimitReport, Limits};
pub use options::Options;
pub use refusal::Refusal;
pub use requests::{Class, Count, Request, RequestLog};
pub use running::Running;
pub use simulator::Simulator;
pub use snapshot::Snapshot;
pub use switches::{FirstLoadToken, FutureToken, KeyStatus, Switches};
pub use truth::{Truth, TruthRow};
pub use world::BurstSummary;
