//! Faults on the wire: engine, store and simulator in one process, over real HTTP on loopback, under
//! one clock that the test moves.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod acts;
mod bad_answers;
mod bad_state;
mod both_ways;
mod by_hand;
mod cannot_read;
mod damaged_records;
mod dying;
mod expiry;
mod first_load;
mod frozen;
mod full_read;
mod generations;
mod guard_accounting;
mod guarded;
mod key_walk;
mod key_walk_stopped;
mod kills;
mod members;
mod menu;
mod misfits;
mod modified_on;
mod narrow_sight;
mod nightly;
mod privacy;
mod push;
mod quarantined;
mod random;
mod refused_links;
mod saving_fails;
mod scenario;
mod schema;
mod secrecy_of_logs;
mod small_pages;
mod soak;
mod told_twice;
mod two_runs;
mod wire;
mod witness;
mod world;
