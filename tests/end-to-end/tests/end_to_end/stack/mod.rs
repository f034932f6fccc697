//! The whole stack, as `make deploy` would make it: the template deployed into an emulator of AWS, with the real
//! binaries behind it, run by its own schedule, state machine and API against the simulated Dynamics.
//!
//! What the emulator leaves out is asserted on the template itself (`infra`): it keeps no time zone of a schedule and
//! sends nothing to a schedule's queue; it mounts no layers (the stream file is a path here), checks no roles, encrypts
//! nothing, expires nothing and evaluates no alarms; of the API's description it takes neither the answers that the
//! gateway gives itself nor a streamed integration, so that the export is not called here.

mod api;
mod deployed;
mod executions;
mod nights;
