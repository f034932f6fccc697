//! Reading a table's definition: how it is asked for, and what is made of the answers.
//!
//! Lenient towards everything that was not asked for, and towards flags that are null. Never in here: a
//! guess about a column that was asked for.
//!
//! Source: "Query table definitions using the Web API", Dataverse developer documentation.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{ErrorKind, Problem};
use crate::reactions::MISSING_TABLE;
use crate::table::{Column, ColumnKind, DateTimeBehavior, Table, TableKind};

/// The path and query, below the Web API's root, that reads a table's definition by entity set name.
pub(crate) fn definition_path(entity_set: &str) -> String {
    format!(
        "EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute,\
         ChangeTrackingEnabled,TableType,Privileges&$filter=EntitySetName%20eq%20%27{entity_set}%27\
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

/// What the table itself must have is required; a flag may be null.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    logical_name: String,
    entity_set_name: String,
    primary_id_attribute: String,
    change_tracking_enabled: Option<bool>,
    table_type: Option<String>,
    privileges: Option<Vec<Privilege>>,
    /// Read one by one: what is strange about a column that nobody asked for is nobody's trouble.
    attributes: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Privilege {
    name: Option<String>,
    privilege_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_type: Option<String>,
    attribute_type_name: Option<Named>,
    is_valid_for_read: Option<bool>,
    is_secured: Option<bool>,
    /// False for shadows of other columns, which the Web API does not serve.
    #[serde(rename = "IsValidODataAttribute")]
    is_valid_odata_attribute: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    value: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct DateBehaviors {
    value: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DateBehavior {
    date_time_behavior: Option<Named>,
}

impl Definitions {
    /// The table with this entity set name and those of its columns that were asked for. How its dates
    /// behave is still to be filled in.
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
        let mut known = BTreeMap::new();
        for attribute in definition.attributes.unwrap_or_default() {
            if let Some(name) = logical_name(&attribute)
                && columns.contains(&name.as_str())
            {
                let column = column(&name, attribute)?;
                known.insert(name, column);
            }
        }
        let reading = |privilege: Privilege| {
            let reads = privilege.privilege_type.as_deref() == Some("Read");
            privilege.name.filter(|_| reads)
        };
        Ok(Table {
            logical_name: definition.logical_name,
            entity_set: definition.entity_set_name,
            primary_id: definition.primary_id_attribute,
            change_tracking: definition.change_tracking_enabled.unwrap_or_default(),
            kind: match definition.table_type.as_deref() {
                None | Some("Standard") => TableKind::Standard,
                Some("Elastic") => TableKind::Elastic,
                Some("Virtual") => TableKind::Virtual,
                Some(_) => TableKind::Other,
            },
            read_privilege: definition
                .privileges
                .unwrap_or_default()
                .into_iter()
                .find_map(reading),
            columns: known,
        })
    }
}

impl DateBehaviors {
    /// Fills in how each of the table's dates behaves. One that is not told is never guessed: it would
    /// shift days.
    pub(crate) fn fill(self, mut table: Table) -> Result<Table, Box<Problem>> {
        let mut told: BTreeMap<String, Value> = self
            .value
            .into_iter()
            .filter_map(|date| Some((logical_name(&date)?, date)))
            .collect();
        for (name, column) in &mut table.columns {
            if !matches!(column.kind, ColumnKind::DateTime(_)) {
                continue;
            }
            let behavior = told.remove(name).and_then(|date| {
                DateBehavior::deserialize(date)
                    .ok()?
                    .date_time_behavior?
                    .value
            });
            let behavior = match behavior.as_deref() {
                Some("UserLocal") => DateTimeBehavior::UserLocal,
                Some("DateOnly") => DateTimeBehavior::DateOnly,
                Some("TimeZoneIndependent") => DateTimeBehavior::TimeZoneIndependent,
                Some(_) => return Err(unusable(name, "has a date behavior of an unknown kind")),
                None => return Err(unusable(name, "is a date, but how it behaves is not told")),
            };
            column.kind = ColumnKind::DateTime(behavior);
        }
        Ok(table)
    }
}

fn logical_name(definition: &Value) -> Option<String> {
    Some(definition.get("LogicalName")?.as_str()?.to_owned())
}

fn column(name: &str, attribute: Value) -> Result<Column, Box<Problem>> {
    let attribute = Attribute::deserialize(attribute)
        .map_err(|_| unusable(name, "has a definition of another form"))?;
    Ok(Column {
        kind: kind_of(&attribute),
        // Where it is not told, reading it tells.
        readable: attribute.is_valid_for_read.unwrap_or(true)
            && attribute.is_valid_odata_attribute.unwrap_or(true),
        secured: attribute.is_secured.unwrap_or_default(),
    })
}

fn unusable(column: &str, why: &str) -> Box<Problem> {
    Problem::new(ErrorKind::Protocol, "Dataverse gave an unusable answer")
        .because(format!("column {column} {why}"))
        .advise("Leave the column out, and report it.")
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
