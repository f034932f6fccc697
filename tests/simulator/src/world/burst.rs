//! Mutations as a day in the office makes them, drawn from the seed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::World;
use super::schema::{Access, Kind, Table};
use super::seeded::{below, combine, wide};

/// How many columns one update touches at most.
const CHANGED_COLUMNS: u64 = 3;

/// What a burst really did; less than asked where the table had too few rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BurstSummary {
    /// Rows created.
    pub created: u32,
    /// Rows updated, each once.
    pub updated: u32,
    /// Rows deleted; none of them was created or updated by the same burst.
    pub deleted: u32,
}

impl World {
    /// Creates, updates and deletes rows; `None` for an unknown table.
    pub(crate) fn burst(
        &mut self,
        entity_set: &str,
        creates: u32,
        updates: u32,
        deletes: u32,
        now: Timestamp,
    ) -> Option<BurstSummary> {
        self.rows(entity_set)?;
        let mut summary = BurstSummary::default();
        let mut touched = BTreeSet::new();
        for _ in 0..creates {
            let number = self.invent();
            let values = self.rows(entity_set)?.invent(number);
            let changes = values.into_iter().enumerate().collect();
            let user = self.user(number);
            let id = self.create(entity_set, None, changes, now, user)?;
            touched.insert(id);
            summary.created = summary.created.saturating_add(1);
        }
        for _ in 0..updates {
            let number = self.invent();
            let Some(id) = self.choose(entity_set, number, &touched) else {
                break;
            };
            let rows = self.rows(entity_set)?;
            let mut values = rows.invent(number);
            let changes = chosen_columns(&rows.table, number)
                .filter_map(|position| {
                    Some((
                        position,
                        std::mem::replace(values.get_mut(position)?, super::Value::Null),
                    ))
                })
                .collect();
            let user = self.user(number);
            self.update(entity_set, id, changes, now, user);
            touched.insert(id);
            summary.updated = summary.updated.saturating_add(1);
        }
        for _ in 0..deletes {
            let number = self.invent();
            let Some(id) = self.choose(entity_set, number, &touched) else {
                break;
            };
            self.delete(entity_set, id);
            summary.deleted = summary.deleted.saturating_add(1);
        }
        Some(summary)
    }

    /// A live row that this burst has not touched yet.
    fn choose(&self, entity_set: &str, number: u64, touched: &BTreeSet<Uuid>) -> Option<Uuid> {
        let start = Uuid::from_u128(wide(self.layout.seed ^ 0x7069_636b, number));
        let rows = self.rows(entity_set)?;
        rows.after(Some(start))
            .chain(rows.after(None))
            .map(|row| row.id)
            // Every live row comes by at least once in this many steps.
            .take(touched.len().saturating_mul(2).saturating_add(2))
            .find(|id| !touched.contains(id))
    }

    /// Some person of the organisation.
    fn user(&self, number: u64) -> Uuid {
        let draw = combine(self.layout.seed ^ 0x7573_6572, number);
        let people = self
            .layout
            .count(super::TableName::SystemUser)
            .saturating_sub(1);
        self.layout
            .id(super::TableName::SystemUser, 1 + below(draw, people))
            .unwrap_or_default()
    }
}

/// One to three writable columns, the same ones for the same number.
fn chosen_columns(table: &Table, number: u64) -> impl Iterator<Item = usize> {
    let writable: Vec<usize> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| {
            column.access == Access::Written
                && !matches!(
                    column.kind,
                    Kind::Key | Kind::State(_) | Kind::Status { .. }
                )
        })
        .map(|(position, _)| position)
        .collect();
    let count = u64::try_from(writable.len()).unwrap_or(0);
    let wanted = 1 + below(combine(number, 0), CHANGED_COLUMNS);
    let chosen: BTreeSet<usize> = (1..=wanted)
        .filter_map(|draw| {
            let place = usize::try_from(below(combine(number, draw), count)).ok()?;
            writable.get(place).copied()
        })
        .collect();
    chosen.into_iter()
}
