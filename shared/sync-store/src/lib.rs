//! What the sync keeps in DynamoDB: cursors with their leases, the records that the app reads, the
//! changes that are to be made in Dynamics, and the history of runs.
//!
//! Three tables (see [`tables`]), one [`Store`] over them. Every write that could undo newer work is
//! conditional: a record only moves to a newer (generation, version), a cursor only under the fencing
//! number of the lease that guards it.
//!
//! Never in here: Dynamics, stream files, or a decision about what should be synced. And never a
//! second implementation: on a laptop and in tests the same code talks to an embedded engine that
//! speaks DynamoDB's protocol.

mod accept;
mod alerts;
mod batch;
mod business_key;
mod change;
mod change_item;
mod changes;
mod checks;
mod contracts;
mod cursor;
mod ended;
mod error;
mod expiring;
mod exports;
mod forgotten_changes;
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
mod pending;
mod quarantine;
mod queue;
mod record;
mod record_parts;
mod record_writes;
mod records;
mod removal;
mod resolve;
mod revision;
mod runs;
mod settle;
mod store;
mod stream_state;
pub mod tables;
mod targets;
mod tombstones;
mod transaction;
mod unverified;
mod upkeep;
mod value;

pub use accept::Accepted;
pub use alerts::{AlertClaim, AlertKey, AlertState};
pub use business_key::{BUSINESS_KEY_BYTES_MAX, business_key};
pub use change::{Base, Change, ChangeKey, ChangeState, NewChange, Operation, Origin, Wanted};
pub use checks::CheckRecord;
pub use cursor::{Cursor, CursorKind, KeyWalk, Mark, Position, Witness};
pub use ended::{Ended, Memo};
pub use error::{Error, ErrorKind};
pub use expiring::{Expiring, Upcoming};
pub use exports::{ExportOutcome, ExportRecord, ExportSource};
pub use guard::{ExpiryGuard, Guard, Guarded};
pub use heads::Head;
pub use hideable::Hideable;
pub use hiding::{Hiding, HidingRule};
pub use lease::{Acquired, Lease};
pub use partition::PARTITIONS;
pub use pending::PendingField;
pub use quarantine::{Quarantined, Unread};
pub use queue::Waiting;
pub use record::{DynamicsRow, Record};
pub use record_parts::RecordParts;
pub use record_writes::Applied;
pub use records::AsOf;
pub use resolve::Resolved;
pub use runs::{RunHeader, RunRecord};
pub use settle::Settlement;
pub use store::Store;
pub use stream_state::StreamState;
pub use tables::TableNames;
pub use targets::HiddenTarget;
pub use upkeep::{Forgotten, Reset};
pub use value::{Fields, Value};
