//! Binds a stream's mapping to the table's metadata, once a run and before anything is read: what to
//! select, how each column's values are read, and whether the mapping fits at all.

use std::collections::BTreeSet;

use dynamics_client::{Column, ColumnKind, PrivilegeKind, Query, Table};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use streams::{Condition, ConditionValue, Field, Stream, StreamFile, nearest};

use crate::Failure;
use crate::convert::Reading;
use crate::fingerprint::fingerprint;
use crate::fit::{described, expiry_problems, table_problems};

/// The row's version column; every table with optimistic concurrency has it.
pub(crate) const VERSION: &str = "versionnumber";
/// When the row was last written.
pub(crate) const MODIFIED_ON: &str = "modifiedon";

/// Who last wrote the row.
pub(crate) const MODIFIED_BY: &str = "modifiedby";
/// What is told of a column that is not there if none has nearly its name.
const UNKNOWN_NAME: &str = "Use its logical name, in lower case";
/// Whether the row is active (0) or not.
pub(crate) const STATE: &str = "statecode";
/// Set on a row that was merged into another one.
pub(crate) const MERGED: &str = "merged";
/// The row that it was merged into.
pub(crate) const MASTER: &str = "masterid";
/// What tells which row of several with one key is meant, where the table has it.
const IDENTITY: [&str; 3] = [STATE, MERGED, MASTER];

/// How one stream reads its table.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) stream: Stream,
    pub(crate) primary_id: String,
    pub(crate) has_modified_on: bool,
    pub(crate) fields: Vec<BoundField>,
    pub(crate) conditions: Vec<BoundCondition>,
    /// Rows last modified before this do not belong to the stream.
    pub(crate) anchor: Option<Timestamp>,
    /// Whether Dynamics tracks the table's changes.
    pub(crate) change_tracking: bool,
    /// The privilege to read the table, by its name in Dataverse.
    pub(crate) read_privilege: Option<String>,
    /// Hash of everything that links and records depend on.
    pub(crate) fingerprint: String,
    pub(crate) table: Table,
    select: Vec<String>,
}

/// A field with the column it is read from.
#[derive(Clone, Debug)]
pub(crate) struct BoundField {
    pub(crate) field: Field,
    /// The property to select and to look for in a row; a lookup's is `_{column}_value`.
    pub(crate) property: String,
    pub(crate) kind: ColumnKind,
    pub(crate) reading: Reading,
    /// The column's type as people call it; completes "is …".
    pub(crate) described: String,
}

/// A condition of the stream's `where`.
#[derive(Clone, Debug)]
pub(crate) struct BoundCondition {
    pub(crate) property: String,
    pub(crate) value: ConditionValue,
}

impl Plan {
    /// Every column that must be asked of the metadata to make a plan.
    pub(crate) fn columns(stream: &Stream) -> Vec<&str> {
        let mut columns = stream.columns();
        columns.extend([VERSION, MODIFIED_ON]);
        if stream.direction.pushes() {
            columns.extend(IDENTITY);
            columns.insert(MODIFIED_BY);
        }
        columns.into_iter().collect()
    }

    /// Binds `stream`, which is one of `file`'s, to `table`.
    ///
    /// # Errors
    /// [`Failure::Mapping`] with everything that does not fit.
    pub(crate) fn bind(stream: &Stream, table: &Table, file: &StreamFile) -> Result<Self, Failure> {
        let time_zone = &file.time_zone;
        let mut problems = table_problems(stream, table);
        let mut fields = Vec::new();
        for field in &stream.fields {
            match bind_field(field, table, time_zone) {
                Ok(bound) => fields.push(bound),
                Err(problem) => problems.push(problem),
            }
        }
        let mut conditions = Vec::new();
        for condition in &stream.filter {
            match bind_condition(condition, table) {
                Ok(bound) => conditions.push(bound),
                Err(problem) => problems.push(problem),
            }
        }
        problems.extend(expiry_problems(stream, file, &fields));
        let anchor = stream.anchor.map(|day| start_of(day, time_zone));
        if !problems.is_empty() {
            let (stream, table) = (stream.name.clone(), stream.table.clone());
            return Err(Failure::Mapping {
                stream,
                table,
                problems,
                changed: None,
            });
        }
        let optional = [VERSION, MODIFIED_ON]
            .into_iter()
            .filter(|c| table.columns.contains_key(*c));
        let mut select: Vec<String> = fields
            .iter()
            .map(|field| field.property.clone())
            .chain(
                conditions
                    .iter()
                    .map(|condition| condition.property.clone()),
            )
            .chain(optional.map(ToOwned::to_owned))
            .chain([table.primary_id.clone()])
            .collect();
        select.sort();
        select.dedup();
        let fingerprint = fingerprint(stream, &select, &fields, anchor);
        Ok(Self {
            stream: stream.clone(),
            primary_id: table.primary_id.clone(),
            has_modified_on: table.columns.contains_key(MODIFIED_ON),
            fields,
            conditions,
            anchor,
            change_tracking: table.change_tracking,
            read_privilege: table.privilege(PrivilegeKind::Read).map(ToOwned::to_owned),
            fingerprint,
            table: table.clone(),
            select,
        })
    }

