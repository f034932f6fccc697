//! Which rows a query finds: those that its filter lets pass and that the caller can see.

use std::borrow::Cow;

use super::{Context, rights};
use crate::depth::Depth;
use crate::query::{Expression, Operand, parse_filter};
use crate::refusal::Refusal;
use crate::world::schema::Table;
use crate::world::{Row, Rows};

/// A count never goes beyond this.
pub(super) const COUNT_CAP: usize = 5_000;

type Filter = Expression<usize>;

/// What a row must meet.
#[derive(Debug)]
pub(crate) struct Condition {
    filter: Option<Filter>,
    depth: Depth,
}

impl Condition {
    /// Reads `$filter`, and how far the caller's read privilege reaches.
    pub(crate) fn of(context: &Context<'_>, table: &Table) -> Result<Self, Refusal> {
        let depth = context.switches.depth(table.name.entity_set());
        Ok(Self {
            filter: filter(context, table)?,
            // A table without any read privilege is refused before anybody asks for its rows.
            depth: depth.unwrap_or_default(),
        })
    }

    pub(crate) fn holds(&self, row: &Row<'_>) -> bool {
        self.depth.shows(row.id)
            && self.filter.as_ref().is_none_or(|filter| {
                filter.holds(&|position: &usize| -> Cow<'_, _> { row.value(*position) })
            })
    }

    /// The number of rows, capped like every count.
    pub(crate) fn count(&self, rows: &Rows) -> usize {
        if self.filter.is_none() && self.depth == Depth::Global {
            return usize::try_from(rows.live())
                .unwrap_or(COUNT_CAP)
                .min(COUNT_CAP);
        }
        rows.after(None)
            .filter(|row| self.holds(row))
            .take(COUNT_CAP)
            .count()
    }
}

fn filter(context: &Context<'_>, table: &Table) -> Result<Option<Filter>, Refusal> {
    let Some(text) = context.call.options.get("$filter") else {
        return Ok(None);
    };
    let filter = parse_filter(text, &context.call.options)?.bind(&mut |name: String| {
        let (position, column) = table
            .by_property(&name)
            .ok_or_else(|| Refusal::unknown_property(&name, table.name.logical()))?;
        rights::may_query(context, table, column)?;
        Ok(position)
    })?;
    filter.check(&mut |left, comparison, right| {
        let ((Operand::Property(position), Operand::Literal(value))
        | (Operand::Literal(value), Operand::Property(position))) = (left, right)
        else {
            return Ok(());
        };
        match table.columns.get(*position) {
            Some(column) if !column.kind.comparable(value) => Err(Refusal::bad_query(format!(
                "A binary operator with incompatible types was detected. The operand '{}' of type \
                 '{}' cannot be compared so for operator kind '{}'.",
                column.property(),
                column.kind.edm(),
                comparison.kind()
            ))),
            _ => Ok(()),
        }
    })?;
    Ok(Some(filter))
}
