//! The functions: their real bootstraps, started by an emulator of Lambda.

mod authorizer;
mod both_ways;
mod health;
mod log;
mod nightly;
mod refusals;
mod schedule;
