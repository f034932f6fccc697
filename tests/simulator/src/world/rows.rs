//! The rows of one table: a formula for the seeded ones, an overlay for all that was written since.
//!
//! Never in here: anything that holds or visits all rows to answer for some. Memory grows with the
//! number of writes, not of rows.

use std::borrow::Cow;
use std::collections::btree_map;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::ops::Bound;
use std::sync::Arc;

use uuid::Uuid;

use super::cell::Cell;
use super::ids::Ids;
use super::layout::Layout;
use super::schema::Table;
use super::value::Value;

/// One table's rows.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) table: Table,
    layout: Arc<Layout>,
    pub(super) ids: Ids,
    pub(super) overlay: BTreeMap<Uuid, Written>,
    /// Live written rows by version.
    changed: BTreeMap<u64, Uuid>,
    /// Tombstones by version.
    deleted: BTreeMap<u64, Uuid>,
    /// Live written rows by alternate key: its place among the table's keys, and what the row holds.
    pub(super) keyed: BTreeSet<(usize, String, Uuid)>,
    live: u64,
}

/// A row as last written; without values it is deleted.
#[derive(Clone, Debug)]
pub(super) struct Written {
    version: u64,
    values: Option<Vec<Value>>,
}

/// A live row.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) id: Uuid,
    pub(crate) version: u64,
    source: Source<'a>,
}

#[derive(Clone, Debug)]
enum Source<'a> {
    Seeded(Cell<'a>, &'a Table),
    Written(&'a [Value]),
}

impl<'a> Row<'a> {
    /// The value of the column at `position`.
    pub(crate) fn value(&self, position: usize) -> Cow<'a, Value> {
        match &self.source {
            Source::Seeded(cell, table) => Cow::Owned(
                table
                    .columns
                    .get(position)
                    .map_or(Value::Null, |column| (column.generate)(&cell.at(position))),
            ),
            Source::Written(values) => values
                .get(position)
                .map_or(Cow::Owned(Value::Null), Cow::Borrowed),
        }
    }

    /// The row's entity tag.
    pub(crate) fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }
}

impl Rows {
    pub(crate) fn new(table: Table, layout: Arc<Layout>) -> Self {
        let ids = layout.ids(table.name);
        Self {
            live: ids.count(),
            table,
            layout,
            ids,
            overlay: BTreeMap::new(),
            changed: BTreeMap::new(),
            deleted: BTreeMap::new(),
            keyed: BTreeSet::new(),
        }
    }

    /// How many rows are live.
    pub(crate) fn live(&self) -> u64 {
        self.live
    }

    /// How many keys were ever written: the size of what is held in memory.
    #[cfg(test)]
    pub(crate) fn written(&self) -> usize {
        self.overlay.len()
    }

