//! The command line `dynamics-sync`, as a person runs it.

mod changes;
mod copy;
mod cursor;
mod cursor_changes;
mod exit_codes;
mod simulated;
