//! What the sync keeps in DynamoDB: cursors with their leases, the records that the app reads, and
//! the history of runs.
//!
//! Three tables (see [`tables`]), one [`Store`] over them. Every write that could undo newer work is
//! conditional: a record only moves to a newer (generation, version), a cursor only under the fencing
//! number of the lease that guards it.
//!
//! Never in here: Dynamics, stream files, or a decision about what should be synced. And never a
//! second implementation: on a laptop and in tests the same code talks to an embedded engine that
//! speaks DynamoDB's protocol.

mod cursor;
mod error;
mod item;
mod lease;
mod record;
mod record_writes;
mod records;
mod runs;
mod store;
pub mod tables;
mod tombstones;
mod value;

pub use cursor::{Cursor, Position};
pub use error::{Error, ErrorKind};
pub use lease::{Acquired, Lease};
pub use record::{DynamicsRow, PendingField, Record};
pub use record_writes::Applied;
pub use records::AsOf;
pub use runs::{RunHeader, RunRecord};
pub use store::Store;
pub use tables::TableNames;
pub use value::{Fields, Value};
