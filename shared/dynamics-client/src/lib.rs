//! A client for the Dataverse Web API: reads tables and their changes, and writes rows.
//!
//! A whole tour is in the crate's `README.md`. What is used most has examples, which run against a
//! simulated Dataverse.
//!
//! | to | there is |
//! |---|---|
//! | connect | [`ClientConfig`], [`DynamicsClient::new`], then [`who_am_i`](DynamicsClient::who_am_i) |
//! | read rows | [`Query`], [`Filter`], [`pages`](DynamicsClient::pages) or one [`page`](DynamicsClient::page); [`Row`] |
//! | read what changed | [`Query::track_changes`], [`Next::Delta`], [`PageRequest::changes`] |
//! | know a table | [`table`](DynamicsClient::table), [`describe`](DynamicsClient::describe), [`choices`](DynamicsClient::choices), [`limits`](DynamicsClient::limits), [`alternate_keys`](DynamicsClient::alternate_keys) |
//! | know its lookups | [`navigations`](DynamicsClient::navigations), [`lookup_targets`](DynamicsClient::lookup_targets) |
//! | know what may be done | [`privilege_depth`](DynamicsClient::privilege_depth), [`organization`](DynamicsClient::organization), [`budget`](DynamicsClient::budget) |
//! | find out why it does not work | [`greet`](DynamicsClient::greet), [`user`](DynamicsClient::user), [`roles`](DynamicsClient::roles), [`column_access`](DynamicsClient::column_access), [`bulk_creates`](DynamicsClient::bulk_creates) |
//! | write one row | [`Record`], [`RowKey`], [`IfMatch`]; [`create`](DynamicsClient::create), [`update`](DynamicsClient::update), [`upsert`](DynamicsClient::upsert), [`delete`](DynamicsClient::delete) |
//! | write rows, each for itself | [`Change`], [`batch`](DynamicsClient::batch) |
//! | write all rows or none | [`change_set`](DynamicsClient::change_set) |
//! | write thousands | [`create_multiple`](DynamicsClient::create_multiple), [`update_multiple`](DynamicsClient::update_multiple), [`upsert_multiple`](DynamicsClient::upsert_multiple) |
//! | write without setting off flows | [`WriteOptions`], [`writing`](DynamicsClient::writing) |
//! | end in time | [`until`](DynamicsClient::until) |
//! | count requests | [`Counters`], [`counting`](DynamicsClient::counting) |
//! | rotate a secret | [`Credential`], [`renew_credential`](DynamicsClient::renew_credential) |
//! | decide after a failure | [`Error`]: its [`kind`](Error::kind) and [`outcome`](Error::outcome) |
//!
//! What it holds to:
//! - The bearer token goes to the configured environment's Web API and nowhere else.
//! - A page is handed out whole or not at all, so a retry never shows a row twice.
//! - A write whose answer was lost is sent again only where that cannot double a row, and its error says
//!   whether it may have been done.
//! - Every request of a process passes one budget, every failure one judgement, every retry one policy.
//! - Time, jitter and deadline are arguments.
//! - No error, log line or `Debug` shows a secret, a token or a value of a row.

mod assertion;
mod attempt;
mod batch;
mod budget;
mod bulk;
mod call;
mod certificate;
mod change;
mod classify;
mod client;
mod config;
mod counters;
mod credential;
mod entra;
mod envelope;
mod error;
mod error_code;
mod etag;
mod filter;
mod heed;
mod http_transport;
mod link;
mod metadata;
mod naming;
mod navigation;
mod page;
mod pause;
mod pipeline;
mod query;
mod random;
mod reactions;
mod record;
mod renewal;
mod retry;
mod retry_after;
mod row;
mod row_key;
mod size;
mod table;
mod token;
mod transport;
mod unusable;
mod waiting;
mod walk;
mod write;
mod write_options;
mod written;

pub use budget::{BudgetState, Remaining};
pub use certificate::{Certificate, InvalidCertificate};
pub use change::Change;
pub use client::{DynamicsClient, WhoAmI};
pub use config::{AuthorityHost, BudgetShare, ClientConfig, InstanceUrl, InvalidAddress};
pub use counters::{Counters, Counts};
pub use credential::{ClientSecret, Credential};
pub use error::{Error, ErrorKind, Outcome};
pub use error_code::ErrorCode;
pub use etag::{ETag, IfMatch};
pub use filter::Filter;
pub use http_transport::HttpTransport;
pub use link::Link;
pub use metadata::{
    AlternateKey, Choice, ColumnAccess, Depth, Greeting, KeyStatus, Labels, Limits, LookupTarget,
    Organization, PrivilegeKind, TableDescription, TableSummary, User,
};
pub use navigation::Navigation;
pub use page::{Entry, Next, Page, PageRequest};
pub use query::Query;
pub use record::Record;
pub use row::{Cell, Row, WrongForm};
pub use row_key::{KeyValue, RowKey};
pub use table::{Column, ColumnKind, DateTimeBehavior, RequiredLevel, Table, TableKind};
pub use transport::{TimeLimit, Transport, TransportError, TransportErrorKind};
pub use write_options::{CustomLogic, WriteOptions};
pub use written::Written;

/// Its examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
