//! What an environment says about itself: tables, columns, choices, keys, privileges, settings.
//!
//! Everything is asked for by itself and only when somebody wants it. What was asked for must be told, or
//! the error names it; what was not asked for may be as strange as it likes. Never in here: the whole
//! catalogue in one answer, a guess about what was not told, rows of a table.
//!
//! Source: "Query table definitions using the Web API", Dataverse developer documentation.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::{Error, ErrorKind, Problem};
use crate::query::check_name;
use crate::table::{Column, Table};

mod attribute;
mod bulk_messages;
mod choices;
mod column_access;
mod date_behavior;
mod definition;
mod greeting;
mod keys;
mod labels;
mod limits;
mod organization;
mod privilege;
mod tables;
mod targets;
mod user;

pub use choices::Choice;
pub use column_access::ColumnAccess;
pub use definition::TableDescription;
pub use greeting::Greeting;
pub use keys::{AlternateKey, KeyStatus};
pub use labels::Labels;
pub use limits::Limits;
pub use organization::Organization;
pub use privilege::{Depth, PrivilegeKind};
pub use tables::TableSummary;
pub use targets::LookupTarget;
pub use user::User;

/// How many names a condition lists. More conditions than a service is used to may be too many for it.
const NAMES: usize = 20;

/// The properties that only one type of column has.
#[derive(Clone, Copy)]
struct Cast {
    /// The metadata type, for example `StringAttributeMetadata`.
    type_name: &'static str,
    /// What is asked of it, as the rest of the query.
    options: &'static str,
    /// What is the matter with a column that is not in the answer.
    missing: &'static str,
}

/// A list, each entry read by itself: what is strange about one nobody asked for is nobody's trouble.
#[derive(Deserialize)]
struct List {
    value: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LogicalName {
    logical_name: String,
}

/// A name within an object, as metadata has its enumerations.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    value: Option<String>,
}

impl List {
    /// The entries that have a logical name, by that name.
    fn by_name(self) -> BTreeMap<String, Box<RawValue>> {
        self.value
            .into_iter()
            .filter_map(|entry| {
                let named: LogicalName = serde_json::from_str(entry.get()).ok()?;
                Some((named.logical_name, entry))
            })
            .collect()
    }
}

impl DynamicsClient {
    /// Reads what only columns of one type have, of all of `columns`, which are of that type. One request,
    /// or none for no columns.
    async fn cast<D: DeserializeOwned, T>(
        &self,
        operation: &str,
        table: &Table,
        columns: &[&str],
        cast: Cast,
        read: &(dyn Fn(D) -> Result<T, &'static str> + Sync),
    ) -> Result<BTreeMap<String, T>, Error> {
        if columns.is_empty() {
            return Ok(BTreeMap::new());
        }
        let fail = |problem| Error::new(operation, problem);
        let name = &table.logical_name;
        check_name(name).map_err(fail)?;
        for column in columns {
            check_name(column).map_err(fail)?;
        }
        let filter = match columns.len() {
            ..=NAMES => format!("&$filter={}", is_named(columns)),
            // All of the type, then.
            _ => String::new(),
        };
        let path = format!(
            "EntityDefinitions(LogicalName=%27{name}%27)/Attributes/Microsoft.Dynamics.CRM.{}\
             ?$select=LogicalName{}{filter}",
            cast.type_name, cast.options
        );
        self.get(
            RequestClass::Metadata,
            operation.to_owned(),
            &path,
            &|found: List| {
                let mut told = found.by_name();
                let one = |column: &&str| {
                    let of = || format!("column {column} of {}", table.entity_set);
                    let entry = told
                        .remove(*column)
                        .ok_or_else(|| unusable(&of(), cast.missing))?;
                    let entry = serde_json::from_str(entry.get())
                        .map_err(|_| unusable(&of(), "has a definition of another form"))?;
                    let value = read(entry).map_err(|why| unusable(&of(), why))?;
                    Ok(((*column).to_owned(), value))
                };
                columns.iter().map(one).collect()
            },
        )
        .await
    }
}

/// The condition that a logical name is one of `names`, which were checked; percent-encoded.
fn is_named(names: &[&str]) -> String {
    let conditions: Vec<String> = names
        .iter()
        .map(|name| format!("LogicalName%20eq%20%27{name}%27"))
        .collect();
    conditions.join("%20or%20")
}

/// A column that the table's definition was read with.
fn known<'t>(table: &'t Table, column: &str) -> Result<&'t Column, Box<Problem>> {
    table.columns.get(column).ok_or_else(|| {
        not_sent(format!(
            "column {column:?} of {} is not in the definition that was read",
            table.entity_set
        ))
        .advise("Read the table's definition with this column, and check its spelling.")
    })
}

fn not_sent(why: String) -> Box<Problem> {
    Problem::new(ErrorKind::BadRequest, "the request was not sent").because(why)
}

/// An answer that does not tell, or not as promised, what was asked about `subject`.
fn unusable(subject: &str, why: &str) -> Box<Problem> {
    Problem::new(ErrorKind::Protocol, "Dataverse gave an unusable answer")
        .because(format!("{subject} {why}"))
        .advise("Leave it out, and report it.")
}
