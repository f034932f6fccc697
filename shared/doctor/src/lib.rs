//! What must be so before a sync can work: settings, address, token, user, and for every stream its table,
//! columns and privileges; each with what is wrong, who can mend it, and how.
//!
//! [`examine()`] is the way in; its answer is a [`Report`]. A check that fails lets all others go on that do
//! not depend on it. How many requests it makes is bounded by the number of tables, whatever is in them.
//!
//! Never in here: a terminal or HTTP, a value of a row, and a request that could change anything: what must
//! be refused is asked of privileges, or tried on a row that does not exist.

mod aws;
mod connection;
mod elsewhere;
mod environment;
mod examine;
mod known;
mod least_privilege;
mod need;
mod remedy;
mod report;
mod stream;

pub use aws::Aws;
pub use examine::{Access, Patient, examine};
pub use report::{Check, Finding, Outcome, Report, Severity, Who};
