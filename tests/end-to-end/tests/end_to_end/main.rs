//! The real binaries, as they are shipped: the function `sync` under an emulator of AWS that starts its
//! own bootstrap, and the command line `dynamics-sync`, both against the simulated Dynamics, all over
//! HTTP on loopback. The page, in a real browser. And the simulated Dynamics itself, against Microsoft's own SDK.
//! And what deploys all of it: the template, and the commands around it.
//!
//! The binaries are not built from here: `cargo build --workspace --bins` comes first.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod export;
#[cfg(test)]
mod function;
#[cfg(test)]
mod infra;
#[cfg(test)]
mod microsoft_sdk;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod page;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod stack;
#[cfg(test)]
mod support;
#[cfg(test)]
mod terminal;
