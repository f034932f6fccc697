//! Which tables there are, and how many rows they have.

use std::collections::BTreeMap;

use dynamics_client::{DynamicsClient, Error, ErrorKind, Labels, TableKind, TableSummary};
use serde::Serialize;

use crate::columns::is_microsofts;

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
        custom: is_own(&table),
        rows: counts.get(&table.logical_name).copied(),
        label: text(&table.labels, languages),
        table: table.entity_set,
        logical_name: table.logical_name,
        change_tracking: table.change_tracking,
        syncable: table.kind == TableKind::Standard,
    };
    Ok(listed.into_iter().map(line).collect())
}

/// Whether a table is the organization's own and not Microsoft's, whose apps add tables as an organization does.
pub fn is_own(table: &TableSummary) -> bool {
    table.custom && !is_microsofts(&table.logical_name)
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

/// That no table has this name, and which is `near` or where those that there are can be seen.
pub fn no_such_table(name: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("there is no table `{name}`; did you mean `{near}`?"),
        None => {
            format!("there is no table `{name}`; `dynamics-sync discover` lists those there are")
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_an_app_of_microsofts_added_is_not_the_organizations_own() {
        for (name, custom, own) in [
            ("hlf_certification", true, true),
            ("contact", false, false),
            ("msdyn_workorder", true, false),
            ("adx_website", true, false),
            ("mspp_webpage", true, false),
        ] {
            let table = TableSummary {
                logical_name: name.to_owned(),
                entity_set: format!("{name}s"),
                labels: Labels::default(),
                kind: TableKind::Standard,
                change_tracking: true,
                custom,
            };
            assert_eq!(is_own(&table), own, "{name}");
        }
    }
}
