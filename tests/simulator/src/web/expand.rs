//! `$expand` of lookups: the related row in place.

use super::selection::Selection;
use super::{Context, rights};
use crate::query::{QueryOptions, split_top_level};
use crate::refusal::Refusal;
use crate::world::TableName;
use crate::world::schema::Table;

/// The most expansions of a query.
const MOST: usize = 15;
/// How deep expansions may nest here.
const DEPTH: u32 = 4;

/// A lookup that is followed.
#[derive(Clone, Debug)]
pub(super) struct Expanded {
    /// The name of the navigation property.
    pub(super) navigation: &'static str,
    /// The lookup's place in a row.
    pub(super) position: usize,
    pub(super) target: TableName,
    pub(super) selection: Selection,
}

/// Reads `$expand`.
pub(super) fn read(
    context: &Context<'_>,
    world: &crate::world::World,
    table: &Table,
    options: &QueryOptions,
    depth: u32,
) -> Result<Vec<Expanded>, Refusal> {
    let Some(text) = options.get("$expand") else {
        return Ok(Vec::new());
    };
    let parts = split_top_level(text, ',');
    if parts.len() > MOST || depth >= DEPTH {
        return Err(Refusal::bad_query(format!(
            "The number of $expand expressions exceeds the limit of {MOST}."
        )));
    }
    let expanded = parts.into_iter().map(|part| {
        let (name, inner) = match part.split_once('(') {
            None => (part, QueryOptions::default()),
            Some((name, inner)) => {
                let inner = inner.strip_suffix(')').unwrap_or(inner);
                (name, QueryOptions::of_parts(split_top_level(inner, ';')))
            }
        };
        for option in ["$filter", "$orderby", "$top", "$count", "$skip", "$levels"] {
            if inner.has(option) {
                return Err(Refusal::bad_query(
                    "Only $select and $filter clause can be provided while doing $expand on \
                     many-to-one relationship or nested one-to-many relationship.",
                ));
            }
        }
        // Of an owner only users are followed; where it is a team there is nothing to show.
        let (position, target) = table
            .by_navigation(name.trim())
            .and_then(|(position, targets)| Some((position, *targets.first()?)))
            .ok_or_else(|| Refusal::unknown_property(name, table.name.logical()))?;
        let entity_set = target.table.entity_set();
        let rows = rights::table(context, world, entity_set, rights::Privilege::Read)?;
        Ok(Expanded {
            navigation: target.navigation,
            position,
            target: target.table,
            selection: Selection::within(
                context,
                world,
                &rows.table,
                &inner,
                depth.saturating_add(1),
            )?,
        })
    });
    expanded.collect()
}
