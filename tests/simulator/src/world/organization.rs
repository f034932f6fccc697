//! The environment as a whole: its organisation's row, and going back to an earlier state.

use uuid::Uuid;

use super::{Row, Rows, TableName, Value, World};

impl World {
    /// The organisation's id.
    pub(crate) fn organization_id(&self) -> Uuid {
        self.organization().map_or(Uuid::nil(), |row| row.id)
    }

    /// Gives the organisation another id; its row keeps its version.
    pub(crate) fn set_organization_id(&mut self, id: Uuid) {
        let old = self.organization_id();
        if let Some(rows) = self.rows_mut(TableName::Organization.entity_set()) {
            rows.rekey(old, id);
        }
    }

    /// For how many days a delta token lives, as the organisation's row says.
    pub(crate) fn change_tracking_days(&self) -> i64 {
        let days = self
            .rows(TableName::Organization.entity_set())
            .and_then(|rows| rows.table.by_name("expirechangetrackingindays"))
            .zip(self.organization())
            .map(|((position, _), row)| row.value(position).into_owned());
        match days {
            Some(Value::Integer(days)) => days,
            _ => 7,
        }
    }

    /// Goes back to an earlier state. What was made up since is not made up again: keys drawn at random
    /// never come twice.
    pub(crate) fn restore(&mut self, earlier: Self) {
        let invented = self.invented.max(earlier.invented);
        *self = Self {
            invented,
            ..earlier
        };
    }

    fn organization(&self) -> Option<Row<'_>> {
        self.rows(TableName::Organization.entity_set())
            .map(|rows| rows.after(None))?
            .next()
    }
}

impl Rows {
    /// Moves a live row to another key, past versions and tombstones.
    fn rekey(&mut self, old: Uuid, new: Uuid) {
        let Some(row) = self.get(old).filter(|_| old != new) else {
            return;
        };
        let version = row.version;
        let mut values: Vec<Value> = (0..self.table.columns.len())
            .map(|position| row.value(position).into_owned())
            .collect();
        if let Some(key) = values.first_mut() {
            *key = Value::Guid(new);
        }
        self.replace(old, new, version, values);
    }
}
