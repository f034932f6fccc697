//! What tells a row from all others: its id, or an alternate key.
//!
//! Never shown: the values of an alternate key, which are columns of a row.

use std::fmt;

use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use uuid::Uuid;

use crate::error::{ErrorKind, Problem};
use crate::filter::{Filter, whole_seconds};
use crate::query::{ENCODED, check_name};
use crate::record::is_decimal;
use crate::table::Table;

/// Letters that no address of a row may carry, however they are encoded.
///
/// Source: "Define alternate keys using the Web API", Dataverse developer documentation.
const UNADDRESSABLE: &[char] = &['/', '<', '>', '*', '%', '&', ':', '\\', '?', '+'];

/// What tells a row from all others.
#[derive(Clone, Eq, PartialEq)]
pub enum RowKey {
    /// Its id.
    Id(Uuid),
    /// The columns of an alternate key, by logical name, and their values.
    ///
    /// A value that no address can carry costs one more request: the row is looked for by a filter, and
    /// addressed by its id.
    Alternate(Vec<(String, KeyValue)>),
}

/// A value of a column of an alternate key.
#[derive(Clone, Eq, PartialEq)]
pub enum KeyValue {
    /// A text.
    Text(String),
    /// A whole number or a choice.
    Integer(i64),
    /// A decimal number, as its digits.
    Decimal(String),
    /// A date and time.
    Time(Timestamp),
    /// The row that a lookup refers to.
    Lookup(Uuid),
}

impl RowKey {
    /// An alternate key of one text column.
    pub fn text(column: &str, value: &str) -> Self {
        Self::Alternate(vec![(column.to_owned(), KeyValue::Text(value.to_owned()))])
    }

    /// What stands between the parentheses of the row's address, percent-encoded; `None` if no address
    /// can carry it.
    pub(crate) fn address(&self) -> Result<Option<String>, Box<Problem>> {
        let columns = match self {
            Self::Id(id) => return Ok(Some(id.to_string())),
            Self::Alternate(columns) => columns,
        };
        self.check()?;
        let parts = columns.iter().map(|(column, value)| {
            let name = value.property(column);
            Some(match value {
                KeyValue::Text(text) if text.contains(UNADDRESSABLE) => return None,
                KeyValue::Text(text) => {
                    let quoted = text.replace('\'', "''");
                    format!("{name}='{}'", utf8_percent_encode(&quoted, ENCODED))
                }
                KeyValue::Integer(number) => format!("{name}={number}"),
                KeyValue::Decimal(digits) => format!("{name}={digits}"),
                // It has colons.
                KeyValue::Time(_) => return None,
                KeyValue::Lookup(id) => format!("{name}={id}"),
            })
        });
        let parts: Option<Vec<String>> = parts.collect();
        Ok(parts.map(|parts| parts.join(",")))
    }

    /// The condition that only the row of `table` with this key meets; `None` for a key of no columns.
    pub fn filter(&self, table: &Table) -> Option<Filter> {
        let columns = match self {
            Self::Id(id) => return Some(Filter::eq_guid(&table.primary_id, *id)),
            Self::Alternate(columns) => columns,
        };
        columns
            .iter()
            .map(|(column, value)| {
                let name = value.property(column);
                match value {
                    KeyValue::Text(text) => Filter::eq_text(&name, text),
                    KeyValue::Integer(number) => Filter::eq_integer(&name, *number),
                    KeyValue::Decimal(digits) => Filter::eq_decimal(&name, digits),
                    KeyValue::Time(time) => Filter::eq_time(&name, *time),
                    KeyValue::Lookup(id) => Filter::eq_guid(&name, *id),
                }
            })
            .reduce(Filter::and)
    }

