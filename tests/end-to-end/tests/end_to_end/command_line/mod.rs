//! The command line `dynamics-sync`, as a person runs it.

mod copy;
mod exit_codes;
mod simulated;
