//! Binds a stream's mapping to the table's metadata, once a run and before anything is read: what to
//! select, how each column's values are read, and whether the mapping fits at all.

use dynamics_client::{Column, ColumnKind, Query, Table, TableKind};
use sha2::{Digest, Sha256};
use streams::{Condition, ConditionValue, Field, Stream};

use crate::Failure;
use crate::convert::Reading;

/// The row's version column; every table with optimistic concurrency has it.
pub(crate) const VERSION: &str = "versionnumber";
/// When the row was last written.
pub(crate) const MODIFIED_ON: &str = "modifiedon";

/// How one stream reads its table.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) stream: Stream,
    pub(crate) primary_id: String,
    pub(crate) has_modified_on: bool,
    pub(crate) fields: Vec<BoundField>,
    pub(crate) conditions: Vec<BoundCondition>,
    /// Hash of everything that links and records depend on.
    pub(crate) fingerprint: String,
    select: Vec<String>,
}

/// A field with the column it is read from.
#[derive(Clone, Debug)]
pub(crate) struct BoundField {
    pub(crate) name: String,
    /// The property to select and to look for in a row; a lookup's is `_{column}_value`.
    pub(crate) property: String,
    pub(crate) reading: Reading,
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
        columns.into_iter().collect()
    }

    /// Binds `stream` to `table`.
    ///
    /// # Errors
    /// [`Failure::Mapping`] with everything that does not fit.
    pub(crate) fn bind(
        stream: &Stream,
        table: &Table,
        time_zone: &jiff::tz::TimeZone,
    ) -> Result<Self, Failure> {
        let mut problems = table_problems(table);
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
        if !problems.is_empty() {
            let (stream, table) = (stream.name.clone(), stream.table.clone());
            return Err(Failure::Mapping {
                stream,
                table,
                problems,
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
        let fingerprint = fingerprint(stream, &select, &fields);
        Ok(Self {
            stream: stream.clone(),
            primary_id: table.primary_id.clone(),
            has_modified_on: table.columns.contains_key(MODIFIED_ON),
            fields,
            conditions,
            fingerprint,
            select,
        })
    }

    /// A read of the table with this plan's columns.
    pub(crate) fn query(&self) -> Query {
        Query::new(&self.stream.table).select(self.select.iter().map(String::as_str))
    }
}

fn table_problems(table: &Table) -> Vec<String> {
    let name = &table.entity_set;
    match &table.kind {
        TableKind::Standard if table.change_tracking => Vec::new(),
        TableKind::Standard => vec![format!(
            "change tracking is off. Ask a Dynamics administrator to switch on \"Track changes\" in the properties of `{name}`"
        )],
        TableKind::Elastic => vec![format!(
            "`{name}` is an elastic table, which cannot be synced"
        )],
        TableKind::Virtual => vec![format!(
            "`{name}` is a virtual table, which cannot be synced"
        )],
        TableKind::Other => {
            vec![format!(
                "`{name}` is neither a standard, an elastic nor a virtual table"
            )]
        }
    }
}

fn bind_field(
    field: &Field,
    table: &Table,
    time_zone: &jiff::tz::TimeZone,
) -> Result<BoundField, String> {
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
        name: field.name.clone(),
        property,
        reading,
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

/// A column's type as people call it; completes "is …".
fn described(kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Text | ColumnKind::Memo => "text".to_owned(),
        ColumnKind::Integer | ColumnKind::BigInt => "a whole number".to_owned(),
        ColumnKind::Decimal | ColumnKind::Double => "a decimal number".to_owned(),
        ColumnKind::Money => "an amount of money".to_owned(),
        ColumnKind::Boolean => "yes or no".to_owned(),
        ColumnKind::DateTime(_) => "a date and time".to_owned(),
        ColumnKind::Lookup => "a lookup".to_owned(),
        ColumnKind::Choice | ColumnKind::State | ColumnKind::Status => "a choice".to_owned(),
        ColumnKind::Choices => "several choices".to_owned(),
        ColumnKind::Guid => "an identifier".to_owned(),
        ColumnKind::Other(name) => format!("of Dataverse's type {name}"),
        _ => "of an unknown type".to_owned(),
    }
}

fn find<'a>(name: &str, table: &'a Table) -> Result<&'a Column, String> {
    let column = table.columns.get(name).ok_or_else(|| {
        format!("the table has no column `{name}`. Use its logical name, in lower case")
    })?;
    if !column.readable {
        return Err(format!(
            "column `{name}` cannot be read through the Web API"
        ));
    }
    Ok(column)
}

/// Hash of everything that links and records depend on, named one by one: what is added to stream files
/// later must not make every stream load again. Whoever changes this makes every stream load again.
fn fingerprint(stream: &Stream, select: &[String], fields: &[BoundField]) -> String {
    let mut meaning = vec![
        format!("stream {}", stream.name),
        format!("table {}", stream.table),
    ];
    meaning.extend(select.iter().map(|column| format!("select {column}")));
    meaning.extend(fields.iter().map(|field| {
        format!(
            "field {} = {} as {}",
            field.name,
            field.property,
            field.reading.name()
        )
    }));
    meaning.extend(stream.filter.iter().map(|condition| {
        let value = match &condition.value {
            ConditionValue::Text(text) => format!("text {text}"),
            ConditionValue::Integer(number) => format!("number {number}"),
            ConditionValue::Boolean(truth) => format!("{truth}"),
        };
        format!("where {} = {value}", condition.column)
    }));
    meaning.extend(
        stream
            .key_fields()
            .iter()
            .map(|field| format!("key {}", field.name)),
    );
    // Lines of their own, with their length, so that no two meanings read alike.
    let text: String = meaning
        .iter()
        .map(|line| format!("{}:{line}\n", line.len()))
        .collect();
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
