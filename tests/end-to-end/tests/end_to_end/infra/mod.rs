//! The deployment, as far as it can be seen without an AWS account: the template, transformed as SAM would, and what is
//! said of bad input before anything is changed. What an emulator drops silently is asserted here.

mod alarms;
mod api;
mod bad_input;
mod functions;
mod linters;
mod packages;
mod permitted;
mod recorder;
mod roles;
mod run;
mod schedules;
mod secrets;
mod tables;
pub(crate) mod template;
mod usage;
