//! Which columns a read shows, and a row printed with them.

use std::io::Write as _;

use crate::faults::Plan;
use crate::query::QueryOptions;
use crate::refusal::Refusal;
use crate::world::Row;
use crate::world::schema::{Kind, Table};

use crate::faults::Effect;

/// The columns of a read, in the order they are printed.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    columns: Vec<Selected>,
    /// What follows the entity set in `@odata.context`.
    context: String,
}

#[derive(Clone, Debug)]
struct Selected {
    position: usize,
    property: String,
    /// `,"property":`
    prefix: Vec<u8>,
}

impl Selection {
    /// Reads `$select`. The primary key comes along unasked, and so does the currency of a money
    /// column.
    pub(crate) fn of(table: &Table, options: &QueryOptions) -> Result<Self, Refusal> {
        let asked = options.list("$select").filter(|names| *names != ["*"]);
        let Some(names) = asked else {
            let columns = (0..table.columns.len())
                .filter_map(|position| selected(table, position))
                .collect();
            return Ok(Self {
                columns,
                context: String::new(),
            });
        };
        let mut positions = Vec::new();
        let mut money = false;
        for name in &names {
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
        let mut seen = std::collections::BTreeSet::new();
        positions.retain(|position| seen.insert(*position));
        Ok(Self {
            columns: positions
                .into_iter()
                .filter_map(|position| selected(table, position))
                .collect(),
            context: format!("({})", names.join(",")),
        })
    }

    /// What follows the entity set in `@odata.context`.
    pub(crate) fn context(&self) -> &str {
        &self.context
    }

    /// Prints a row's members after the opening brace.
    pub(crate) fn write_members(&self, row: &Row<'_>, plan: &mut Plan, out: &mut Vec<u8>) {
        // Writing to a vector cannot fail.
        let _infallible = write!(out, "\"@odata.etag\":\"W/\\\"{}\\\"\"", row.version);
        for column in &self.columns {
            out.extend_from_slice(&column.prefix);
            if !plan.content.is_empty() && replace(row, &column.property, plan, out) {
                continue;
            }
            row.value(column.position).write_json(out);
        }
    }

    /// Prints a row.
    pub(crate) fn write_row(&self, row: &Row<'_>, plan: &mut Plan, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_members(row, plan, out);
        out.push(b'}');
    }
}

fn selected(table: &Table, position: usize) -> Option<Selected> {
    let property = table.columns.get(position)?.property();
    Some(Selected {
        position,
        prefix: format!(",\"{property}\":").into_bytes(),
        property,
    })
}

/// Prints what a fault puts in this cell's place.
fn replace(row: &Row<'_>, property: &str, plan: &mut Plan, out: &mut Vec<u8>) -> bool {
    for fault in &mut plan.content {
        if let Effect::ReplaceValue {
            id,
            property: named,
            value,
        } = &fault.effect
            && *id == row.id
            && named == property
        {
            fault.struck = true;
            out.extend_from_slice(value.to_string().as_bytes());
            return true;
        }
    }
    false
}
