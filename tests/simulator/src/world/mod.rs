//! The environment's data: tables, rows, row versions and tombstones.
//!
//! Never in here: HTTP, and the time; whoever writes says when.

mod alternate;
mod burst;
mod cell;
mod decimal;
mod ids;
pub(crate) mod input;
mod layout;
mod merge;
mod organization;
mod rows;
pub(crate) mod schema;
pub(crate) mod seeded;
mod tables;
mod undo;
mod value;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

pub use burst::BurstSummary;
pub(crate) use decimal::Decimal;
pub(crate) use layout::{Layout, TableName};
pub(crate) use rows::{Row, Rows};
pub(crate) use value::Value;

use self::schema::{Kind, Table};
use crate::Options;

/// Columns of one row with their new values, by position.
pub(crate) type Changes = Vec<(usize, Value)>;

/// Everything that changes when a row is written.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) layout: Arc<Layout>,
    tables: Vec<Rows>,
    /// The last row version given out, over all tables.
    version: u64,
    /// Delta tokens of an earlier version count as expired.
    pub(crate) tokens_since: u64,
    /// How many things were made up so far: the next one is different.
    invented: u64,
    journal: undo::Journal,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        let layout = Arc::new(Layout::new(options));
        let tables = tables::all()
            .into_iter()
            .map(|table| Rows::new(table, Arc::clone(&layout)))
            .collect();
        Self {
            version: layout.versions(),
            tables,
            layout,
            tokens_since: 0,
            invented: 0,
            journal: undo::Journal::default(),
        }
    }

    /// The last row version given out.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// A table's rows by its entity set name.
    pub(crate) fn rows(&self, entity_set: &str) -> Option<&Rows> {
        self.tables
            .iter()
            .find(|rows| rows.table.name.entity_set() == entity_set)
    }

    /// The tables that hold rows.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter().map(|rows| &rows.table)
    }

    /// Makes every delta token given out so far count as expired.
    pub(crate) fn expire_change_tokens(&mut self) {
        // A version of its own: a token taken in the same second must not look like an old one.
        self.tokens_since = self.next_version();
    }

    /// Creates a row; `None` when the key is taken (or the table unknown).
    pub(crate) fn create(
        &mut self,
        entity_set: &str,
        id: Option<Uuid>,
        changes: Changes,
        now: Timestamp,
        user: Uuid,
    ) -> Option<Uuid> {
        let id = id.unwrap_or_else(|| self.invent_id());
        let rows = self.rows(entity_set)?;
        if rows.get(id).is_some() {
            return None;
        }
        let mut values = defaults(&rows.table, &self.layout);
        apply(&rows.table, &mut values, changes);
        stamp(
            &rows.table,
            &mut values,
            "createdon",
            "createdby",
            now,
            user,
        );
        self.put(entity_set, id, values, now, user)
    }

    /// Changes a live row; `None` when there is none.
    pub(crate) fn update(
        &mut self,
        entity_set: &str,
        id: Uuid,
        changes: Changes,
        now: Timestamp,
        user: Uuid,
    ) -> Option<Uuid> {
        let rows = self.rows(entity_set)?;
        let row = rows.get(id)?;
        let mut values: Vec<Value> = (0..rows.table.columns.len())
            .map(|position| row.value(position).into_owned())
            .collect();
        apply(&rows.table, &mut values, changes);
        self.put(entity_set, id, values, now, user)
    }

    /// Deletes a live row; false when there is none.
    pub(crate) fn delete(&mut self, entity_set: &str, id: Uuid) -> bool {
        if self
            .rows(entity_set)
            .and_then(|rows| rows.get(id))
            .is_none()
        {
            return false;
        }
        let version = self.next_version();
        if let Some(rows) = self.rows_mut(entity_set) {
            let before = rows.remove(id, version);
            let table = rows.table.name;
            self.journal.note(table, id, before);
        }
        true
    }

    fn put(
        &mut self,
        entity_set: &str,
        id: Uuid,
        mut values: Vec<Value>,
        now: Timestamp,
        user: Uuid,
    ) -> Option<Uuid> {
        let version = self.next_version();
        let rows = self.rows_mut(entity_set)?;
        stamp(
            &rows.table,
            &mut values,
            "modifiedon",
            "modifiedby",
            now,
            user,
        );
        let signed = i64::try_from(version).unwrap_or(i64::MAX);
        set(
            &rows.table,
            &mut values,
            "versionnumber",
            Value::Integer(signed),
        );
        let key = rows.table.key();
        set(&rows.table, &mut values, key, Value::Guid(id));
        let before = rows.put(id, version, values);
        let table = rows.table.name;
        self.journal.note(table, id, before);
        Some(id)
    }

    fn rows_mut(&mut self, entity_set: &str) -> Option<&mut Rows> {
        self.tables
            .iter_mut()
            .find(|rows| rows.table.name.entity_set() == entity_set)
    }

    fn next_version(&mut self) -> u64 {
        self.version = self.version.saturating_add(1);
        self.version
    }

    /// A number never given out before.
    fn invent(&mut self) -> u64 {
        self.invented = self.invented.saturating_add(1);
        self.invented
    }

    fn invent_id(&mut self) -> Uuid {
        let number = self.invent();
        Uuid::from_u128(seeded::wide(self.layout.seed ^ 0x6964, number))
    }
}

