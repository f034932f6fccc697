//! What all calls over HTTP have in common: who calls and what their key is good for, why a request was not
//! done, where it came from, and how answers are written. One way for API Gateway and the loopback server.
//!
//! Never in here: Lambda; which key belongs to which caller; what a single call does; and a value of a
//! request in an error, a log line or `Debug`.

mod answer;
mod caller;
mod cross_site;
mod fault;
mod names;
mod page;
mod problem;
mod query;
mod routes;

pub use answer::json;
pub use caller::{Caller, Scope, Scopes};
pub use cross_site::refuse_cross_site;
pub use fault::{Fault, Faults, Pointer};
pub use names::{did_you_mean, one_of, shortened};
pub use page::{Base, Notice, back_to_page, wants_html};
pub use problem::{Problem, ProblemKind};
pub use query::parameters;
pub use routes::{ROUTES, Route, route};
