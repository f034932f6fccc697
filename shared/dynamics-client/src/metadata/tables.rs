//! Which tables there are, and how many rows they have.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::definition::table_kind;
use super::{Labels, List, unusable};
use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::Error;
use crate::query::check_name;
use crate::table::TableKind;

/// As much of a table as a list of tables shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TableSummary {
    /// The table's logical name, for example `contact`.
    pub logical_name: String,
    /// The name that addresses its rows, for example `contacts`.
    pub entity_set: String,
    /// What people call one of its rows.
    pub labels: Labels,
    /// What kind of storage is behind it.
    pub kind: TableKind,
    /// Whether changes are tracked.
    pub change_tracking: bool,
    /// Whether it was added to the platform: by the organization, or by one of Microsoft's apps.
    pub custom: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    entity_set_name: Option<String>,
    display_name: Option<Labels>,
    table_type: Option<String>,
    change_tracking_enabled: Option<bool>,
    is_custom_entity: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counted {
    entity_record_count_collection: Counts,
}

/// Two lists that belong together place by place.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counts {
    keys: Vec<String>,
    values: Vec<u64>,
}

impl DynamicsClient {
    /// Reads which tables the environment has, by entity set: those with rows that anybody can address.
    /// One request, whose answer has an entry for each of them, of which there are hundreds.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn tables(&self) -> Result<Vec<TableSummary>, Error> {
        let path = "EntityDefinitions?$select=LogicalName,EntitySetName,DisplayName,TableType,\
                    ChangeTrackingEnabled,IsCustomEntity&$filter=IsPrivate%20eq%20false";
        self.get(
            RequestClass::Metadata,
            "read which tables there are".to_owned(),
            path,
            &|found: List| {
                let mut tables = Vec::new();
                for (name, entry) in found.by_name() {
                    let told: Told = serde_json::from_str(entry.get()).map_err(|_| {
                        unusable(&format!("table {name}"), "has a definition of another form")
                    })?;
                    let Some(entity_set) = told.entity_set_name.filter(|set| !set.is_empty())
                    else {
                        continue;
                    };
                    tables.push(TableSummary {
                        logical_name: name,
                        entity_set,
                        labels: told.display_name.unwrap_or_default(),
                        kind: table_kind(told.table_type.as_deref()),
                        change_tracking: told.change_tracking_enabled.unwrap_or_default(),
                        custom: told.is_custom_entity.unwrap_or_default(),
                    });
                }
                tables.sort_by(|a, b| a.entity_set.cmp(&b.entity_set));
                Ok(tables)
            },
        )
        .await
    }

    /// How many rows the tables with these logical names have, as counted within the last 24 hours and
    /// whoever may read them. One request, or none for no names. Dataverse counts no rows that live
    /// elsewhere, and refuses the whole request if one of the tables is not there.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    ///
    /// Source: "Count rows", Dataverse developer documentation.
    pub async fn row_counts(&self, logical_names: &[&str]) -> Result<BTreeMap<String, u64>, Error> {
        let operation = match logical_names {
            [] => return Ok(BTreeMap::new()),
            [name] => format!("count the rows of {name}"),
            [name, rest @ ..] => format!("count the rows of {name} and {} more", rest.len()),
        };
        for name in logical_names {
            check_name(name).map_err(|problem| Error::new(&operation, problem))?;
        }
        let names = logical_names.join("%22,%22");
        let path = format!("RetrieveTotalRecordCount(EntityNames=@p1)?@p1=[%22{names}%22]");
        self.get(
            RequestClass::Metadata,
            operation,
            &path,
            &|found: Counted| {
                let Counts { keys, values } = found.entity_record_count_collection;
                let told: BTreeMap<String, u64> = keys.into_iter().zip(values).collect();
                let count = |name: &&str| {
                    let count = told.get(*name).ok_or_else(|| {
                        unusable(&format!("table {name}"), "has no number of rows told")
                    })?;
                    Ok(((*name).to_owned(), *count))
                };
                logical_names.iter().map(count).collect()
            },
        )
        .await
    }
}
