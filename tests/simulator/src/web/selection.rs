//! Which columns a read shows, and a row printed with them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write as _;

use super::Context;
use super::annotations::Annotations;
use super::expand::{self, Expanded};
use super::prefer::Preferences;
use super::spoiled::{self, Spoiled};
use crate::faults::Plan;
use crate::query::QueryOptions;
use crate::refusal::Refusal;
use crate::switches::Switches;
use crate::world::schema::{Kind, Table};
use crate::world::{Row, Value, World};

/// The columns of a read, in the order they are printed.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    columns: Vec<Selected>,
    expanded: Vec<Expanded>,
    annotations: Annotations,
    /// What follows the entity set in `@odata.context`.
    context: String,
}

#[derive(Clone, Debug)]
struct Selected {
    position: usize,
    kind: Kind,
    property: String,
    /// `,"property":`
    prefix: Vec<u8>,
    /// Shows as null to a caller who may not read it.
    hidden: bool,
    /// The text that a fault lets grow.
    grows: bool,
}

impl Selection {
    /// Reads `$select`, `$expand` and which annotations are wanted. The primary key comes along unasked,
    /// and so does the currency of a money column.
    pub(crate) fn of(context: &Context<'_>, world: &World, table: &Table) -> Result<Self, Refusal> {
        Self::within(context, world, table, &context.call.options, 0)
    }

    /// The same at some depth of an `$expand`, with the options given there.
    pub(super) fn within(
        context: &Context<'_>,
        world: &World,
        table: &Table,
        options: &QueryOptions,
        depth: u32,
    ) -> Result<Self, Refusal> {
        let switches = &context.switches;
        let asked = options.list("$select").filter(|names| *names != ["*"]);
        let positions = match &asked {
            None => (0..table.columns.len()).collect(),
            Some(names) => positions(table, names)?,
        };
        let mut columns: Vec<Selected> = positions
            .into_iter()
            .filter_map(|position| selected(table, position, switches))
            .collect();
        let long = |column: &Selected| matches!(column.kind, Kind::Memo { .. });
        let short = |column: &Selected| matches!(column.kind, Kind::Text { .. });
        let grows = columns
            .iter()
            .position(long)
            .or_else(|| columns.iter().position(short));
        if let Some(column) = grows.and_then(|place| columns.get_mut(place)) {
            column.grows = true;
        }
        let expanded = expand::read(context, world, table, options, depth)?;
        let mut names: Vec<String> = asked.into_iter().flatten().map(str::to_owned).collect();
        names.extend(expanded.iter().map(|expanded| {
            let inner = expanded.selection.context();
            let inner = if inner.is_empty() { "()" } else { inner };
            format!("{}{inner}", expanded.navigation)
        }));
        Ok(Self {
            columns,
            expanded,
            annotations: Preferences::read(&context.call.headers, 1).annotations,
            context: if names.is_empty() {
                String::new()
            } else {
                format!("({})", names.join(","))
            },
        })
    }

    /// Whether it shows more than the rows' own values.
    pub(crate) fn shows_more(&self) -> bool {
        !self.expanded.is_empty() || self.annotations.of_rows()
    }

    /// What follows the entity set in `@odata.context`.
    pub(crate) fn context(&self) -> &str {
        &self.context
    }

    /// Prints a row's members after the opening brace.
    pub(crate) fn write_members(
        &self,
        world: &World,
        row: &Row<'_>,
        plan: &mut Plan,
        out: &mut Vec<u8>,
    ) {
        // Writing to a vector cannot fail.
        let _infallible = write!(out, "\"@odata.etag\":\"W/\\\"{}\\\"\"", row.version);
        for column in &self.columns {
            let value = if column.hidden {
                Cow::Owned(Value::Null)
            } else {
                row.value(column.position)
            };
            let grows = column.grows.then_some(value.as_ref());
            match spoiled::cell(plan, row.id, &column.property, grows) {
                Some(Spoiled::Absent) => {}
                Some(Spoiled::Json(json)) => {
                    out.extend_from_slice(&column.prefix);
                    out.extend_from_slice(json.to_string().as_bytes());
                }
                None => {
                    let (property, kind) = (&column.property, column.kind);
                    self.annotations.write(world, property, kind, &value, out);
                    out.extend_from_slice(&column.prefix);
                    value.write_json(out);
                }
            }
        }
        for expanded in &self.expanded {
            out.extend_from_slice(format!(",\"{}\":", expanded.navigation).as_bytes());
            let rows = world.rows(expanded.target.entity_set());
            let related = match row.value(expanded.position).as_ref() {
                Value::Guid(id) => rows.and_then(|rows| rows.get(*id)),
                _ => None,
            };
            match related {
                Some(related) => expanded.selection.write_row(world, &related, plan, out),
                None => out.extend_from_slice(b"null"),
            }
        }
    }

    /// Prints a row.
    pub(crate) fn write_row(
        &self,
        world: &World,
        row: &Row<'_>,
        plan: &mut Plan,
        out: &mut Vec<u8>,
    ) {
        out.push(b'{');
        self.write_members(world, row, plan, out);
        out.push(b'}');
    }
}

/// The places of the columns asked for and of those that come along, each once.
fn positions(table: &Table, names: &[&str]) -> Result<Vec<usize>, Refusal> {
    let mut positions = Vec::new();
    let mut money = false;
    for name in names {
        let (position, column) = table
            .by_property(name)
            .ok_or_else(|| Refusal::unknown_property(name, table.name.logical()))?;
        money |= matches!(column.kind, Kind::Money { .. });
        positions.push(position);
    }
    if money {
        positions.extend(
            table
                .by_name("transactioncurrencyid")
                .map(|(position, _)| position),
        );
    }
    positions.push(0);
    let mut seen = BTreeSet::new();
    positions.retain(|position| seen.insert(*position));
    Ok(positions)
}

fn selected(table: &Table, position: usize, switches: &Switches) -> Option<Selected> {
    let column = table.columns.get(position)?;
    let property = column.property();
    Some(Selected {
        position,
        kind: column.kind,
        prefix: format!(",\"{property}\":").into_bytes(),
        property,
        hidden: switches.hides(table.name.entity_set(), column.name),
        grows: false,
    })
}
