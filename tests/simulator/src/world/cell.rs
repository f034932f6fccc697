//! What a seeded value is made from: the seed, the table, the row and the column.
//!
//! Draws are by number: the same number gives the same draw within its scope, so a generator that
//! needs two uses two numbers. Column draws are private to a column; row draws are shared by the
//! columns of a row that must agree (a name and its e-mail address).

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use uuid::Uuid;

use super::layout::{Layout, TableName};
use super::seeded::{below, combine};
use super::value::Value;

/// One cell to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) table: TableName,
    pub(crate) index: u64,
    pub(crate) version: u64,
    row_seed: u64,
    column_seed: u64,
}

impl<'a> Cell<'a> {
    /// The row's cells, before a column is chosen.
    pub(crate) fn of_row(layout: &'a Layout, table: TableName, index: u64, version: u64) -> Self {
        let row_seed = combine(combine(layout.seed, table.salt()), index);
        Self {
            layout,
            table,
            index,
            version,
            row_seed,
            column_seed: row_seed,
        }
    }

    /// This row's cell of the column at `position`.
    pub(crate) fn at(mut self, position: usize) -> Self {
        let position = u64::try_from(position).unwrap_or(0);
        self.column_seed = combine(self.row_seed, position.wrapping_add(1_000));
        self
    }

    /// A draw of this column alone.
    pub(crate) fn draw(&self, number: u64, bound: u64) -> u64 {
        below(combine(self.column_seed, number), bound)
    }

    /// A draw that all columns of the row share.
    pub(crate) fn row_draw(&self, number: u64, bound: u64) -> u64 {
        below(combine(self.row_seed, number), bound)
    }

    /// Whether a draw falls within the first `percent` of a hundred.
    pub(crate) fn chance(&self, number: u64, percent: u64) -> bool {
        self.draw(number, 100) < percent
    }

    /// One of `texts`.
    pub(crate) fn pick(&self, number: u64, texts: &[&'static str]) -> &'static str {
        pick(texts, self.draw(number, u64::MAX))
    }

    /// One of `texts`, by a draw that all columns of the row share.
    pub(crate) fn row_pick(&self, number: u64, texts: &[&'static str]) -> &'static str {
        pick(texts, self.row_draw(number, u64::MAX))
    }

    /// A reference to some seeded row of `table`; null where it has none.
    pub(crate) fn reference(&self, number: u64, table: TableName) -> Value {
        self.layout
            .id(table, self.draw(number, u64::MAX))
            .map_or(Value::Null, Value::Guid)
    }

    /// A reference to a given seeded row of `table`.
    pub(crate) fn reference_to(&self, table: TableName, index: u64) -> Value {
        self.layout
            .id(table, index)
            .map_or(Value::Null, Value::Guid)
    }

    /// The row's own key; nil for a row that is being made up.
    pub(crate) fn id(&self) -> Uuid {
        self.layout.id(self.table, self.index).unwrap_or_default()
    }
}

fn pick(texts: &[&'static str], draw: u64) -> &'static str {
    let count = u64::try_from(texts.len()).unwrap_or(0);
    usize::try_from(below(draw, count))
        .ok()
        .and_then(|place| texts.get(place))
        .copied()
        .unwrap_or_default()
}

/// A moment from seconds since 1970.
pub(crate) fn moment(seconds: u64) -> Value {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or(Value::Null, Value::Moment)
}

/// The day `days` after 1 January of `year`.
pub(crate) fn day(year: i16, days: u64) -> Value {
    let start = Date::constant(year, 1, 1);
    let days = i64::try_from(days).unwrap_or(0);
    Span::new()
        .try_days(days)
        .and_then(|span| start.checked_add(span))
        .map_or(Value::Null, Value::Date)
}
