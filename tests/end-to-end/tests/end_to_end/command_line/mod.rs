//! The command line `dynamics-sync`, as a person runs it.

mod changed_table;
mod changes;
mod copy;
mod cursor;
mod cursor_changes;
mod discover;
mod doctor;
mod exit_codes;
mod export;
mod simulated;

pub(crate) use changes::{both_ways, comment};
