//! What can be wrong between a stream and its table beyond single columns, and how a column's type is
//! called in messages.

use dynamics_client::{ColumnKind, Table, TableKind};
use streams::{ConditionValue, Stream, StreamFile};

use crate::plan::{BoundField, MODIFIED_ON};

/// Why the table cannot be synced as the stream asks.
pub(crate) fn table_problems(stream: &Stream, table: &Table) -> Vec<String> {
    let name = &table.entity_set;
    let has_modified_on = table.columns.contains_key(MODIFIED_ON);
    match &table.kind {
        TableKind::Standard if stream.anchor.is_some() && !has_modified_on => vec![format!(
            "`anchor` needs the column `{MODIFIED_ON}`, which `{name}` does not have"
        )],
        TableKind::Standard if table.change_tracking || has_modified_on => Vec::new(),
        TableKind::Standard => vec![format!(
            "`{name}` has neither change tracking nor a column `{MODIFIED_ON}`, so its changes cannot be told. Ask a Dynamics administrator to switch on \"Track changes\" in its properties"
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

/// What an expiry sets, the stream's own or another's that reaches over a lookup, must fit the columns: a
/// text in a yes-or-no field would reach the app as it is.
pub(crate) fn expiry_problems(
    stream: &Stream,
    file: &StreamFile,
    fields: &[BoundField],
) -> Vec<String> {
    let own = stream.expiry.iter().flat_map(|expiry| {
        let values = expiry.from.iter().chain(&expiry.set);
        values.map(|set| (set.field.as_str(), &set.value))
    });
    let expiries = file
        .streams
        .iter()
        .filter_map(|other| other.expiry.as_ref());
    let others = expiries
        .flat_map(|expiry| &expiry.targets)
        .filter(|set| set.stream == stream.name)
        .map(|set| (set.field.as_str(), &set.value));
    let misfit = |(name, value): (&str, &ConditionValue)| {
        let field = fields.iter().find(|field| field.name() == name)?;
        let fits = match value {
            ConditionValue::Text(_) => field.reading.is_text(),
            ConditionValue::Integer(_) => field.reading.is_number(),
            ConditionValue::Boolean(_) => field.reading.is_boolean(),
        };
        (!fits).then(|| {
            format!(
                "expiry, field `{name}`: the value's type does not fit a column that is {}",
                field.described
            )
        })
    };
    own.chain(others).filter_map(misfit).collect()
}

/// A column's type as people call it; completes "is …".
pub(crate) fn described(kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Text => "text".to_owned(),
        ColumnKind::Memo => "lines of text".to_owned(),
        ColumnKind::Integer => "a whole number".to_owned(),
        ColumnKind::BigInt => "a whole number of 64 bits".to_owned(),
        ColumnKind::Decimal => "a decimal number".to_owned(),
        ColumnKind::Double => "a floating point number".to_owned(),
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
