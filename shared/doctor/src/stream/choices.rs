//! Whether the choices that the stream file names are those of Dynamics.

use std::collections::BTreeMap;

use dynamics_client::{Choice, ColumnKind};
use streams::{ConditionValue, Field, FieldKind, Language};

use super::Subject;
use crate::remedy;
use crate::report::{Finding, Found, Who};

/// Norwegian bokmål and English, by locale id.
const NORWEGIAN: u32 = 1044;
const ENGLISH: u32 = 1033;

/// One request for each kind of choice column: at most three.
pub(super) async fn check(subject: Subject<'_>) -> Found {
    let Subject { client, stream, .. } = subject;
    let table = subject.table();
    let is_choice = |column: &str| {
        table.columns.get(column).is_some_and(|column| {
            use ColumnKind::{Choice, State, Status};
            matches!(column.kind, Choice | State | Status)
        })
    };
    let fields = stream.fields.iter().filter_map(|field| match &field.kind {
        FieldKind::Choice(labels) if is_choice(&field.column) => Some((field, labels)),
        _ => None,
    });
    let fields: Vec<_> = fields.collect();
    let conditions = stream
        .filter
        .iter()
        .filter_map(|condition| match condition.value {
            ConditionValue::Integer(number) if is_choice(&condition.column) => {
                Some((condition.column.as_str(), number))
            }
            _ => None,
        });
    let conditions: Vec<_> = conditions.collect();
    let mut columns: Vec<&str> = fields
        .iter()
        .map(|(field, _)| field.column.as_str())
        .collect();
    columns.extend(conditions.iter().map(|(column, _)| *column));
    columns.sort_unstable();
    columns.dedup();
    let known = match client.choices(table, &columns).await {
        Ok(known) => known,
        Err(error) => return remedy::finding(&error).into(),
    };
    let mut found = Found::default();
    for (field, labels) in fields {
        if let Some(options) = known.get(&field.column) {
            found = found.all(compare(subject, field, labels, options));
        }
    }
    for (column, number) in conditions {
        let options = known.get(column).map_or(&[][..], Vec::as_slice);
        if options
            .iter()
            .all(|option| i64::from(option.value) != number)
        {
            let what = format!(
                "`where`: column `{column}` has no choice {number}, so no row belongs to the stream; it has {}.",
                listed(subject, options.iter())
            );
            found = found.and(Finding::fail(
                what,
                Who::Deployer,
                "Correct `where` in the stream file.",
            ));
        }
    }
    found
}

fn compare(
    subject: Subject<'_>,
    field: &Field,
    labels: &BTreeMap<i64, String>,
    options: &[Choice],
) -> Vec<Finding> {
    let Field { name, column, .. } = field;
    let mut findings = Vec::new();
    let is_there = |number: &i64| options.iter().any(|one| i64::from(one.value) == *number);
    let gone: Vec<String> = labels
        .iter()
        .filter(|(number, _)| !is_there(number))
        .map(|(number, label)| format!("{label} = {number}"))
        .collect();
    if !gone.is_empty() {
        findings.push(Finding::fail(
            format!(
                "Field `{name}`: column `{column}` has no choice {}; it has {}.",
                gone.join(", "),
                listed(subject, options.iter())
            ),
            Who::Deployer,
            "Correct `choice` in the stream file, or ask a Dynamics administrator where the choice went.",
        ));
    }
    let unnamed = options
        .iter()
        .filter(|one| !labels.contains_key(&i64::from(one.value)));
    let unnamed: Vec<&Choice> = unnamed.collect();
    if !unnamed.is_empty() {
        findings.push(Finding::warn(
            format!(
                "Field `{name}`: column `{column}` also has {}, and rows with it cannot be read.",
                listed(subject, unnamed.into_iter())
            ),
            Who::Deployer,
            "Name it in `choice` in the stream file.",
        ));
    }
    findings
}

/// "1 (Active), 2 (Expired)".
fn listed<'c>(subject: Subject<'_>, options: impl Iterator<Item = &'c Choice>) -> String {
    let languages = match subject.file.language {
        Language::Nb => [NORWEGIAN, ENGLISH],
        Language::En => [ENGLISH, NORWEGIAN],
    };
    let one = |option: &Choice| match option.labels.preferring(&languages) {
        Some(label) => format!("{} ({label})", option.value),
        None => option.value.to_string(),
    };
    options.map(one).collect::<Vec<_>>().join(", ")
}
