//! A client for the Dataverse Web API: what a reader of tables and their changes needs.
//!
//! ```no_run
//! # async fn example(config: dynamics_client::ClientConfig) -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use dynamics_client::{DynamicsClient, Entry, HttpTransport, PageRequest, Query};
//!
//! let transport = Arc::new(HttpTransport::new()?);
//! let client = DynamicsClient::new(config, transport, Arc::new(clock::SystemClock), 1);
//! let contacts = Query::new("contacts").select(["fullname"]).track_changes();
//! let page = client.page(&PageRequest::from(contacts)).await?;
//! for entry in &page.entries {
//!     match entry {
//!         Entry::Row(row) => drop(row.cell("fullname").text()?),
//!         Entry::Deleted(id) => drop(id),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What it holds to:
//! - The bearer token goes to the configured environment's Web API and nowhere else.
//! - A page is handed out whole or not at all, so a retry never shows a row twice.
//! - Every request of a process passes one budget, every failure one judgement, every retry one policy.
//! - Time, jitter and deadline are arguments.
//! - No error, log line or `Debug` shows a secret, a token or a value of a row.

mod attempt;
mod budget;
mod call;
mod classify;
mod client;
mod config;
mod counters;
mod definition;
mod entra;
mod envelope;
mod error;
mod error_code;
mod filter;
mod http_transport;
mod link;
mod page;
mod pause;
mod pipeline;
mod privilege;
mod query;
mod random;
mod reactions;
mod renewal;
mod retry;
mod retry_after;
mod row;
mod table;
mod token;
mod transport;
mod unusable;
mod waiting;
mod walk;

pub use client::{DynamicsClient, WhoAmI};
pub use config::{
    AuthorityHost, BudgetShare, ClientConfig, Credential, InstanceUrl, InvalidAddress,
};
pub use counters::{Counters, Counts};
pub use error::{Error, ErrorKind, Outcome};
pub use error_code::ErrorCode;
pub use filter::Filter;
pub use http_transport::HttpTransport;
pub use link::Link;
pub use page::{Entry, Next, Page, PageRequest};
pub use privilege::Depth;
pub use query::Query;
pub use row::{Cell, Row, WrongForm};
pub use table::{Column, ColumnKind, DateTimeBehavior, Table, TableKind};
pub use transport::{TimeLimit, Transport, TransportError, TransportErrorKind};
