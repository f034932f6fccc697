//! The stream file: what is synced, typed and validated.
//!
//! An organisation edits this file instead of code, so a mistake in it must be found at start, all
//! mistakes together, each with its place, what was expected and the nearest valid name.
//!
//! A key that could have no effect where it stands is a mistake like any other: accepting it silently
//! would let somebody believe, for instance, that changes are being pushed.
//!
//! Never in here: files, environment variables, the network, or what the live environment's metadata
//! says. What cannot be seen in the text alone is checked elsewhere.

mod contradictions;
mod error;
mod expiry;
mod fields;
mod model;
mod names;
mod parse;
mod policy;
mod pushing;
mod section;
mod stream;
mod targets;
mod value;
mod version;

pub use error::{Problem, ReadError, StreamFileError};
pub use model::{
    Condition, ConditionValue, CsvFormat, DELIMITERS, Expiry, Field, FieldKind, FieldValue, Key,
    Language, Stream, StreamFile, TargetValue,
};
pub use names::{nearest, time_zone};
pub use policy::{Alert, Conflict, Deletes, Direction, FromDynamics, Owner, ToDynamics, Update};
