//! What the environment says about the tables of a stream file: asked once for each, however many streams
//! and lookups there are.

use std::collections::{BTreeMap, BTreeSet};

use dynamics_client::{
    Depth, DynamicsClient, Error, Labels, PrivilegeKind, Table, TableDescription, TableKind, WhoAmI,
};
use streams::StreamFile;

use crate::need::Need;

/// What the environment says about a table, asked once however many streams read it.
pub(crate) struct Known {
    pub(crate) description: TableDescription,
    /// How far the application user's privileges on it reach.
    pub(crate) depths: Result<BTreeMap<PrivilegeKind, Depth>, Error>,
}

impl Known {
    pub(crate) fn table(&self) -> &Table {
        &self.description.table
    }
}

/// A table that is there and of a kind that can be synced.
pub(crate) fn syncable(known: &Result<Known, Error>) -> Option<&Known> {
    let known = known.as_ref().ok()?;
    (known.table().kind == TableKind::Standard).then_some(known)
}

/// What the environment says about every table of the file, and how far the privileges on it reach. Three
/// requests a table; two for one that only lookups refer to.
pub(crate) async fn read_tables(
    client: &DynamicsClient,
    me: WhoAmI,
    file: &StreamFile,
    needs: &BTreeMap<String, Need>,
) -> BTreeMap<String, Result<Known, Error>> {
    let mut tables = BTreeMap::new();
    for table in needs.keys() {
        let is_read = file.streams.iter().any(|stream| stream.table == *table);
        tables.insert(table.clone(), read_table(client, me, table, is_read).await);
    }
    tables
}

async fn read_table(
    client: &DynamicsClient,
    me: WhoAmI,
    table: &str,
    with_columns: bool,
) -> Result<Known, Error> {
    let description = if with_columns {
        client.describe(table).await?
    } else {
        TableDescription {
            table: client.table(table, &[]).await?,
            labels: Labels::default(),
            column_labels: BTreeMap::new(),
            added: BTreeSet::new(),
        }
    };
    let depths = client
        .privilege_depths(me.user_id, &description.table)
        .await;
    Ok(Known {
        description,
        depths,
    })
}
