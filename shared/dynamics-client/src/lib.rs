//! A client for the Dataverse Web API: reads tables and their changes, and writes rows.
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
mod definition;
mod entra;
mod envelope;
mod error;
mod error_code;
mod etag;
mod filter;
mod http_transport;
mod link;
mod naming;
mod navigation;
mod page;
mod pause;
mod pipeline;
mod privilege;
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
pub use navigation::Navigation;
pub use page::{Entry, Next, Page, PageRequest};
pub use privilege::Depth;
pub use query::Query;
pub use record::Record;
pub use row::{Cell, Row, WrongForm};
pub use row_key::{KeyValue, RowKey};
pub use table::{Column, ColumnKind, DateTimeBehavior, Table, TableKind};
pub use transport::{TimeLimit, Transport, TransportError, TransportErrorKind};
pub use write_options::{CustomLogic, WriteOptions};
pub use written::Written;
