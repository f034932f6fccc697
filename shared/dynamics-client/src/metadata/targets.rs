//! Which tables a lookup may refer to, by both of their names.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Cast, List, NAMES, is_named, known, not_sent};
use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::Error;
use crate::query::check_name;
use crate::table::{ColumnKind, Table};

/// A table that a lookup may refer to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LookupTarget {
    /// The table's logical name, for example `account`.
    pub table: String,
    /// The name that addresses its rows, for example `accounts`; `None` if nothing does.
    pub entity_set: Option<String>,
}

const MISSING: &str = "has no targets told";
const CAST: Cast = Cast {
    type_name: "LookupAttributeMetadata",
    options: ",Targets",
    missing: MISSING,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Lookup {
    targets: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Addressed {
    entity_set_name: Option<String>,
}

impl DynamicsClient {
    /// Reads which tables `lookups`, with which `table` was read, may refer to. Two requests; a further one
    /// for every 20 tables beyond the first 20. The names by which they are written are another matter: see
    /// [`navigations`](Self::navigations).
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) before anything is sent, if one of `lookups`
    /// is not in `table` or is no lookup; else see [`ErrorKind`](crate::ErrorKind).
    pub async fn lookup_targets(
        &self,
        table: &Table,
        lookups: &[&str],
    ) -> Result<BTreeMap<String, Vec<LookupTarget>>, Error> {
        let operation = format!("read the targets of lookups of {}", table.entity_set);
        let fail = |problem| Error::new(&operation, problem);
        for column in lookups {
            if known(table, column).map_err(fail)?.kind != ColumnKind::Lookup {
                let why = format!("column {column} of {} is no lookup", table.entity_set);
                return Err(fail(not_sent(why).advise("Leave it out.")));
            }
        }
        let read = |told: Lookup| told.targets.ok_or(MISSING);
        let targets = self.cast(&operation, table, lookups, CAST, &read).await?;
        let mut names: Vec<&str> = targets.values().flatten().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        let mut sets = BTreeMap::new();
        for names in names.chunks(NAMES) {
            sets.extend(self.entity_sets(&operation, names).await?);
        }
        let pair = |name: String| LookupTarget {
            entity_set: sets.get(&name).cloned(),
            table: name,
        };
        Ok(targets
            .into_iter()
            .map(|(column, names)| (column, names.into_iter().map(pair).collect()))
            .collect())
    }

    /// The entity sets of the tables with these logical names, of those that have one. One request.
    async fn entity_sets(
        &self,
        operation: &str,
        names: &[&str],
    ) -> Result<BTreeMap<String, String>, Error> {
        for name in names {
            check_name(name).map_err(|problem| Error::new(operation, problem))?;
        }
        let path = format!(
            "EntityDefinitions?$select=LogicalName,EntitySetName&$filter={}",
            is_named(names)
        );
        self.get(
            RequestClass::Metadata,
            operation.to_owned(),
            &path,
            &|found: List| {
                let addressed = found.by_name().into_iter().filter_map(|(name, entry)| {
                    let entry: Addressed = serde_json::from_str(entry.get()).ok()?;
                    Some((name, entry.entity_set_name?))
                });
                Ok(addressed.collect())
            },
        )
        .await
    }
}
