//! Which of the tables that somebody wants streams of there are, and why the others are left out.
//!
//! A table that this environment does not have, or that the application user may not read, stops no other: it is
//! named. A name that no table has anywhere is a mistake, and stops everything before anything is asked about a
//! table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use dynamics_client::{DynamicsClient, Error, ErrorKind, TableKind, TableSummary};
use futures::{StreamExt, TryStreamExt, stream};
use thiserror::Error;

use crate::describe::{Description, describe_for_stream};
use crate::standard;
use crate::tables::{near, no_such_table};

/// How many tables are asked about side by side.
const AT_ONCE: usize = 4;

/// Which tables somebody wants.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// All of the catalogue.
    Standard,
    /// These, by entity set; one that ends in `*` is all that begin so.
    Named(Vec<String>),
}

/// What there is of what was wanted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Survey {
    /// The tables that a stream can read.
    pub tables: Vec<Description>,
    /// The others.
    pub left_out: Vec<LeftOut>,
}

/// A table of which there can be no stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeftOut {
    /// Its entity set.
    pub table: String,
    /// Why; completes "left out, because …".
    pub because: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: left out, because {}", self.table, self.because)
    }
}

/// Why nothing could be found out.
#[derive(Debug, Error)]
pub enum SurveyError {
    /// Names that no table has, here or in the catalogue, each with the nearest that one has.
    #[error("{}", unknown(.0))]
    Unknown(Vec<(String, Option<String>)>),
    /// Dynamics, Entra or the network.
    #[error(transparent)]
    Dynamics(#[from] Error),
}

fn unknown(names: &[(String, Option<String>)]) -> String {
    let line = |(name, near): &(String, Option<String>)| no_such_table(name, near.as_deref());
    let lines: Vec<String> = names.iter().map(line).collect();
    lines.join("\n")
}

/// Looks at what is wanted, with labels in the first of `languages` (locale ids) that has one. Three requests: which
/// tables there are, who asks, which of them it may read; and for each table at most nine, with one more for every
/// 20 tables that its lookups refer to.
///
/// # Errors
/// If a name is that of no table, or Dynamics does not answer.
pub async fn survey(
    client: &DynamicsClient,
    wanted: &Wanted,
    languages: &[u32],
) -> Result<Survey, SurveyError> {
    let listed = client.tables().await?;
    let there: BTreeMap<&str, &TableSummary> = listed
        .iter()
        .map(|table| (table.entity_set.as_str(), table))
        .collect();
    let names = named(wanted, &there)?;
    let is_standard = |name: &&str| {
        let table = there.get(name);
        table.is_some_and(|table| table.kind == TableKind::Standard)
    };
    let syncable: Vec<&str> = names.iter().copied().filter(is_standard).collect();
    let mut found = described(client, &syncable, languages).await?;
    let held = held(client, found.values().flatten()).await?;
    let mut survey = Survey::default();
    for name in names {
        let because = match (there.get(name), found.remove(name)) {
            (None, _) => absent(name),
            (Some(table), None) => other_kind(table.kind),
            (Some(_), Some(None)) => forbidden(""),
            (Some(_), Some(Some((_, Some(privilege))))) if !held.contains(&privilege) => {
                forbidden(&format!(": it lacks {privilege}"))
            }
            (Some(_), Some(Some((described, _)))) if !has_values(&described) => {
                "it has no column that can be synced".to_owned()
            }
            (Some(_), Some(Some((described, _)))) => {
                survey.tables.push(described);
                continue;
            }
        };
        survey.left_out.push(LeftOut {
            table: name.to_owned(),
            because,
        });
    }
    Ok(survey)
}

/// A table, and the privilege to read it, if it has one of its own.
type Found = (Description, Option<String>);

/// Each of the tables, by name; `None` for one that may not even be looked at.
async fn described<'n>(
    client: &DynamicsClient,
    names: &[&'n str],
    languages: &[u32],
) -> Result<BTreeMap<&'n str, Option<Found>>, Error> {
    let looks = names.iter().map(|name| async move {
        match describe_for_stream(client, name, languages).await {
            Ok(found) => Ok((*name, Some(found))),
            // What a table is may be as forbidden as its rows.
            Err(error) if error.kind() == ErrorKind::Forbidden => Ok((*name, None)),
            Err(error) => Err(error),
        }
    });
    // Collected first: a lazy iterator of borrowing futures is not known to be `Send`.
    let looks: Vec<_> = looks.collect();
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

/// Which of the privileges that the tables are read by the application user holds.
async fn held(
    client: &DynamicsClient,
    tables: impl Iterator<Item = &Found>,
) -> Result<BTreeSet<String>, Error> {
    let names: Vec<&str> = tables
        .filter_map(|(_, privilege)| privilege.as_deref())
        .collect();
    if names.is_empty() {
        return Ok(BTreeSet::new());
    }
    let me = client.who_am_i().await?;
    let held = client.privileges_held(me.user_id, &names).await?;
    Ok(held.into_keys().collect())
}

/// The entity sets that are wanted, each once, in the order in which they were named.
fn named<'a>(
    wanted: &'a Wanted,
    there: &BTreeMap<&'a str, &'a TableSummary>,
) -> Result<Vec<&'a str>, SurveyError> {
    let Wanted::Named(names) = wanted else {
        let all = catalogue::tables().iter();
        return Ok(all.map(|table| table.entity_set.as_str()).collect());
    };
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for name in names {
        let before = found.len();
        match name.strip_suffix('*') {
            Some(begin) => found.extend(there.keys().filter(|set| set.starts_with(begin))),
            None if there.contains_key(name.as_str()) || standard::is(name) => {
                found.push(name.as_str());
            }
            None => {}
        }
        if found.len() == before {
            let tables = there
                .values()
                .map(|table| (table.logical_name.as_str(), table.entity_set.as_str()));
            let near = near(name, tables.chain(standard::names()));
            unknown.push((name.clone(), near.map(ToOwned::to_owned)));
        }
    }
    let mut once = BTreeSet::new();
    found.retain(|name| once.insert(*name));
    match unknown.as_slice() {
        [] => Ok(found),
        _ => Err(SurveyError::Unknown(unknown)),
    }
}

/// Whether there is anything to read beside the key.
fn has_values(table: &Description) -> bool {
    let mut columns = table.columns.iter();
    columns.any(|column| column.readable && column.column != table.primary_id)
}

fn absent(table: &str) -> String {
    let app = catalogue::table(table).and_then(|standard| standard.app.as_deref());
    match app {
        Some(app) => format!("this environment does not have it: it comes with {app}"),
        None => "this environment does not have it".to_owned(),
    }
}

fn forbidden(why: &str) -> String {
    format!(
        "the application user may not read it{why}. A Dynamics administrator can give that to its security role"
    )
}

fn other_kind(kind: TableKind) -> String {
    let kind = match kind {
        TableKind::Elastic => "it is an elastic table",
        TableKind::Virtual => "it is a virtual table",
        TableKind::Standard | TableKind::Other => "it is of a kind that is not known",
    };
    format!("{kind}, which cannot be synced")
}
