//! Changes handed in over HTTP, against an embedded engine over DynamoDB's own protocol.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod any_body;
mod bad_bodies;
mod bad_fields;
mod bad_requests;
mod handing_in;
mod looking;
mod resolving;
mod same_key;
mod secrecy;
mod support;
