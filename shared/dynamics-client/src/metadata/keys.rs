//! A table's alternate keys, and whether they can be used yet.
//!
//! Source: "Define alternate keys for a table", Dataverse developer documentation.

use serde::{Deserialize, Serialize};

use super::unusable;
use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::{Error, Problem};
use crate::query::check_name;
use crate::table::Table;

/// An alternate key: columns that together tell a table's rows apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AlternateKey {
    /// Its logical name.
    pub name: String,
    /// The logical names of its columns.
    pub columns: Vec<String>,
    /// Where its index stands: only an active key can address rows.
    pub status: KeyStatus,
}

/// Where the index of an alternate key stands. Its names are stored by those who remember what a table was
/// like.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Not begun.
    Pending,
    /// Being built.
    InProgress,
    /// In use.
    Active,
    /// Could not be built: rows share values, for example.
    Failed,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    keys: Vec<Told>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    logical_name: String,
    key_attributes: Option<Vec<String>>,
    entity_key_index_status: Option<String>,
}

impl DynamicsClient {
    /// Reads the alternate keys of `table`. One request.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn alternate_keys(&self, table: &Table) -> Result<Vec<AlternateKey>, Error> {
        let operation = format!("read the keys of {}", table.entity_set);
        let name = &table.logical_name;
        check_name(name).map_err(|problem| Error::new(&operation, problem))?;
        let path = format!(
            "EntityDefinitions(LogicalName=%27{name}%27)?$select=LogicalName\
             &$expand=Keys($select=LogicalName,KeyAttributes,EntityKeyIndexStatus)"
        );
        self.get(
            RequestClass::Metadata,
            operation,
            &path,
            &|found: Definition| {
                let keys = found.keys.into_iter();
                keys.map(|told| read_key(told, table)).collect()
            },
        )
        .await
    }
}

fn read_key(told: Told, table: &Table) -> Result<AlternateKey, Box<Problem>> {
    let fail = |why| {
        unusable(
            &format!("key {} of {}", told.logical_name, table.entity_set),
            why,
        )
    };
    let columns = told.key_attributes.filter(|columns| !columns.is_empty());
    let status = match told.entity_key_index_status.as_deref() {
        Some("Pending") => KeyStatus::Pending,
        Some("InProgress") => KeyStatus::InProgress,
        Some("Active") => KeyStatus::Active,
        Some("Failed") => KeyStatus::Failed,
        Some(_) => return Err(fail("has an index status of an unknown kind")),
        None => return Err(fail("has no index status told")),
    };
    Ok(AlternateKey {
        columns: columns.ok_or_else(|| fail("has no columns told"))?,
        name: told.logical_name,
        status,
    })
}
