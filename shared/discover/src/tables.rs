//! Which tables there are, and how many rows they have.

use std::collections::BTreeMap;

use dynamics_client::{DynamicsClient, Error, ErrorKind, Labels, TableKind, TableSummary};
use serde::Serialize;

/// How many tables are counted in one request.
const COUNTED_AT_ONCE: usize = 100;
/// How many requests for counts there may be: a table that cannot be counted spoils the request, which is
/// then halved.
const REQUESTS_MAX: u32 = 60;

/// A table, as a list shows it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TableLine {
    /// The name that a stream file has as `table`.
    pub table: String,
    /// The table's logical name.
    pub logical_name: String,
    /// What people call one of its rows, in the preferred language that has a word.
    pub label: Option<String>,
    /// How many rows it had within the last 24 hours; `None` if Dynamics does not count them.
    pub rows: Option<u64>,
    /// Whether Dynamics tracks its changes.
    pub change_tracking: bool,
    /// Whether it is of the kind that can be synced.
    pub syncable: bool,
    /// Whether it is the organization's own and not Microsoft's.
    pub custom: bool,
}

/// All tables with their counts, by name; labels in the first of `languages` (locale ids) that has one. One
/// request, and one for every 100 tables to count them; more where Dynamics does not count one of them.
///
/// # Errors
/// If the tables cannot be listed. Those that cannot be counted have no count.
pub async fn tables(client: &DynamicsClient, languages: &[u32]) -> Result<Vec<TableLine>, Error> {
    let listed = client.tables().await?;
    let counts = counts(client, &listed).await?;
    let line = |table: TableSummary| TableLine {
        rows: counts.get(&table.logical_name).copied(),
        label: text(&table.labels, languages),
        table: table.entity_set,
        logical_name: table.logical_name,
        change_tracking: table.change_tracking,
        syncable: table.kind == TableKind::Standard,
        custom: table.custom,
    };
    Ok(listed.into_iter().map(line).collect())
}

async fn counts(
    client: &DynamicsClient,
    tables: &[TableSummary],
) -> Result<BTreeMap<String, u64>, Error> {
    let standard = tables
        .iter()
        .filter(|table| table.kind == TableKind::Standard);
    let names: Vec<&str> = standard.map(|table| table.logical_name.as_str()).collect();
    let mut waiting: Vec<&[&str]> = names.chunks(COUNTED_AT_ONCE).collect();
    let mut counts = BTreeMap::new();
    let mut left = REQUESTS_MAX;
    while let Some(names) = waiting.pop()
        && left > 0
    {
        left -= 1;
        match client.row_counts(names).await {
            Ok(found) => counts.extend(found),
            Err(error) if !is_about_a_table(&error) => return Err(error),
            Err(_) if names.len() > 1 => {
                let (first, second) = names.split_at(names.len() / 2);
                waiting.extend([second, first]);
            }
            Err(_) => {}
        }
    }
    Ok(counts)
}

/// Whether one of the tables is at fault.
fn is_about_a_table(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BadRequest | ErrorKind::NotFound | ErrorKind::Forbidden | ErrorKind::Protocol
    )
}

/// The entity set that somebody who wrote `name` means, if any comes near: one whose logical name it is,
/// else the nearest. One request.
///
/// # Errors
/// If the tables cannot be listed.
pub async fn nearest(client: &DynamicsClient, name: &str) -> Result<Option<String>, Error> {
    let tables = client.tables().await?;
    let names = tables
        .iter()
        .map(|table| (table.logical_name.as_str(), table.entity_set.as_str()));
    Ok(near(name, names).map(ToOwned::to_owned))
}

/// The same among tables that are known, by logical name and entity set.
pub(crate) fn near<'t>(
    name: &str,
    tables: impl Iterator<Item = (&'t str, &'t str)> + Clone,
) -> Option<&'t str> {
    let meant = tables
        .clone()
        .find(|(logical_name, _)| *logical_name == name);
    let sets = tables.map(|(_, set)| set);
    meant
        .map(|(_, set)| set)
        .or_else(|| streams::nearest(name, sets))
}

pub(crate) fn text(labels: &Labels, languages: &[u32]) -> Option<String> {
    labels.preferring(languages).map(ToOwned::to_owned)
}
