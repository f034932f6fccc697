//! The store against an embedded engine, over DynamoDB's own protocol.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod lease;
mod records;
mod runs;
mod support;
mod tombstones;
