//! Writes that count together or not at all.
//!
//! Row versions that undone writes took are not given out again: a database does not take them back.

use uuid::Uuid;

use super::rows::Written;
use super::{TableName, World};

/// What stood where something was written, while it may still be taken back.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    depth: u32,
    entries: Vec<(TableName, Uuid, Option<Written>)>,
}

impl Journal {
    pub(super) fn note(&mut self, table: TableName, id: Uuid, before: Option<Written>) {
        if self.depth > 0 {
            self.entries.push((table, id, before));
        }
    }
}

impl World {
    /// Does `work` and takes its writes back if it fails. May be nested.
    pub(crate) fn atomically<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let mark = self.journal.entries.len();
        self.journal.depth = self.journal.depth.saturating_add(1);
        let done = work(self);
        self.journal.depth = self.journal.depth.saturating_sub(1);
        if done.is_err() {
            for (table, id, before) in self.journal.entries.split_off(mark).into_iter().rev() {
                if let Some(rows) = self.rows_mut(table.entity_set()) {
                    rows.write(id, before);
                }
            }
        } else if self.journal.depth == 0 {
            self.journal.entries.clear();
        }
        done
    }
}
