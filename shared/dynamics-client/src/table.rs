//! What a table looks like: as much of its definition as a reader of rows needs.
//!
//! Source: "Query table definitions using the Web API", Dataverse developer documentation.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{ErrorKind, Problem};
use crate::reactions::MISSING_TABLE;

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

/// The path and query, below the Web API's root, that reads a table's definition by entity set name.
pub(crate) fn definition_path(entity_set: &str) -> String {
    format!(
        "EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute,\
         ChangeTrackingEnabled,TableType&$filter=EntitySetName%20eq%20%27{entity_set}%27\
         &$expand=Attributes($select=LogicalName,AttributeType,AttributeTypeName,IsValidForRead,\
         IsSecured,IsValidODataAttribute)"
    )
}

/// The path and query that reads how a table's dates behave: a property of one column type only,
/// which needs a cast and with it a request of its own.
pub(crate) fn date_behavior_path(logical_name: &str) -> String {
    format!(
        "EntityDefinitions(LogicalName=%27{logical_name}%27)/Attributes/\
         Microsoft.Dynamics.CRM.DateTimeAttributeMetadata?$select=LogicalName,DateTimeBehavior"
    )
}

#[derive(Deserialize)]
pub(crate) struct Definitions {
    value: Vec<Definition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    logical_name: String,
    entity_set_name: String,
    primary_id_attribute: String,
    change_tracking_enabled: bool,
    table_type: Option<String>,
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    logical_name: String,
    attribute_type: Option<String>,
    attribute_type_name: Option<Named>,
    is_valid_for_read: bool,
    #[serde(default)]
    is_secured: bool,
    /// False for shadows of other columns, which the Web API does not serve.
    #[serde(rename = "IsValidODataAttribute", default = "yes")]
    is_valid_odata_attribute: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    value: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct DateBehaviors {
    value: Vec<DateBehavior>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DateBehavior {
    logical_name: String,
    date_time_behavior: Option<Named>,
}

fn yes() -> bool {
    true
}

impl Definitions {
    /// The table with this entity set name and those of its columns that were asked for.
    pub(crate) fn into_table(
        self,
        entity_set: &str,
        columns: &[&str],
    ) -> Result<Table, Box<Problem>> {
        let definition = self
            .value
            .into_iter()
            .find(|definition| definition.entity_set_name == entity_set)
            .ok_or_else(|| {
                let (why, advice) = MISSING_TABLE;
                Problem::new(ErrorKind::NotFound, "Dataverse knows no such table")
                    .because(why)
                    .advise(advice)
            })?;
        let columns = definition
            .attributes
            .into_iter()
            .filter(|attribute| columns.contains(&attribute.logical_name.as_str()))
            .map(|attribute| {
                let column = Column {
                    kind: kind_of(&attribute),
                    readable: attribute.is_valid_for_read && attribute.is_valid_odata_attribute,
                    secured: attribute.is_secured,
                };
                (attribute.logical_name, column)
            })
            .collect();
        Ok(Table {
            logical_name: definition.logical_name,
            entity_set: definition.entity_set_name,
            primary_id: definition.primary_id_attribute,
            change_tracking: definition.change_tracking_enabled,
            kind: match definition.table_type.as_deref() {
                None | Some("Standard") => TableKind::Standard,
                Some("Elastic") => TableKind::Elastic,
                Some("Virtual") => TableKind::Virtual,
                Some(_) => TableKind::Other,
            },
            columns,
        })
    }
}

impl DateBehaviors {
    /// Fills in how the table's dates behave.
    pub(crate) fn fill(self, table: &mut Table) {
        for date in self.value {
            let behavior = match date
                .date_time_behavior
                .and_then(|named| named.value)
                .as_deref()
            {
                Some("DateOnly") => DateTimeBehavior::DateOnly,
                Some("TimeZoneIndependent") => DateTimeBehavior::TimeZoneIndependent,
                _ => DateTimeBehavior::UserLocal,
            };
            if let Some(column) = table.columns.get_mut(&date.logical_name) {
                column.kind = ColumnKind::DateTime(behavior);
            }
        }
    }
}

fn kind_of(attribute: &Attribute) -> ColumnKind {
    let name = attribute
        .attribute_type_name
        .as_ref()
        .and_then(|named| named.value.as_deref());
    // Columns with several choices show the type Virtual; only the type's name tells.
    if name == Some("MultiSelectPicklistType") {
        return ColumnKind::Choices;
    }
    let kind = attribute.attribute_type.as_deref().unwrap_or_default();
    match kind {
        "String" => ColumnKind::Text,
        "Memo" => ColumnKind::Memo,
        "Integer" => ColumnKind::Integer,
        "BigInt" => ColumnKind::BigInt,
        "Decimal" => ColumnKind::Decimal,
        "Double" => ColumnKind::Double,
        "Money" => ColumnKind::Money,
        "Boolean" => ColumnKind::Boolean,
        "DateTime" => ColumnKind::DateTime(DateTimeBehavior::UserLocal),
        "Lookup" | "Customer" | "Owner" => ColumnKind::Lookup,
        "Picklist" => ColumnKind::Choice,
        "State" => ColumnKind::State,
        "Status" => ColumnKind::Status,
        "Uniqueidentifier" => ColumnKind::Guid,
        other => ColumnKind::Other(name.unwrap_or(other).to_owned()),
    }
}