    /// A read of the table with this plan's columns.
    pub(crate) fn query(&self) -> Query {
        Query::new(&self.stream.table).select(self.select.iter().map(String::as_str))
    }

    /// The same, and who last wrote each row, where the table tells.
    pub(crate) fn query_with_author(&self) -> Query {
        let author = self.table.select_name(MODIFIED_BY);
        let columns = self.select.iter().cloned().chain(author);
        Query::new(&self.stream.table).select(columns)
    }

    /// The field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&BoundField> {
        self.fields.iter().find(|field| field.name() == name)
    }

    /// What tells which row of several with one key is meant, by the names for selecting.
    pub(crate) fn identity_columns(&self) -> BTreeSet<String> {
        let known = IDENTITY
            .iter()
            .filter_map(|column| self.table.select_name(column));
        known.chain([self.primary_id.clone()]).collect()
    }

    /// A read of the table with only what tells which rows belong to the stream, in which version.
    pub(crate) fn query_keys(&self) -> Query {
        let conditions = self.conditions.iter().map(|bound| bound.property.as_str());
        let anchored = self.anchor.map(|_| MODIFIED_ON);
        let columns = conditions
            .chain(anchored)
            .chain([self.primary_id.as_str(), VERSION]);
        let columns: BTreeSet<&str> = columns.collect();
        Query::new(&self.stream.table).select(columns)
    }
}

impl BoundField {
    /// The app's name for it.
    pub(crate) fn name(&self) -> &str {
        &self.field.name
    }

    /// The Dataverse column's logical name.
    pub(crate) fn column(&self) -> &str {
        &self.field.column
    }
}

/// When a day begins in the organisation's time zone.
pub(crate) fn start_of(day: Date, time_zone: &TimeZone) -> Timestamp {
    let midnight = day.at(0, 0, 0, 0);
    // Only the very first and last hours of time are no instant.
    time_zone
        .to_ambiguous_timestamp(midnight)
        .compatible()
        .unwrap_or(if day.year() > 0 {
            Timestamp::MAX
        } else {
            Timestamp::MIN
        })
}

fn bind_field(field: &Field, table: &Table, time_zone: &TimeZone) -> Result<BoundField, String> {
    let column =
        find(&field.column, table).map_err(|what| format!("field `{}`: {what}", field.name))?;
    let reading = Reading::of(&field.kind, &column.kind, time_zone).map_err(|expected| {
        format!(
            "field `{}`: column `{}` is {}, but {expected}",
            field.name,
            field.column,
            described(&column.kind)
        )
    })?;
    let property = select_name(&field.column, table);
    Ok(BoundField {
        field: field.clone(),
        property,
        kind: column.kind.clone(),
        reading,
        described: described(&column.kind),
    })
}

fn bind_condition(condition: &Condition, table: &Table) -> Result<BoundCondition, String> {
    let named = |what: String| format!("where `{}`: {what}", condition.column);
    let column = find(&condition.column, table).map_err(named)?;
    let fits = match &condition.value {
        ConditionValue::Text(_) => {
            matches!(
                column.kind,
                ColumnKind::Text | ColumnKind::Lookup | ColumnKind::Guid
            )
        }
        ConditionValue::Integer(_) => matches!(
            column.kind,
            ColumnKind::Integer
                | ColumnKind::BigInt
                | ColumnKind::Choice
                | ColumnKind::State
                | ColumnKind::Status
        ),
        ConditionValue::Boolean(_) => column.kind == ColumnKind::Boolean,
    };
    if !fits {
        return Err(named(format!(
            "the value's type does not fit a column that is {}",
            described(&column.kind)
        )));
    }
    Ok(BoundCondition {
        property: select_name(&condition.column, table),
        value: condition.value.clone(),
    })
}

/// The property that holds a column's value; a lookup's is `_{column}_value`.
fn select_name(column: &str, table: &Table) -> String {
    table
        .select_name(column)
        .unwrap_or_else(|| column.to_owned())
}

/// What is told of a column that is not there, before what may be meant instead.
fn not_there(name: &str) -> String {
    format!("the table has no column `{name}`. ")
}

/// What does not fit, without a guess at what this column may be called: it was there, so it is not misspelt.
pub(crate) fn without_guess(problem: &str, column: &str) -> Option<String> {
    let told = not_there(column);
    let (before, _) = problem.split_once(&told)?;
    Some(format!("{before}{told}{UNKNOWN_NAME}"))
}

fn find<'a>(name: &str, table: &'a Table) -> Result<&'a Column, String> {
    let column = table.columns.get(name).ok_or_else(|| {
        let near = nearest(name, table.columns.keys().map(String::as_str));
        let hint = near.map(|near| format!("Did you mean `{near}`?"));
        let hint = hint.as_deref().unwrap_or(UNKNOWN_NAME);
        format!("{}{hint}", not_there(name))
    })?;
    if !column.readable {
        return Err(format!(
            "column `{name}` cannot be read through the Web API"
        ));
    }
    Ok(column)
}
