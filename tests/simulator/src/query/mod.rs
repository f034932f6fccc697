//! The query language: system options, `$filter`, `$select`, `$orderby`.
//!
//! Never in here: rows of a certain table. Names are bound by the caller.

mod evaluate;
mod expression;
mod options;
mod parse;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use expression::{Expression, Operand};
pub(crate) use options::{QueryOptions, push_option, split_top_level};
pub(crate) use parse::parse_filter;
