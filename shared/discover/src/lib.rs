//! What an environment has: its tables, and of those that somebody asks for the columns, in the words in
//! which a stream file speaks of them.
//!
//! [`tables()`] lists, [`describe()`] looks at one table, [`survey()`] at those of which somebody wants streams,
//! [`stream_file()`] writes a file that syncs some. Nothing is asked about a table that nobody named.
//!
//! Never in here: rows, a terminal, or what a stream file means (see `streams`).

mod columns;
mod describe;
mod standard;
mod stream_file;
mod survey;
mod tables;

pub use columns::{Choice, Column, Required};
pub use describe::{Description, Key, describe};
pub use standard::unchecked;
pub use stream_file::{Head, Selection, stream_file};
pub use survey::{LeftOut, Survey, SurveyError, Wanted, survey};
pub use tables::{TableLine, is_own, nearest, no_such_table, tables};
