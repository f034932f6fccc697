//! The store against an embedded engine, over DynamoDB's own protocol.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod alerts;
mod as_of;
mod changes;
mod checks;
mod contracts;
mod expiring;
mod forget;
mod guard;
mod heads;
mod hiding;
mod known_streams;
mod lease;
mod listing;
mod quarantine;
mod records;
mod reset;
mod runs;
mod stored_items;
mod stream_state;
mod support;
mod targets;
mod tombstones;
mod unverified;
