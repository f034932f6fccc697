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
mod guard;
mod heads;
mod hideable;
mod hiding;
mod item;
mod known_streams;
mod lease;
mod listing;
mod live;
mod partition;
mod quarantine;
mod record;
mod record_writes;
mod records;
mod removal;
mod revision;
mod runs;
mod store;
mod stream_state;
pub mod tables;
mod targets;
mod tombstones;
mod unverified;
mod upkeep;
mod value;

pub use cursor::{Cursor, CursorKind, KeyWalk, Mark, Position, Witness};
pub use error::{Error, ErrorKind};
pub use guard::Guarded;
pub use heads::Head;
pub use hideable::Hideable;
pub use hiding::{Hiding, HidingRule};
pub use lease::{Acquired, Lease};
pub use partition::PARTITIONS;
pub use quarantine::{Quarantined, Unread};
pub use record::{DynamicsRow, PendingField, Record};
pub use record_writes::Applied;
pub use records::AsOf;
pub use runs::{RunHeader, RunRecord};
pub use store::Store;
pub use stream_state::StreamState;
pub use tables::TableNames;
pub use upkeep::{Forgotten, Reset};
pub use value::{Fields, Value};
