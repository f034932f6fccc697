//! A row as Dataverse sent it: numbers keep their digits, absent and null stay apart.
//!
//! Never in here: what a column means. Never shown: values, in `Debug` or in an error.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use thiserror::Error;
use uuid::Uuid;

use crate::etag::ETag;

const TAG: &str = "@odata.etag";
const VERSION: &str = "versionnumber";

/// One row of a table.
#[derive(Clone)]
pub struct Row {
    /// In the order of the answer. A row has few enough columns that a walk beats a map.
    cells: Vec<(String, Box<RawValue>)>,
}

impl Row {
    /// What the row holds under `column`, a name as it was selected.
    pub fn cell(&self, column: &str) -> Cell<'_> {
        // The last of two equal names wins, as it does in any map.
        match self.cells.iter().rev().find(|(name, _)| name == column) {
            None => Cell::Absent,
            Some((_, value)) if value.get() == "null" => Cell::Null,
            Some((_, value)) => Cell::Value(value),
        }
    }

    /// The row's entity tag: a write can be held to this version of it.
    pub fn etag(&self) -> Option<ETag> {
        ETag::parse(&self.cell(TAG).text().ok().flatten()?)
    }

    /// The row's version, which grows with every change in the whole environment: the column
    /// `versionnumber` if it was selected, else the digits of the entity tag. Rows of elastic tables
    /// have none.
    pub fn version(&self) -> Option<i64> {
        if let Ok(Some(version)) = self.cell(VERSION).integer() {
            return Some(version);
        }
        let etag = self.etag()?;
        etag.as_str()
            .strip_prefix("W/\"")?
            .strip_suffix('"')?
            .parse()
            .ok()
    }

    /// The id in `column`: the primary key, or a lookup.
    pub fn guid(&self, column: &str) -> Option<Uuid> {
        self.cell(column).text().ok().flatten()?.parse().ok()
    }

    pub(crate) fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.cells.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Row")
            .field("columns", &names)
            .finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Cells;
        impl<'de> Visitor<'de> for Cells {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut cells = Vec::new();
                while let Some(cell) = map.next_entry()? {
                    cells.push(cell);
                }
                Ok(Row { cells })
            }
        }
        deserializer.deserialize_map(Cells)
    }
}

/// What a row holds under one name.
#[derive(Clone, Copy)]
pub enum Cell<'a> {
    /// The row does not have it: it was not selected.
    Absent,
    /// It is empty, or the caller may not read it.
    Null,
    /// A value, as the JSON text Dataverse sent.
    Value(&'a RawValue),
}

/// A cell is not of the form its column's type promises. Names neither column nor value.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("expected {expected}")]
pub struct WrongForm {
    expected: &'static str,
}

impl<'a> Cell<'a> {
    /// The text; `None` for absent and null.
    ///
    /// # Errors
    /// When it is not a JSON string.
    pub fn text(self) -> Result<Option<String>, WrongForm> {
        self.read("a text", |json| serde_json::from_str(json).ok())
    }

    /// Yes or no; `None` for absent and null.
    ///
    /// # Errors
    /// When it is neither `true` nor `false`.
    pub fn boolean(self) -> Result<Option<bool>, WrongForm> {
        self.read("true or false", |json| json.parse().ok())
    }

    /// The whole number; `None` for absent and null.
    ///
    /// # Errors
    /// When it is no whole number of 64 bits.
    pub fn integer(self) -> Result<Option<i64>, WrongForm> {
        self.read("a whole number", |json| json.parse().ok())
    }

    /// The number with every digit as sent, for example `20000.0000`; `None` for absent and null.
    ///
    /// # Errors
    /// When it is no JSON number.
    pub fn decimal_text(self) -> Result<Option<&'a str>, WrongForm> {
        let is_number = |json: &str| json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        self.read("a number", |json| is_number(json).then_some(json))
    }

    fn read<T>(
        self,
        expected: &'static str,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, WrongForm> {
        match self {
            Self::Absent | Self::Null => Ok(None),
            Self::Value(value) => parse(value.get()).map(Some).ok_or(WrongForm { expected }),
        }
    }
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Null => "Null",
            Self::Value(_) => "Value(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::from_json(
            r#"{"@odata.etag":"W/\"915244\"","name":"Åse \"=1\"\n😀","amount":20000.0000,
                "big":9223372036854775807,"float":1E-7,"none":null,"yes":true,
                "_hlf_contactid_value":"49b0be2e-d01c-ed11-b83e-000d3a572421"}"#,
        )
        .unwrap()
    }

    #[test]
    fn numbers_keep_every_digit() {
        let row = row();
        assert_eq!(row.cell("amount").decimal_text(), Ok(Some("20000.0000")));
        assert_eq!(row.cell("float").decimal_text(), Ok(Some("1E-7")));
        assert_eq!(row.cell("big").integer(), Ok(Some(i64::MAX)));
    }

    #[test]
    fn absent_null_and_value_stay_apart() {
        let row = row();
        assert!(matches!(row.cell("missing"), Cell::Absent));
        assert!(matches!(row.cell("none"), Cell::Null));
        assert!(matches!(row.cell("yes"), Cell::Value(_)));
        assert_eq!(row.cell("none").text(), Ok(None));
        assert_eq!(row.cell("yes").boolean(), Ok(Some(true)));
        assert_eq!(
            row.cell("name").text(),
            Ok(Some("Åse \"=1\"\n😀".to_owned()))
        );
        assert!(row.guid("_hlf_contactid_value").is_some());
        assert_eq!(row.guid("name"), None);
    }

    #[test]
    fn a_value_of_another_type_is_an_error_that_does_not_show_it() {
        let row = row();
        assert_eq!(
            row.cell("amount").text().unwrap_err().to_string(),
            "expected a text"
        );
        assert_eq!(
            row.cell("amount").integer().unwrap_err().to_string(),
            "expected a whole number"
        );
        assert!(row.cell("name").decimal_text().is_err());
        assert!(row.cell("name").boolean().is_err());
    }

    #[test]
    fn the_version_is_the_column_or_else_the_entity_tags_number() {
        assert_eq!(row().version(), Some(915_244));
        let with_column = r#"{"@odata.etag":"W/\"1\"","versionnumber":638751518483842799}"#;
        let row = Row::from_json(with_column).unwrap();
        assert_eq!(row.version(), Some(638_751_518_483_842_799));
        let elastic = r#"{"@odata.etag":"W/\"a-b\""}"#;
        assert_eq!(Row::from_json(elastic).unwrap().version(), None);
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let row = row();
        let debug = format!("{row:?} {:?}", row.cell("name"));
        assert!(debug.contains("amount") && !debug.contains("20000") && !debug.contains("Åse"));
    }

    proptest::proptest! {
        #[test]
        fn every_value_comes_out_as_it_went_in_and_no_row_makes_reading_it_panic(
            body in r#"[\{\}\[\]":,a-z0-9@.]{0,60}"#,
            text: String,
            number: i64,
        ) {
            if let Ok(row) = Row::from_json(&body) {
                let _ = (row.etag(), row.version(), row.guid("a"), row.cell("a").decimal_text());
            }
            let json = serde_json::json!({ "text": text, "number": number });
            let row = Row::from_json(&json.to_string()).unwrap();
            proptest::prop_assert_eq!(row.cell("text").text(), Ok(Some(text)));
            proptest::prop_assert_eq!(row.cell("number").integer(), Ok(Some(number)));
        }
    }
}
