//! What the numbers of a choice mean: its options, whether they are the table's own or shared with others.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Cast, Labels, known, not_sent};
use crate::client::DynamicsClient;
use crate::error::Error;
use crate::table::{ColumnKind, Table};

/// One option of a choice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    /// The number that rows hold. Of a yes or no, of which rows hold `true` and `false`, 1 and 0.
    pub value: i32,
    /// What people see.
    pub labels: Labels,
    /// Of a reason for a state: the state that it belongs to.
    pub state: Option<i32>,
}

const MISSING: &str = "has no choices told";
/// Choices that may be shared by several columns.
const SHARED: &str = "&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)";
const OWN: &str = "&$expand=OptionSet($select=Options)";
const YES_NO: &str = "&$expand=OptionSet($select=TrueOption,FalseOption)";

/// The kinds of columns that have choices, with where these are found.
const KINDS: [(ColumnKind, Cast); 5] = [
    (
        ColumnKind::Choice,
        cast("PicklistAttributeMetadata", SHARED),
    ),
    (
        ColumnKind::Choices,
        cast("MultiSelectPicklistAttributeMetadata", SHARED),
    ),
    (ColumnKind::State, cast("StateAttributeMetadata", OWN)),
    (ColumnKind::Status, cast("StatusAttributeMetadata", OWN)),
    (
        ColumnKind::Boolean,
        cast("BooleanAttributeMetadata", YES_NO),
    ),
];

const fn cast(type_name: &'static str, options: &'static str) -> Cast {
    Cast {
        type_name,
        options,
        missing: MISSING,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    option_set: Option<OptionSet>,
    global_option_set: Option<OptionSet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OptionSet {
    options: Option<Vec<Told>>,
    true_option: Option<Told>,
    false_option: Option<Told>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    value: Option<i32>,
    label: Option<Labels>,
    state: Option<i32>,
}

impl DynamicsClient {
    /// Reads the choices of `columns`, which are choices, states, reasons for a state, or yes and no, and
    /// with which `table` was read. In Dataverse's order; of yes and no, no first. One request for each of
    /// the five kinds that occurs among them.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// let table = client.table("hlf_certifications", &["hlf_status"]).await?;
    /// let choices = client.choices(&table, &["hlf_status"]).await?;
    /// let (norwegian, english) = (1044, 1033);
    /// for choice in &choices["hlf_status"] {
    ///     let label = choice.labels.preferring(&[norwegian, english]);
    ///     println!("{} is {}", choice.value, label.unwrap_or("nameless"));
    /// }
    /// # Ok(()) }) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) before anything is sent, if one of `columns`
    /// is not in `table` or has no choices; else see [`ErrorKind`](crate::ErrorKind).
    pub async fn choices(
        &self,
        table: &Table,
        columns: &[&str],
    ) -> Result<BTreeMap<String, Vec<Choice>>, Error> {
        let operation = format!("read the choices of {}", table.entity_set);
        let mut of_kind: [Vec<&str>; KINDS.len()] = Default::default();
        for column in columns {
            let kind = &known(table, column)
                .map_err(|problem| Error::new(&operation, problem))?
                .kind;
            let found = KINDS.iter().zip(&mut of_kind).find(|((k, _), _)| k == kind);
            let Some((_, columns)) = found else {
                let why = format!("column {column} of {} is no choice", table.entity_set);
                let problem = not_sent(why).advise("Leave it out.");
                return Err(Error::new(operation, problem));
            };
            columns.push(column);
        }
        let mut all = BTreeMap::new();
        for ((_, cast), columns) in KINDS.into_iter().zip(&of_kind) {
            let found = self
                .cast(&operation, table, columns, cast, &read_choices)
                .await?;
            all.extend(found);
        }
        Ok(all)
    }
}

fn read_choices(attribute: Attribute) -> Result<Vec<Choice>, &'static str> {
    [attribute.option_set, attribute.global_option_set]
        .into_iter()
        .flatten()
        .find_map(|set| {
            set.options
                .or_else(|| Some(vec![set.false_option?, set.true_option?]))
        })
        .ok_or(MISSING)?
        .into_iter()
        .map(|told| {
            Ok(Choice {
                value: told.value.ok_or("has a choice whose number is not told")?,
                labels: told.label.unwrap_or_default(),
                state: told.state,
            })
        })
        .collect()
}
