//! What the tests run against and how they talk to it. Never in here: what is expected.

mod aws;
mod binaries;
mod deployment;
mod dynamics;
mod emulator;
mod function;
mod gateway;
mod packages;
mod page_host;
mod program;
mod python;
mod rest_api;
mod runtime_api;
mod screen;
mod state_file;
mod terminal;
mod until;
mod yaml;

pub(crate) use aws::{ACCOUNT, Aws, REGION};
pub(crate) use deployment::Deployment;
pub(crate) use dynamics::{CONTACTS, Dynamics, STREAMS};
pub(crate) use emulator::emulator;
pub(crate) use function::Function;
pub(crate) use gateway::{answered, call};
pub(crate) use packages::{BUCKET, package_of, upload};
pub(crate) use page_host::PageHost;
pub(crate) use program::program;
pub(crate) use python::{INSTALL, infra_tool, python};
pub(crate) use rest_api::RestApi;
pub(crate) use runtime_api::{FunctionProcess, Streamed};
pub(crate) use screen::{Screen, Shown};
pub(crate) use state_file::StateFile;
pub(crate) use terminal::{Begun, Finished, Started, Terminal};
pub(crate) use until::until;
pub(crate) use yaml::yaml;
