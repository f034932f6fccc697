//! What the changes function must be told. It never talks to Dynamics, so nothing of that is among it.

use std::path::PathBuf;

use sync_store::TableNames;

use crate::environment::Environment;
use crate::{Problems, SettingsError, streams_path, table_names};

/// Everything the changes function must be told.
#[derive(Clone, Debug)]
pub struct ChangesSettings {
    /// The stream file (`SYNC_STREAMS`).
    pub streams_path: PathBuf,
    /// The DynamoDB tables.
    pub tables: TableNames,
}

impl ChangesSettings {
    /// Reads the variables of the changes function.
    ///
    /// # Errors
    /// Every variable that is missing or malformed, all together.
    pub fn from_env(env: &Environment<'_>) -> Result<Self, SettingsError> {
        let mut problems = Problems::default();
        let streams_path = streams_path(env, &mut problems);
        let tables = table_names(env, &mut problems);
        let settings = streams_path.zip(tables).map(|(streams_path, tables)| Self {
            streams_path,
            tables,
        });
        Ok(problems.into_result(settings)?)
    }
}
