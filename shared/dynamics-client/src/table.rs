//! What a table looks like: as much of its definition as a reader of rows needs.

use std::collections::BTreeMap;

/// A table's definition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    /// The table's logical name, for example `contact`.
    pub logical_name: String,
    /// The name that addresses its rows, for example `contacts`.
    pub entity_set: String,
    /// The column that holds a row's id.
    pub primary_id: String,
    /// Whether changes are tracked.
    pub change_tracking: bool,
    /// What kind of storage is behind it.
    pub kind: TableKind,
    /// The name of the privilege to read its rows, for example `prvReadContact`; `None` if it has none
    /// of its own. How far the user's reaches: [`read_depth`](crate::DynamicsClient::read_depth).
    pub read_privilege: Option<String>,
    /// The columns asked for, by logical name. One that does not exist is not in it.
    pub columns: BTreeMap<String, Column>,
}

impl Table {
    /// The name by which `column`'s value is selected and found in a row: `_name_value` for a lookup,
    /// else the name itself. `None` if the column is not known.
    pub fn select_name(&self, column: &str) -> Option<String> {
        let known = self.columns.get(column)?;
        Some(match known.kind {
            ColumnKind::Lookup => format!("_{column}_value"),
            _ => column.to_owned(),
        })
    }
}

/// What kind of storage is behind a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TableKind {
    /// Dataverse's relational storage.
    Standard,
    /// Elastic storage: no row versions, pages of 500.
    Elastic,
    /// Rows live in another system.
    Virtual,
    /// Any other.
    Other,
}

/// A column's definition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Column {
    /// The type of its values.
    pub kind: ColumnKind,
    /// Whether it can be selected.
    pub readable: bool,
    /// Whether column security is on: without a profile that allows reading, every value is null.
    pub secured: bool,
}

/// The type of a column's values.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// One line of text.
    Text,
    /// Lines of text.
    Memo,
    /// Whole number of 32 bits.
    Integer,
    /// Whole number of 64 bits.
    BigInt,
    /// Decimal number with a fixed scale.
    Decimal,
    /// Floating point number.
    Double,
    /// Amount of money, with a currency beside it.
    Money,
    /// Yes or no.
    Boolean,
    /// Date and time.
    DateTime(DateTimeBehavior),
    /// Reference to a row, of one or several tables.
    Lookup,
    /// One of several choices, by number.
    Choice,
    /// Active or inactive, by number.
    State,
    /// Reason for the state, by number.
    Status,
    /// Several choices at once, as numbers in a text.
    Choices,
    /// Unique identifier.
    Guid,
    /// Any other, by Dataverse's name for it.
    Other(String),
}

/// What a date and time means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DateTimeBehavior {
    /// An instant, sent as UTC.
    UserLocal,
    /// A calendar date, sent without time.
    DateOnly,
    /// A wall clock reading without zone, although sent with a `Z`.
    TimeZoneIndependent,
}
