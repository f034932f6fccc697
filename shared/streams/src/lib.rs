//! The stream file: what is synced, typed and validated.
//!
//! An organisation edits this file instead of code, so a mistake in it must be found at start, all
//! mistakes together, each with its place, what was expected and the nearest valid name.
//!
//! This version reads what a pull needs. Keys that belong to the way back to Dynamics are known but
//! refused: accepting them silently would let somebody believe that changes are being pushed.
//!
//! Never in here: files, environment variables, the network, or what the live environment's metadata
//! says. What cannot be seen in the text alone is checked elsewhere.

mod error;
mod expiry;
mod fields;
mod model;
mod names;
mod parse;
mod section;
mod stream;
mod targets;
mod value;

pub use error::{Problem, ReadError, StreamFileError};
pub use model::{
    Condition, ConditionValue, CsvFormat, DELIMITERS, Expiry, Field, FieldKind, FieldValue,
    FromDynamics, Key, Language, Stream, StreamFile, TargetValue,
};
