//! Whether each lookup refers to the table that the stream file says.

use dynamics_client::ColumnKind;
use streams::{Field, FieldKind};

use super::Subject;
use crate::remedy;
use crate::report::{Finding, Found, Who};

/// Two requests, or three for lookups to more than 20 tables.
pub(super) async fn check(subject: Subject<'_>) -> Found {
    let Subject { client, stream, .. } = subject;
    let table = subject.table();
    let is_lookup = |field: &Field| {
        let column = table.columns.get(&field.column);
        column.is_some_and(|column| column.kind == ColumnKind::Lookup)
    };
    let fields = stream.fields.iter().filter_map(|field| match &field.kind {
        FieldKind::Lookup { table } if is_lookup(field) => Some((field, table)),
        _ => None,
    });
    let fields: Vec<_> = fields.collect();
    let columns: Vec<&str> = fields
        .iter()
        .map(|(field, _)| field.column.as_str())
        .collect();
    let targets = match client.lookup_targets(table, &columns).await {
        Ok(targets) => targets,
        Err(error) => return remedy::finding(&error).into(),
    };
    let misfit = |(field, wanted): (&Field, &String)| {
        let Field { name, column, .. } = field;
        let sets: Vec<&str> = targets
            .get(column)?
            .iter()
            .filter_map(|target| target.entity_set.as_deref())
            .collect();
        (!sets.contains(&wanted.as_str())).then(|| {
            Finding::fail(
                format!(
                    "Field `{name}`: column `{column}` does not refer to table `{wanted}`, but to {}.",
                    sets.join(", ")
                ),
                Who::Deployer,
                "Correct its `lookup` in the stream file.",
            )
        })
    };
    Found::default().all(fields.into_iter().filter_map(misfit))
}
