//! The command line `dynamics-sync`, as a person runs it.

mod bad_input;
mod changed_table;
mod changes;
mod conventions;
mod copy;
mod cursor;
mod cursor_changes;
mod discover;
mod doctor;
mod dot_env;
mod exit_codes;
mod export;
mod init;
mod interrupted;
mod simulated;

pub(crate) use changes::{both_ways, comment};
pub(crate) use interrupted::{has_struck, stall};