/// What a new row holds where the caller said nothing.
fn defaults(table: &Table, layout: &Layout) -> Vec<Value> {
    let owner = Value::Guid(layout.application_user());
    table
        .columns
        .iter()
        .map(|column| match (column.name, column.kind) {
            ("ownerid", _) => owner.clone(),
            ("transactioncurrencyid", Kind::Lookup { .. }) => layout
                .id(TableName::TransactionCurrency, 0)
                .map_or(Value::Null, Value::Guid),
            ("businessunitid", Kind::Lookup { .. }) => layout
                .id(TableName::BusinessUnit, 0)
                .map_or(Value::Null, Value::Guid),
            (_, Kind::Boolean { .. }) => Value::Boolean(false),
            (_, Kind::State(_)) => Value::Integer(0),
            (_, kind @ Kind::Status { .. }) => kind.reason_for(0),
            _ => Value::Null,
        })
        .collect()
}

/// Overlays the changes, then whatever the server derives from them.
fn apply(table: &Table, values: &mut [Value], changes: Changes) {
    let named = |name: &str| table.by_name(name).map(|(position, _)| position);
    let touched =
        |name: &str| named(name).is_some_and(|place| changes.iter().any(|(at, _)| *at == place));
    let renamed = touched("firstname") || touched("lastname");
    let restated = touched("statecode") && !touched("statuscode");
    for (position, value) in changes {
        if let Some(cell) = values.get_mut(position) {
            *cell = value;
        }
    }
    if renamed {
        let part = |name| match named(name).and_then(|position| values.get(position)) {
            Some(Value::Text(text)) => text.to_string(),
            _ => String::new(),
        };
        let full = format!("{} {}", part("firstname"), part("lastname"));
        set(
            table,
            values,
            "fullname",
            Value::Text(full.trim().to_owned().into()),
        );
    }
    if restated
        && let Some(Value::Integer(state)) = named("statecode")
            .and_then(|position| values.get(position))
            .cloned()
        && let Some((_, status)) = table.by_name("statuscode")
    {
        set(table, values, "statuscode", status.kind.reason_for(state));
    }
}

fn stamp(table: &Table, values: &mut [Value], on: &str, by: &str, now: Timestamp, user: Uuid) {
    set(table, values, on, Value::Moment(value::whole_seconds(now)));
    set(table, values, by, Value::Guid(user));
}

fn set(table: &Table, values: &mut [Value], name: &str, value: Value) {
    if let Some(cell) = table
        .by_name(name)
        .and_then(|(position, _)| values.get_mut(position))
    {
        *cell = value;
    }
}
