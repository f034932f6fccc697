//! One table with its columns and keys.

use std::collections::BTreeMap;

use dynamics_client::{
    Column, ColumnKind, DynamicsClient, Error, KeyStatus, PrivilegeKind, TableDescription,
    TableKind,
};
use serde::Serialize;

use crate::columns::{self, Known};
use crate::tables::text;

/// A table with its columns and keys.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Description {
    /// The name that a stream file has as `table`.
    pub table: String,
    /// The table's logical name.
    pub logical_name: String,
    /// What people call one of its rows.
    pub label: Option<String>,
    /// The column that holds a row's id.
    pub primary_id: String,
    /// The column that people know a row by.
    pub primary_name: Option<String>,
    /// Whether Dynamics tracks its changes.
    pub change_tracking: bool,
    /// Whether it is of the kind that can be synced.
    pub syncable: bool,
    /// Its alternate keys.
    pub keys: Vec<Key>,
    /// Its columns, by name.
    pub columns: Vec<columns::Column>,
}

/// An alternate key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Key {
    /// Its columns.
    pub columns: Vec<String>,
    /// Whether it is in use; else its index is being built, or could not be.
    pub active: bool,
}

/// Looks at one table, by its entity set; labels in the first of `languages` (locale ids) that has one. At
/// most 17 requests, whatever the table has: one or two for its definition, one for its keys, one for each
/// kind of choice, text and number that occurs, and two for its lookups, with one more for every 20 tables
/// that these refer to.
///
/// # Errors
/// [`ErrorKind::NotFound`](dynamics_client::ErrorKind::NotFound) if there is no such table.
pub async fn describe(
    client: &DynamicsClient,
    table: &str,
    languages: &[u32],
) -> Result<Description, Error> {
    let described = client.describe(table).await?;
    let mut known = details(client, &described, |_, _| true).await?;
    known.limits = client.limits(&described.table).await?;
    finished(client, &known, languages).await
}

/// The same as far as a stream file needs it, and the privilege to read the table, if it has one of its own. Of a
/// standard table only the columns of the catalogue and the organization's own have choices and lookups. At most
/// nine requests, with one more for every 20 tables that lookups refer to.
pub(crate) async fn describe_for_stream(
    client: &DynamicsClient,
    table: &str,
    languages: &[u32],
) -> Result<(Description, Option<String>), Error> {
    let described = client.describe(table).await?;
    let standard = catalogue::table(table);
    let is_of_use = |column: &str| {
        standard.is_none_or(|standard| {
            let mut fields = standard.fields();
            described.added.contains(column) || fields.any(|field| field.column == column)
        })
    };
    // What yes and no are called does not stand in a stream file.
    let wanted = |name: &str, kind: &ColumnKind| *kind != ColumnKind::Boolean && is_of_use(name);
    let known = details(client, &described, wanted).await?;
    let privilege = described.table.privilege(PrivilegeKind::Read);
    let privilege = privilege.map(ToOwned::to_owned);
    Ok((finished(client, &known, languages).await?, privilege))
}

/// What there is to choose from, and what lookups refer to, of the columns that are wanted.
async fn details<'a>(
    client: &DynamicsClient,
    described: &'a TableDescription,
    wanted: impl Fn(&str, &ColumnKind) -> bool,
) -> Result<Known<'a>, Error> {
    let table = &described.table;
    let of_kind = |of: fn(&ColumnKind) -> bool| -> Vec<&str> {
        let columns = table.columns.iter();
        let found = columns.filter(|(name, column): &(&String, &Column)| {
            of(&column.kind) && wanted(name, &column.kind)
        });
        found.map(|(name, _)| name.as_str()).collect()
    };
    let choices = of_kind(|kind| {
        use ColumnKind::{Boolean, Choice, Choices, State, Status};
        matches!(kind, Boolean | Choice | Choices | State | Status)
    });
    let lookups = of_kind(|kind| *kind == ColumnKind::Lookup);
    Ok(Known {
        choices: client.choices(table, &choices).await?,
        targets: match lookups.as_slice() {
            [] => BTreeMap::new(),
            lookups => client.lookup_targets(table, lookups).await?,
        },
        limits: BTreeMap::new(),
        described,
    })
}

async fn finished(
    client: &DynamicsClient,
    known: &Known<'_>,
    languages: &[u32],
) -> Result<Description, Error> {
    let (described, table) = (known.described, &known.described.table);
    let keys = client.alternate_keys(table).await?.into_iter();
    let keys = keys.map(|key| Key {
        active: key.status == KeyStatus::Active,
        columns: key.columns,
    });
    Ok(Description {
        table: table.entity_set.clone(),
        logical_name: table.logical_name.clone(),
        label: text(&described.labels, languages),
        primary_id: table.primary_id.clone(),
        primary_name: table.primary_name.clone(),
        change_tracking: table.change_tracking,
        syncable: table.kind == TableKind::Standard,
        keys: keys.collect(),
        columns: known.columns(languages),
    })
}
