//! Merging two rows of a table, which only a few tables allow.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Changes, Value, World};

impl World {
    /// Merges a live row into another one; `None` when one of them is missing, or rows of this table
    /// cannot be merged.
    pub(crate) fn merge(
        &mut self,
        entity_set: &str,
        id: Uuid,
        master: Uuid,
        now: Timestamp,
        user: Uuid,
    ) -> Option<Uuid> {
        let rows = self.rows(entity_set)?;
        rows.get(master)?;
        let told = [
            ("merged", Value::Boolean(true)),
            ("masterid", Value::Guid(master)),
            ("statecode", Value::Integer(1)),
        ];
        let changes: Option<Changes> = told
            .into_iter()
            .map(|(name, value)| Some((rows.table.by_name(name)?.0, value)))
            .collect();
        self.update(entity_set, id, changes?, now, user)
    }
}