    /// A live row by key.
    pub(crate) fn get(&self, id: Uuid) -> Option<Row<'_>> {
        match self.overlay.get(&id) {
            Some(written) => written_row(id, written),
            None => Some(self.seeded(self.ids.index_of(id)?)),
        }
    }

    /// Live rows by rising key, from the first after `after`.
    pub(crate) fn after(&self, after: Option<Uuid>) -> Walk<'_> {
        let bound = after.map_or(Bound::Unbounded, Bound::Excluded);
        Walk {
            rows: self,
            index: after.map_or(0, |id| self.ids.first_after(id)),
            overlay: self.overlay.range((bound, Bound::Unbounded)).peekable(),
        }
    }

    /// Live rows last changed after version `after`, up to and with `upto`, by version.
    pub(crate) fn changed_between(&self, after: u64, upto: u64) -> impl Iterator<Item = Row<'_>> {
        // Seeded rows come first: every write takes a higher version than all of them.
        let first = self.layout.version(self.table.name, 0);
        let end = upto.saturating_add(1).saturating_sub(first);
        let seeded = (after.saturating_add(1).saturating_sub(first)..end.min(self.ids.count()))
            .filter(|&index| !self.overlay.contains_key(&self.ids.at(index)))
            .map(|index| self.seeded(index));
        let written = self
            .changed
            .range((Bound::Excluded(after), Bound::Included(upto.max(after))))
            .filter_map(|(_, &id)| self.get(id));
        seeded.chain(written)
    }

    /// Tombstones laid after version `after`, up to and with `upto`: version and key.
    pub(crate) fn deleted_between(
        &self,
        after: u64,
        upto: u64,
    ) -> impl Iterator<Item = (u64, Uuid)> {
        self.deleted
            .range((Bound::Excluded(after), Bound::Included(upto.max(after))))
            .map(|(&version, &id)| (version, id))
    }

    /// All values of a seeded row that is made up: its number lies beyond the table's own rows.
    pub(crate) fn invent(&self, number: u64) -> Vec<Value> {
        let index = self.ids.count().saturating_add(number);
        let cell = Cell::of_row(&self.layout, self.table.name, index, 0);
        self.table
            .columns
            .iter()
            .enumerate()
            .map(|(position, column)| (column.generate)(&cell.at(position)))
            .collect()
    }

    /// Makes `values` the live row `id`, as of `version`; what was written there before.
    pub(super) fn put(&mut self, id: Uuid, version: u64, values: Vec<Value>) -> Option<Written> {
        let values = Some(values);
        self.write(id, Some(Written { version, values }))
    }

    /// Lays a tombstone for the live row `id`; what was written there before.
    pub(super) fn remove(&mut self, id: Uuid, version: u64) -> Option<Written> {
        let values = None;
        self.write(id, Some(Written { version, values }))
    }

    /// Puts `written` in the place of whatever was written for `id`, which is given back; nothing makes
    /// a seeded row what it was.
    pub(super) fn write(&mut self, id: Uuid, written: Option<Written>) -> Option<Written> {
        let existed = self.get(id).is_some();
        self.forget_version(id);
        let before = self.overlay.remove(&id);
        if let Some(values) = before.as_ref().and_then(|written| written.values.as_ref()) {
            for entry in self.entries(id, values) {
                self.keyed.remove(&entry);
            }
        }
        if let Some(written) = written {
            let by_version = if written.values.is_some() {
                &mut self.changed
            } else {
                &mut self.deleted
            };
            by_version.insert(written.version, id);
            if let Some(values) = &written.values {
                self.keyed.extend(self.entries(id, values));
            }
            self.overlay.insert(id, written);
        }
        match (existed, self.get(id).is_some()) {
            (false, true) => self.live = self.live.saturating_add(1),
            (true, false) => self.live = self.live.saturating_sub(1),
            _ => {}
        }
        before
    }

    /// Makes `values` the live row `new` in place of the live row `old`, which leaves no tombstone.
    pub(super) fn replace(&mut self, old: Uuid, new: Uuid, version: u64, values: Vec<Value>) {
        self.remove(old, version);
        self.deleted.remove(&version);
        self.put(new, version, values);
    }

    fn forget_version(&mut self, id: Uuid) {
        if let Some(written) = self.overlay.get(&id) {
            self.changed.remove(&written.version);
            self.deleted.remove(&written.version);
        }
    }

    pub(super) fn seeded(&self, index: u64) -> Row<'_> {
        let version = self.layout.version(self.table.name, index);
        Row {
            id: self.ids.at(index),
            version,
            source: Source::Seeded(
                Cell::of_row(&self.layout, self.table.name, index, version),
                &self.table,
            ),
        }
    }
}

fn written_row(id: Uuid, written: &Written) -> Option<Row<'_>> {
    Some(Row {
        id,
        version: written.version,
        source: Source::Written(written.values.as_deref()?),
    })
}

/// Live rows by rising key: the seeded and the written ones merged.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    rows: &'a Rows,
    index: u64,
    overlay: Peekable<btree_map::Range<'a, Uuid, Written>>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        loop {
            let seeded = (self.index < self.rows.ids.count()).then(|| self.rows.ids.at(self.index));
            let written = self.overlay.peek().map(|(id, _)| **id);
            match (seeded, written) {
                (None, None) => return None,
                (Some(id), other) if other.is_none_or(|other| id < other) => {
                    let row = self.rows.seeded(self.index);
                    self.index = self.index.saturating_add(1);
                    return Some(row);
                }
                (seeded, Some(id)) => {
                    if seeded == Some(id) {
                        self.index = self.index.saturating_add(1);
                    }
                    let (&id, written) = self.overlay.next()?;
                    if let Some(row) = written_row(id, written) {
                        return Some(row);
                    }
                }
                (Some(_), None) => return None,
            }
        }
    }
}