    /// The key's columns as names and JSON texts, for the body of a create. `None` for a lookup, which a
    /// body names differently.
    pub(crate) fn cells(&self) -> Option<Vec<(&str, String)>> {
        let columns = match self {
            Self::Id(_) => return None,
            Self::Alternate(columns) => columns,
        };
        let json = |value: &KeyValue| match value {
            KeyValue::Text(text) => Some(serde_json::Value::from(text.as_str()).to_string()),
            KeyValue::Integer(number) => Some(number.to_string()),
            KeyValue::Decimal(digits) => Some(digits.clone()),
            KeyValue::Time(time) => Some(format!("\"{}\"", whole_seconds(*time))),
            KeyValue::Lookup(_) => None,
        };
        columns
            .iter()
            .map(|(column, value)| Some((column.as_str(), json(value)?)))
            .collect()
    }

    pub(crate) fn id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Alternate(_) => None,
        }
    }

    fn check(&self) -> Result<(), Box<Problem>> {
        let Self::Alternate(columns) = self else {
            return Ok(());
        };
        let refuse = |why: String| {
            Err(
                Problem::new(ErrorKind::BadRequest, "the request was not sent")
                    .because(why)
                    .advise("Give every column of the alternate key a value of its type."),
            )
        };
        if columns.is_empty() {
            return refuse("the row's key has no columns".to_owned());
        }
        for (column, value) in columns {
            check_name(column)?;
            if matches!(value, KeyValue::Decimal(digits) if !is_decimal(digits)) {
                return refuse(format!("the key's value for {column} is no decimal number"));
            }
        }
        Ok(())
    }
}

impl KeyValue {
    /// By which name an address or a condition has the column.
    fn property(&self, column: &str) -> String {
        match self {
            Self::Lookup(_) => format!("_{column}_value"),
            _ => column.to_owned(),
        }
    }
}

/// For texts: the id, or the names of the key's columns.
impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Alternate(columns) => {
                let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
                write!(f, "by its key {}", names.join(", "))
            }
        }
    }
}

/// As in texts: the values may be personal data.
impl fmt::Debug for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowKey({self})")
    }
}

/// Shows nothing of the value.
impl fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyValue").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(columns: &[(&str, KeyValue)]) -> RowKey {
        RowKey::Alternate(
            columns
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn a_composite_key_is_written_as_the_web_api_reads_it() {
        let id = Uuid::from_u128(7);
        let key = key(&[
            ("lastname", KeyValue::Text("O'Brian ø#;,=".into())),
            ("number", KeyValue::Integer(-2)),
            ("amount", KeyValue::Decimal("1.50".into())),
            ("owner", KeyValue::Lookup(id)),
        ]);
        assert_eq!(
            key.address().unwrap().unwrap(),
            "lastname='O%27%27Brian%20%C3%B8%23%3B%2C%3D',number=-2,amount=1.50,\
             _owner_value=00000000-0000-0000-0000-000000000007"
        );
    }

    #[test]
    fn a_value_that_no_address_can_carry_has_none() {
        for letter in UNADDRESSABLE {
            let key = RowKey::text("name", &format!("a{letter}b"));
            assert_eq!(key.address().unwrap(), None, "{letter}");
        }
        let time = KeyValue::Time("2026-11-20T02:00:00Z".parse().unwrap());
        assert_eq!(key(&[("at", time)]).address().unwrap(), None);
    }

    #[test]
    fn a_key_that_is_none_is_refused_and_no_value_shows() {
        for key in [
            key(&[]),
            RowKey::text("a='x',b", "secret"),
            key(&[("amount", KeyValue::Decimal("1,secret".into()))]),
        ] {
            assert_eq!(key.address().unwrap_err().kind, ErrorKind::BadRequest);
        }
        let key = RowKey::text("name", "secret");
        assert_eq!(
            format!("{key} {key:?}"),
            "by its key name RowKey(by its key name)"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_leaves_its_quotes(value: String) {
            if let Some(address) = RowKey::text("n", &value).address().unwrap() {
                let literal = address.strip_prefix("n='").unwrap().strip_suffix('\'').unwrap();
                proptest::prop_assert!(!literal.contains(['\'', '(', ')', '/', '?', '#', ',']));
                let decoded = percent_encoding::percent_decode_str(literal).decode_utf8().unwrap();
                proptest::prop_assert_eq!(decoded.replace("''", "'"), value);
            }
        }
    }
}
