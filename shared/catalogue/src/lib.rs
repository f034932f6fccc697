//! The standard tables of Dynamics 365: which app brings them, what people tell their rows apart by, and which of
//! their columns are of use to most. The data is `tables.toml`.
//!
//! Never in here: what an environment really has. It may lack a table or a column of these, and have hundreds more;
//! whoever writes a stream file looks first.

use std::sync::LazyLock;

use serde::Deserialize;

const DATA: &str = include_str!("tables.toml");

/// A test reads it whole, so that there is always something.
static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| toml::from_str(DATA).map_or_else(|_| Vec::new(), |data: Data| data.table));

/// A standard table.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The entity set, such as `contacts`.
    #[serde(rename = "table")]
    pub entity_set: String,
    /// The logical name, such as `contact`.
    #[serde(rename = "logical")]
    pub logical_name: String,
    /// The app that brings it, such as `Dynamics 365 Sales`; `None` if every environment has it.
    pub app: Option<String>,
    /// The column that people tell its rows apart by. Dynamics does not hold them to it.
    pub key: Option<String>,
    fields: String,
}

/// A column of use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Field<'a> {
    /// What an app may call it.
    pub name: &'a str,
    /// Its logical name.
    pub column: &'a str,
    /// What there is to say of it beside.
    pub kind: Kind<'a>,
}

/// What there is to say of a column beside its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind<'a> {
    /// Nothing.
    Plain,
    /// It is a day without a time, however the environment keeps it.
    Date,
    /// It refers to rows of this entity set, and of no other.
    Lookup(&'a str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    table: Vec<Table>,
}

/// All of them.
pub fn tables() -> &'static [Table] {
    &TABLES
}

/// The one with this entity set.
pub fn table(entity_set: &str) -> Option<&'static Table> {
    tables().iter().find(|table| table.entity_set == entity_set)
}

impl Table {
    /// Its columns of use.
    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.fields.lines().filter_map(field)
    }
}

/// `name column`, and then `date` or `-> table` or nothing.
fn field(line: &str) -> Option<Field<'_>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (name, column, kind) = match *words.as_slice() {
        [name, column] => (name, column, Kind::Plain),
        [name, column, "date"] => (name, column, Kind::Date),
        [name, column, "->", table] => (name, column, Kind::Lookup(table)),
        _ => return None,
    };
    Some(Field { name, column, kind })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_data_is_understood() {
        let data: Data = toml::from_str(DATA).unwrap();
        assert_eq!(data.table, tables());
        for table in tables() {
            let lines: Vec<&str> = table.fields.lines().collect();
            assert_eq!(table.fields().count(), lines.len(), "{lines:?}");
            assert!(lines.len() > 5, "{}", table.entity_set);
        }
    }

    #[test]
    fn the_tables_that_organisations_ask_for_most_are_in_it() {
        let names: Vec<&str> = tables()
            .iter()
            .map(|table| table.entity_set.as_str())
            .collect();
        let wanted = [
            "accounts",
            "contacts",
            "leads",
            "opportunities",
            "quotes",
            "salesorders",
            "invoices",
            "products",
            "incidents",
            "activitypointers",
            "emails",
            "tasks",
            "phonecalls",
            "appointments",
            "campaigns",
            "systemusers",
            "teams",
            "businessunits",
            "transactioncurrencies",
            "annotations",
        ];
        assert_eq!(names, wanted);
        assert_eq!(table("incidents").unwrap().logical_name, "incident");
        assert_eq!(table("incident"), None);
    }

    #[test]
    fn no_two_fields_of_a_table_share_a_name_or_a_column_and_its_key_is_one_of_them() {
        for table in tables() {
            let names: BTreeSet<&str> = table.fields().map(|field| field.name).collect();
            let columns: BTreeSet<&str> = table.fields().map(|field| field.column).collect();
            assert_eq!(names.len(), table.fields().count(), "{}", table.entity_set);
            assert_eq!(columns.len(), names.len(), "{}", table.entity_set);
            let key = table.key.as_deref();
            assert!(key.is_none_or(|key| columns.contains(key)), "{key:?}");
        }
    }

    #[test]
    fn lookups_lead_to_tables_of_the_catalogue() {
        let mut found = 0;
        for field in tables().iter().flat_map(Table::fields) {
            if let Kind::Lookup(target) = field.kind {
                assert!(table(target).is_some(), "{field:?}");
                found += 1;
            }
        }
        assert!(found > 20, "{found}");
    }
}
