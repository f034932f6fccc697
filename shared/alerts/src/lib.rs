//! Who is told what, and when: what is wrong by the situation becomes one message when it begins, reminders at
//! a widening interval, and one message when it is over, to Amazon SNS or, without topics, to the log.
//!
//! [`Watch::look`] is the way in: after a run, and on a schedule. What was told is kept in the store, so that
//! it survives functions that are started twice, at once, or killed.
//!
//! Never in here: a judgement of what is wrong (that is the situation's), a text (that is `wording`'s), a value
//! of a row. And nothing that fails here may fail a run.

mod condition;
mod decide;
mod expiring;
mod kind;
mod message;
mod over;
mod publish;
mod subject;
mod subscribers;
mod watch;

#[cfg(test)]
mod gsm;

pub use publish::{Audience, Unsent};
pub use watch::{Looked, Watch};
