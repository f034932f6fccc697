//! What a table looks like: as much of its definition as a reader of rows needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metadata::PrivilegeKind;

/// A table's definition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    /// The table's logical name, for example `contact`.
    pub logical_name: String,
    /// The name that addresses its rows, for example `contacts`.
    pub entity_set: String,
    /// The column that holds a row's id.
    pub primary_id: String,
    /// The column that people know a row by, for example `fullname`; `None` if there is none.
    pub primary_name: Option<String>,
    /// Whether changes are tracked.
    pub change_tracking: bool,
    /// What kind of storage is behind it.
    pub kind: TableKind,
    /// Whether its rows are activities, which are rows of `activitypointers` too.
    pub is_activity: bool,
    /// Whether its rows can be deactivated: it has the column `statecode`.
    pub has_state: bool,
    /// The names of the privileges on it, for example `prvReadContact`; empty if it has none of its own.
    /// How far the user's reach: [`privilege_depths`](crate::DynamicsClient::privilege_depths).
    pub privileges: BTreeMap<PrivilegeKind, String>,
    /// The columns asked for, by logical name. One that does not exist is not in it.
    pub columns: BTreeMap<String, Column>,
}

impl Table {
    /// The name of the privilege to do `kind` of thing with its rows, if it has one of its own.
    pub fn privilege(&self, kind: PrivilegeKind) -> Option<&str> {
        self.privileges.get(&kind).map(String::as_str)
    }

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
    /// Whether it can be given a value when a row is created.
    pub creatable: bool,
    /// Whether it can be changed in a row that is there.
    pub updatable: bool,
    /// Whether it must have a value; `None` if it is not told, or in a word that is not known.
    pub required: Option<RequiredLevel>,
    /// Whether column security is on: without a profile that allows reading, every value is null.
    pub secured: bool,
    /// Whether column security also asks who gives it a value when a row is created.
    pub secured_on_create: bool,
    /// Whether column security also asks who changes it.
    pub secured_on_update: bool,
}

/// Whether a column must have a value, from the least to the most.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RequiredLevel {
    /// It need not.
    None,
    /// Forms recommend it.
    Recommended,
    /// Forms demand it; the Web API does not.
    ApplicationRequired,
    /// Dataverse demands it.
    SystemRequired,
}

impl RequiredLevel {
    /// By Dataverse's word for it.
    pub(crate) fn named(text: &str) -> Option<Self> {
        Some(match text {
            "None" => Self::None,
            "Recommended" => Self::Recommended,
            "ApplicationRequired" => Self::ApplicationRequired,
            "SystemRequired" => Self::SystemRequired,
            _ => return None,
        })
    }
}

/// The type of a column's values. Its names are stored by those who remember what a table was like.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
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

/// What a date and time means. Its names are stored, as those of [`ColumnKind`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DateTimeBehavior {
    /// An instant, sent as UTC.
    UserLocal,
    /// A calendar date, sent without time.
    DateOnly,
    /// A wall clock reading without zone, although sent with a `Z`.
    TimeZoneIndependent,
}
