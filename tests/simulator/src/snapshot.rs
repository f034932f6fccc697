//! Restores and copies of the environment.

use std::fmt;

use uuid::Uuid;

use crate::Simulator;
use crate::world::World;

/// The environment's data at a moment: rows, tombstones, row version counter, organisation id. Not the
/// switches, the clock, the credentials or the faults.
#[derive(Clone)]
pub struct Snapshot(World);

impl fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rows stay out of logs.
        formatter
            .debug_struct("Snapshot")
            .field("version", &self.0.version())
            .finish_non_exhaustive()
    }
}

impl Simulator {
    /// Keeps the data as it stands. Costs as much memory as all writes so far.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.world().clone())
    }

    /// Brings the data back to a snapshot of this simulator, as a restore of the environment from a
    /// backup does: the row version counter goes back too, so versions that readers have seen come
    /// again for other contents. Delta tokens and page links given out since stay in their readers'
    /// hands; see [`crate::Switches::future_token`].
    pub fn restore(&self, snapshot: Snapshot) {
        self.world_mut().restore(snapshot.0);
    }

    /// The organisation's id, as `WhoAmI` and the key of its row show it.
    pub fn organization_id(&self) -> Uuid {
        self.world().organization_id()
    }

    /// Gives the organisation another id, as a copy of an environment has: rows and row versions stay,
    /// while delta tokens given out before become another organisation's.
    pub fn set_organization_id(&self, id: Uuid) {
        self.world_mut().set_organization_id(id);
    }
}
