//! What the tests run against and how they talk to it. Never in here: what is expected.

mod aws;
mod binaries;
mod deployment;
mod dynamics;
mod emulator;
mod function;
mod python;
mod state_file;
mod terminal;

pub(crate) use aws::Aws;
pub(crate) use deployment::Deployment;
pub(crate) use dynamics::{CONTACTS, Dynamics, STREAMS};
pub(crate) use function::Function;
pub(crate) use python::{INSTALL, python};
pub(crate) use state_file::StateFile;
pub(crate) use terminal::{Finished, Terminal};
