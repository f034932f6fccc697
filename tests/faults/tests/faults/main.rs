//! Faults on the wire: engine, store and simulator in one process, over real HTTP on loopback, under
//! one clock that the test moves.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bad_answers;
mod first_load;
mod kills;
mod misfits;
mod nightly;
mod secrecy_of_logs;
mod two_runs;
mod wire;
mod world;
