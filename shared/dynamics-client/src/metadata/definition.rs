//! Reading a table's definition: how it is asked for, and what is made of the answers.
//!
//! Lenient towards everything that was not asked for, and towards flags that are null. Never in here: a
//! guess about a column that was asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::attribute::Attribute;
use super::{Labels, PrivilegeKind, unusable};
use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::{Error, ErrorKind, Problem};
use crate::query::check_name;
use crate::reactions::MISSING_TABLE;
use crate::table::{Table, TableKind};

/// A table, and what people call it and its columns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TableDescription {
    /// The table, with the columns that were asked for. All are all but those that only show what another one
    /// means: the name behind a lookup, the label of a choice.
    pub table: Table,
    /// What people call one of its rows; nothing where only columns were asked for.
    pub labels: Labels,
    /// What people call its columns, by logical name; also those that were not asked for, and without those
    /// that only show what another one means.
    pub column_labels: BTreeMap<String, Labels>,
    /// The columns that the table did not come with, by logical name: the organization's own, and those of apps
    /// that were added later.
    pub added: BTreeSet<String>,
}

/// Which columns are asked for.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    Named(&'a [&'a str]),
    /// Those, and what people call every column.
    NamedAndLabels(&'a [&'a str]),
    /// All, with what people call them.
    All,
}

impl Wanted<'_> {
    /// Whether the column itself is asked for.
    fn has(self, column: &str) -> bool {
        match self {
            Self::Named(names) | Self::NamedAndLabels(names) => names.contains(&column),
            Self::All => true,
        }
    }
}

impl DynamicsClient {
    /// Reads the definition of the table with this entity set name, and of those of `columns` (logical
    /// names) that exist. One request; a second if one of them is a date and time.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such table; else see [`ErrorKind`].
    pub async fn table(&self, entity_set: &str, columns: &[&str]) -> Result<Table, Error> {
        let found = self.definition(entity_set, Wanted::Named(columns)).await?;
        Ok(found.table)
    }

    /// Reads the same as [`table`](Self::table), and which columns the table has beside those of `columns`,
    /// with what people call each of them: `column_labels` has all. As many requests, with a longer answer.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub async fn table_and_labels(
        &self,
        entity_set: &str,
        columns: &[&str],
    ) -> Result<TableDescription, Error> {
        let wanted = Wanted::NamedAndLabels(columns);
        self.definition(entity_set, wanted).await
    }

    /// Reads the definition of the table with this entity set name, with all of its columns and what people
    /// call them. One request; a second if one of the columns is a date and time, as is usual.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub async fn describe(&self, entity_set: &str) -> Result<TableDescription, Error> {
        self.definition(entity_set, Wanted::All).await
    }

    async fn definition(
        &self,
        entity_set: &str,
        wanted: Wanted<'_>,
    ) -> Result<TableDescription, Error> {
        let operation = format!("read the definition of {entity_set}");
        check_name(entity_set).map_err(|problem| Error::new(&operation, problem))?;
        let path = definition_path(entity_set, wanted);
        let mut found = self
            .get(
                RequestClass::Metadata,
                operation.clone(),
                &path,
                &|found: Definitions| found.described(entity_set, wanted),
            )
            .await?;
        self.fill_in_dates(&operation, &mut found.table).await?;
        Ok(found)
    }
}

/// The path and query, below the Web API's root, that reads a table's definition by entity set name.
fn definition_path(entity_set: &str, wanted: Wanted<'_>) -> String {
    let (table, column) = match wanted {
        Wanted::Named(_) => ("", ""),
        Wanted::NamedAndLabels(_) => ("", ",DisplayName,AttributeOf"),
        Wanted::All => (",DisplayName", ",DisplayName,AttributeOf,IsCustomAttribute"),
    };
    format!(
        "EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute,\
         ChangeTrackingEnabled,TableType,Privileges,PrimaryNameAttribute,IsActivity{table}\
         &$filter=EntitySetName%20eq%20%27{entity_set}%27\
         &$expand=Attributes($select=LogicalName,AttributeType,AttributeTypeName,IsValidForRead,\
         IsValidForCreate,IsValidForUpdate,RequiredLevel,IsSecured,CanBeSecuredForCreate,\
         CanBeSecuredForUpdate,IsValidODataAttribute{column})"
    )
}

#[derive(Deserialize)]
struct Definitions {
    value: Vec<Definition>,
}

/// What the table itself must have is required; a flag may be null.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    logical_name: String,
    entity_set_name: String,
    primary_id_attribute: String,
    primary_name_attribute: Option<String>,
    is_activity: Option<bool>,
    display_name: Option<Labels>,
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

impl Definitions {
    /// The table with this entity set name and those of its columns that are wanted. How its dates behave
    /// is still to be filled in.
    fn described(
        self,
        entity_set: &str,
        wanted: Wanted<'_>,
    ) -> Result<TableDescription, Box<Problem>> {
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
        let mut columns = BTreeMap::new();
        let mut column_labels = BTreeMap::new();
        let mut added = BTreeSet::new();
        let mut has_state = false;
        for entry in definition.attributes.unwrap_or_default() {
            let Some(name) = logical_name(&entry) else {
                continue;
            };
            has_state |= name == "statecode";
            let asked_for = wanted.has(&name);
            if matches!(wanted, Wanted::Named(_)) && !asked_for {
                continue;
            }
            let attribute = match Attribute::deserialize(entry) {
                Ok(attribute) => attribute,
                Err(_) if asked_for => {
                    return Err(odd(&name, entity_set, "has a definition of another form"));
                }
                Err(_) => continue,
            };
            let is_shadow = attribute.attribute_of.is_some();
            if asked_for && !(is_shadow && matches!(wanted, Wanted::All)) {
                columns.insert(name.clone(), attribute.column());
            }
            if !is_shadow {
                if attribute.is_custom_attribute == Some(true) {
                    added.insert(name.clone());
                }
                column_labels.insert(name, attribute.display_name.unwrap_or_default());
            }
        }
        let privileges = definition.privileges.unwrap_or_default().into_iter();
        let table = Table {
            logical_name: definition.logical_name,
            entity_set: definition.entity_set_name,
            primary_id: definition.primary_id_attribute,
            primary_name: definition.primary_name_attribute,
            change_tracking: definition.change_tracking_enabled.unwrap_or_default(),
            kind: table_kind(definition.table_type.as_deref()),
            is_activity: definition.is_activity.unwrap_or_default(),
            has_state,
            privileges: privileges
                .filter_map(|privilege| {
                    let kind = PrivilegeKind::named(&privilege.privilege_type?)?;
                    Some((kind, privilege.name?))
                })
                .collect(),
            columns,
        };
        Ok(TableDescription {
            table,
            labels: definition.display_name.unwrap_or_default(),
            column_labels,
            added,
        })
    }
}

fn logical_name(definition: &Value) -> Option<String> {
    Some(definition.get("LogicalName")?.as_str()?.to_owned())
}

fn odd(column: &str, entity_set: &str, why: &str) -> Box<Problem> {
    unusable(&format!("column {column} of {entity_set}"), why)
}

/// By Dataverse's word for it, which older environments do not have.
pub(super) fn table_kind(told: Option<&str>) -> TableKind {
    match told {
        None | Some("Standard") => TableKind::Standard,
        Some("Elastic") => TableKind::Elastic,
        Some("Virtual") => TableKind::Virtual,
        Some(_) => TableKind::Other,
    }
}
