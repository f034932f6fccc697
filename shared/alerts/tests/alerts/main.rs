//! Alerts over an embedded store, with Amazon SNS's own client on a wire that a test can cut.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod kills;
mod recipients;
mod sequences;
mod support;
mod unsent;
mod wire;
