//! Whether Dynamics itself keeps the stream's key unique.

use dynamics_client::{AlternateKey, KeyStatus};
use streams::Key;

use super::Subject;
use crate::remedy;
use crate::report::{Finding, Found, Who};

/// One request.
pub(super) async fn check(subject: Subject<'_>) -> Found {
    let table = subject.table();
    let Key::Columns(columns) = &subject.stream.key else {
        return Found::default();
    };
    let keys = match subject.client.alternate_keys(table).await {
        Ok(keys) => keys,
        Err(error) => return remedy::finding(&error).into(),
    };
    let is_ours = |key: &&AlternateKey| {
        key.columns.len() == columns.len() && columns.iter().all(|one| key.columns.contains(one))
    };
    let named = columns.join(", ");
    let who = Who::DynamicsAdministrator;
    let name = &table.logical_name;
    let Some(key) = keys.iter().find(is_ours) else {
        return Finding::warn(
            format!(
                "The table has no alternate key of just {named}: rows are found by a query, and two systems \
                 that create the same row at once make two of it."
            ),
            who,
            remedy::table_settings(name, &format!("Keys, New key, with {named}")),
        )
        .into();
    };
    let key_name = &key.name;
    match key.status {
        KeyStatus::Active => Found::default().note(format!("alternate key `{key_name}`")),
        KeyStatus::Pending | KeyStatus::InProgress => Finding::warn(
            format!("The index of the alternate key `{key_name}` is still being built, so it is not in use."),
            who,
            "Wait until it is Active; if that takes more than a day, create the key anew.",
        )
        .into(),
        KeyStatus::Failed => Finding::fail(
            format!(
                "The index of the alternate key `{key_name}` could not be built, most likely because rows \
                 share a value of {named}."
            ),
            who,
            remedy::table_settings(
                name,
                &format!("Keys, {key_name}, Reactivate key, after the rows that share a value are merged"),
            ),
        )
        .into(),
    }
}
