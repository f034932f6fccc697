//! The function `sync`: its real bootstrap, started by an emulator of Lambda.

mod both_ways;
mod log;
mod nightly;
mod refusals;
mod schedule;
