//! What the sync function must be told.

use std::path::PathBuf;

use sync_store::TableNames;

use crate::environment::{Environment, text};
use crate::stage::stage;
use crate::{AlertSettings, DynamicsSource, Problems, SettingsError, alert_settings};

/// Everything the sync function must be told.
#[derive(Clone, Debug)]
pub struct SyncSettings {
    /// Where the access to Dynamics comes from.
    pub dynamics: DynamicsSource,
    /// The stream file (`SYNC_STREAMS`).
    pub streams_path: PathBuf,
    /// The DynamoDB tables.
    pub tables: TableNames,
    /// Where alerts go.
    pub alerts: AlertSettings,
    /// The deployment's name in its metrics (`SYNC_STAGE`); `None`: there are no metrics.
    pub stage: Option<String>,
}

impl SyncSettings {
    /// Reads the variables of the sync function.
    ///
    /// # Errors
    /// Every variable that is missing or malformed, all together.
    pub fn from_env(env: &Environment<'_>) -> Result<Self, SettingsError> {
        let mut problems = Problems::default();
        let dynamics = DynamicsSource::from_env(env, &mut problems);
        let streams_path = streams_path(env, &mut problems);
        let tables = table_names(env, &mut problems);
        let alerts = alert_settings(env, &mut problems);
        let stage = stage(env, &mut problems);
        let all = dynamics.zip(streams_path).zip(tables);
        let settings = all.map(|((dynamics, streams_path), tables)| Self {
            dynamics,
            streams_path,
            tables,
            alerts,
            stage,
        });
        Ok(problems.into_result(settings)?)
    }
}

/// The path of the stream file (`SYNC_STREAMS`). Whether there is a file is found when it is read.
pub fn streams_path(env: &Environment<'_>, problems: &mut Problems) -> Option<PathBuf> {
    let path = text(env, "SYNC_STREAMS");
    if path.is_none() {
        problems.add(
            "SYNC_STREAMS",
            "is missing; expected the path of the stream file, such as streams.toml",
        );
    }
    path.map(PathBuf::from)
}

/// Reads the tables' names (`SYNC_STATE_TABLE`, `SYNC_RECORDS_TABLE`, `SYNC_CHANGES_TABLE`); no two may
/// be the same.
pub fn table_names(env: &Environment<'_>, problems: &mut Problems) -> Option<TableNames> {
    let [state, records, changes] = [
        "SYNC_STATE_TABLE",
        "SYNC_RECORDS_TABLE",
        "SYNC_CHANGES_TABLE",
    ];
    let given =
        [state, records, changes].map(|variable| (variable, table_name(env, variable, problems)));
    for (index, (variable, name)) in given.iter().enumerate() {
        let same = given
            .iter()
            .take(index)
            .find(|(_, other)| name.is_some() && other == name);
        if let Some((other, _)) = same {
            problems.add(
                variable,
                format!("names the same table as {other}; expected a table of its own"),
            );
        }
    }
    let [(_, state), (_, records), (_, changes)] = given;
    Some(TableNames {
        state: state?,
        records: records?,
        changes: changes?,
    })
}

/// DynamoDB's own rule for names:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
fn table_name(env: &Environment<'_>, variable: &str, problems: &mut Problems) -> Option<String> {
    let expected = "expected a DynamoDB table's name: 3 to 255 letters, digits, `_`, `-` and `.`";
    let Some(name) = text(env, variable) else {
        problems.add(variable, format!("is missing; {expected}"));
        return None;
    };
    let good = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if good && (3..=255).contains(&name.len()) {
        return Some(name);
    }
    problems.add(variable, format!("is malformed; {expected}"));
    None
}
