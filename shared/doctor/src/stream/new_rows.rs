//! Whether rows can be created: what they must have, and how many go in one request.

use dynamics_client::{Column, ColumnKind, RequiredLevel};
use streams::Owner;

use super::Subject;
use crate::remedy;
use crate::report::{Finding, Found, Who};

/// Columns that Dynamics fills in where nobody does.
const FILLED_IN: [&str; 2] = ["ownerid", "transactioncurrencyid"];

/// At most one request.
pub(super) async fn check(subject: Subject<'_>) -> Found {
    let table = subject.table();
    let note = match subject.client.bulk_creates(table).await {
        Ok(Some(true)) => "many in one request (CreateMultiple)",
        Ok(Some(false)) => {
            "in batches: the table has no CreateMultiple, which is slower and no harm"
        }
        Ok(None) => "whether many go in one request shows when they are sent",
        Err(error) => return remedy::finding(&error).into(),
    };
    let columns = table.columns.iter();
    let missing = columns.filter(|(name, column)| is_demanded(name, column));
    let missing =
        missing.filter(|(name, _)| **name != table.primary_id && !is_written(subject, name));
    let missing: Vec<String> = missing.map(|(name, _)| format!("`{name}`")).collect();
    let found = Found::default().note(note);
    if missing.is_empty() {
        return found;
    }
    found.and(Finding::warn(
        format!(
            "Dynamics demands a value of {} in every new row, and no field of the stream writes one.",
            missing.join(", ")
        ),
        Who::Deployer,
        "If the app creates rows, add a field for it to the stream file.",
    ))
}

fn is_demanded(name: &str, column: &Column) -> bool {
    use ColumnKind::{Boolean, Choice, State, Status};
    column.required == Some(RequiredLevel::SystemRequired)
        && column.creatable
        && !FILLED_IN.contains(&name)
        // They have a default.
        && !matches!(column.kind, Boolean | Choice | State | Status)
}

fn is_written(subject: Subject<'_>, column: &str) -> bool {
    let mut fields = subject.stream.fields.iter();
    fields.any(|field| field.column == column && field.owner != Owner::Dynamics)
}
