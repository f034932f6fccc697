//! What column security allows a user.
//!
//! Never in here: a guess. A secured column that may not be read shows null in every row, without a mark.
//!
//! Source: `RetrievePrincipalAttributePrivileges` and `AttributePrivilege`, Dataverse developer
//! documentation.

use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use super::List;
use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::Error;
use crate::query::check_name;
use crate::table::Table;

/// What a user may do with the values of a secured column.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ColumnAccess {
    /// See them.
    pub read: bool,
    /// Give one to a new row.
    pub create: bool,
    /// Change them.
    pub update: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    metadata_id: Uuid,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Granted {
    attribute_privileges: Vec<Privilege>,
}

/// Each is 4 where it is allowed, else 0.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Privilege {
    attribute_id: Uuid,
    #[serde(default)]
    can_read: i32,
    #[serde(default)]
    can_create: i32,
    #[serde(default)]
    can_update: i32,
}

impl DynamicsClient {
    /// Asks what `user` may do with each secured column of `table`, by its own column security profiles and
    /// by those of its teams. Two requests, or one for a table without secured columns.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn column_access(
        &self,
        user: Uuid,
        table: &Table,
    ) -> Result<BTreeMap<String, ColumnAccess>, Error> {
        let operation = format!("read the column security of {}", table.entity_set);
        let name = &table.logical_name;
        check_name(name).map_err(|problem| Error::new(&operation, problem))?;
        let path = format!(
            "EntityDefinitions(LogicalName=%27{name}%27)/Attributes?$select=LogicalName\
             &$filter=IsSecured%20eq%20true"
        );
        let secured: BTreeMap<String, Uuid> = self
            .get(
                RequestClass::Metadata,
                operation.clone(),
                &path,
                &|found: List| {
                    let ids = found.by_name().into_iter().filter_map(|(name, entry)| {
                        let entry: Attribute = serde_json::from_str(entry.get()).ok()?;
                        Some((name, entry.metadata_id))
                    });
                    Ok(ids.collect())
                },
            )
            .await?;
        if secured.is_empty() {
            return Ok(BTreeMap::new());
        }
        let path = format!(
            "systemusers({user})/Microsoft.Dynamics.CRM.RetrievePrincipalAttributePrivileges()"
        );
        self.get(
            RequestClass::Metadata,
            operation,
            &path,
            &|granted: Granted| {
                let access = |id: &Uuid| {
                    let mut privileges = granted.attribute_privileges.iter();
                    let told = privileges.find(|told| told.attribute_id == *id);
                    told.map_or_else(ColumnAccess::default, |told| ColumnAccess {
                        read: told.can_read > 0,
                        create: told.can_create > 0,
                        update: told.can_update > 0,
                    })
                };
                let columns = secured.iter();
                Ok(columns
                    .map(|(name, id)| (name.clone(), access(id)))
                    .collect())
            },
        )
        .await
    }
}
