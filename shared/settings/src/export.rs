//! What the export function must be told.

use std::path::PathBuf;

use sync_store::TableNames;

use crate::environment::Environment;
use crate::{DynamicsSource, Problems, SettingsError, streams_path, table_names};

/// Everything the export function must be told.
#[derive(Clone, Debug)]
pub struct ExportSettings {
    /// Where the access to Dynamics comes from.
    pub dynamics: DynamicsSource,
    /// The stream file (`SYNC_STREAMS`).
    pub streams_path: PathBuf,
    /// The DynamoDB tables.
    pub tables: TableNames,
}

impl ExportSettings {
    /// Reads the variables of the export function.
    ///
    /// # Errors
    /// Every variable that is missing or malformed, all together.
    pub fn from_env(env: &Environment<'_>) -> Result<Self, SettingsError> {
        let mut problems = Problems::default();
        let dynamics = DynamicsSource::from_env(env, &mut problems);
        let streams_path = streams_path(env, &mut problems);
        let tables = table_names(env, &mut problems);
        let all = dynamics.zip(streams_path).zip(tables);
        let settings = all.map(|((dynamics, streams_path), tables)| Self {
            dynamics,
            streams_path,
            tables,
        });
        Ok(problems.into_result(settings)?)
    }
}
