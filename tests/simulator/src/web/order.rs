//! `$orderby`: by columns, then always by the primary key.

use std::cmp::Ordering;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::cookie::{self, Cookie};
use super::{Context, rights};
use crate::refusal::Refusal;
use crate::world::schema::Table;
use crate::world::{Row, Value, input};

/// The columns to order by.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    keys: Vec<(usize, bool)>,
}

/// A row's place in an order.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    values: Vec<Value>,
    id: Uuid,
}

impl Order {
    pub(crate) fn parse(context: &Context<'_>, table: &Table, text: &str) -> Result<Self, Refusal> {
        let mut keys = Vec::new();
        for part in text.split(',') {
            let mut words = part.split_ascii_whitespace();
            let name = words.next().unwrap_or_default();
            let descending = match (words.next(), words.next()) {
                (None | Some("asc"), None) => false,
                (Some("desc"), None) => true,
                _ => {
                    return Err(Refusal::bad_query(format!(
                        "Syntax error at position {} in '{text}'.",
                        text.len()
                    )));
                }
            };
            let (position, column) = table
                .by_property(name)
                .ok_or_else(|| Refusal::unknown_property(name, table.name.logical()))?;
            rights::may_query(context, table, column)?;
            keys.push((position, descending));
        }
        Ok(Self { keys })
    }

    pub(crate) fn place(&self, row: &Row<'_>) -> Place {
        Place {
            values: self
                .keys
                .iter()
                .map(|(position, _)| row.value(*position).into_owned())
                .collect(),
            id: row.id,
        }
    }

    /// Nulls come first, as in SQL Server.
    pub(crate) fn compare(&self, left: &Place, right: &Place) -> Ordering {
        let pairs = left.values.iter().zip(&right.values);
        for ((_, descending), (left, right)) in self.keys.iter().zip(pairs) {
            let order = match (left, right) {
                (Value::Null, Value::Null) => Ordering::Equal,
                (Value::Null, _) => Ordering::Less,
                (_, Value::Null) => Ordering::Greater,
                _ => left.compare(right).unwrap_or(Ordering::Equal),
            };
            let order = if *descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        left.id.cmp(&right.id)
    }

    /// Puts a place into a cookie.
    pub(crate) fn put_into(place: &Place, cookie: Cookie) -> Cookie {
        let mut text = vec![b'['];
        for (index, value) in place.values.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            value.write_json(&mut text);
        }
        text.push(b']');
        cookie.with("order", String::from_utf8_lossy(&text))
    }

    /// The place a cookie stands for.
    pub(crate) fn place_of(&self, table: &Table, cookie: &Cookie) -> Result<Place, Refusal> {
        let text = cookie.get("order").ok_or_else(mismatch)?;
        let sent: Vec<Box<RawValue>> = serde_json::from_str(text).map_err(|_| cookie::invalid())?;
        if sent.len() != self.keys.len() {
            return Err(mismatch());
        }
        let mut values = Vec::new();
        for ((position, _), sent) in self.keys.iter().zip(&sent) {
            let column = table.columns.get(*position).ok_or_else(mismatch)?;
            values.push(input::parse(table, column, sent).map_err(|_| mismatch())?);
        }
        Ok(Place {
            values,
            id: cookie.last,
        })
    }
}

fn mismatch() -> Refusal {
    Refusal::new(
        400,
        "0x80041129",
        "The order of the paging cookie differs from that of the query.",
    )
}
