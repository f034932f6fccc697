//! What a column's values may be: how long a text, how large a number.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Cast, Named};
use crate::client::DynamicsClient;
use crate::error::Error;
use crate::row::Row;
use crate::table::{ColumnKind, Table};

/// What a column's values may be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Limits {
    /// Of a text.
    Text {
        /// In UTF-16 code units.
        max_length: u32,
        /// What one line of text is meant to hold, for example `Email`: how it is shown, nothing that is
        /// checked.
        format: Option<String>,
    },
    /// Of a number.
    Number {
        /// The least, with every digit as sent.
        min: String,
        /// The greatest, with every digit as sent.
        max: String,
        /// Decimals; `None` for whole numbers. Amounts of money may have their currency's instead.
        precision: Option<u32>,
    },
}

const NO_LENGTH: &str = "has no length told";
const NO_BOUNDS: &str = "has no bounds told";
const NO_PRECISION: &str = "has no precision told";

/// The kinds of columns that have limits of their own, with where these are found.
const KINDS: [(ColumnKind, Cast); 6] = [
    (
        ColumnKind::Text,
        Cast {
            type_name: "StringAttributeMetadata",
            options: ",MaxLength,FormatName",
            missing: NO_LENGTH,
        },
    ),
    (
        ColumnKind::Memo,
        Cast {
            type_name: "MemoAttributeMetadata",
            options: ",MaxLength",
            missing: NO_LENGTH,
        },
    ),
    (
        ColumnKind::Integer,
        Cast {
            type_name: "IntegerAttributeMetadata",
            options: ",MinValue,MaxValue",
            missing: NO_BOUNDS,
        },
    ),
    (ColumnKind::Decimal, fraction("DecimalAttributeMetadata")),
    (ColumnKind::Double, fraction("DoubleAttributeMetadata")),
    (ColumnKind::Money, fraction("MoneyAttributeMetadata")),
];

const fn fraction(type_name: &'static str) -> Cast {
    Cast {
        type_name,
        options: ",MinValue,MaxValue,Precision",
        missing: NO_BOUNDS,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    max_length: Option<u32>,
    format_name: Option<Named>,
}

impl DynamicsClient {
    /// Reads what the values of the columns that `table` was read with may be. Columns of other kinds than
    /// texts and numbers are not in it, nor whole numbers of 64 bits, which have no bounds of their own.
    /// One request for each kind that occurs among them: line of text, lines of text, whole number,
    /// decimal, floating point, money.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn limits(&self, table: &Table) -> Result<BTreeMap<String, Limits>, Error> {
        let operation = format!("read the limits of {}", table.entity_set);
        let mut all = BTreeMap::new();
        for (kind, cast) in KINDS {
            let columns: Vec<&str> = table
                .columns
                .iter()
                .filter(|(_, column)| column.kind == kind)
                .map(|(name, _)| name.as_str())
                .collect();
            let found = match kind {
                ColumnKind::Text | ColumnKind::Memo => {
                    self.cast(&operation, table, &columns, cast, &text).await?
                }
                _ => {
                    let whole = kind == ColumnKind::Integer;
                    let read = |told: Row| number(&told, whole);
                    self.cast(&operation, table, &columns, cast, &read).await?
                }
            };
            all.extend(found);
        }
        Ok(all)
    }
}

fn text(told: Text) -> Result<Limits, &'static str> {
    Ok(Limits::Text {
        max_length: told.max_length.ok_or(NO_LENGTH)?,
        format: told.format_name.and_then(|format| format.value),
    })
}

fn number(told: &Row, whole: bool) -> Result<Limits, &'static str> {
    let bound = |name| {
        let bound = told.cell(name).decimal_text().ok().flatten();
        bound.map(str::to_owned).ok_or(NO_BOUNDS)
    };
    let precision = told.cell("Precision").integer().ok().flatten();
    let precision = precision.and_then(|decimals| u32::try_from(decimals).ok());
    if precision.is_none() && !whole {
        return Err(NO_PRECISION);
    }
    Ok(Limits::Number {
        min: bound("MinValue")?,
        max: bound("MaxValue")?,
        precision: precision.filter(|_| !whole),
    })
}
