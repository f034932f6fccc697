//! What a stack would have made, without one: tables, the secret, the stream file.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sync_store::{Store, TableNames};
use tempfile::TempDir;

use super::aws::{ACCOUNT, Aws, REGION};
use super::emulator::emulator;
use super::function::FunctionBuilder;
use super::{Dynamics, STREAMS, Terminal, packages};

/// One deployment: everything in it is named after it, so that tests share nothing but the emulator.
pub(crate) struct Deployment {
    pub(crate) dynamics: Dynamics,
    pub(crate) store: Store,
    pub(crate) aws: Aws,
    pub(crate) name: String,
    /// The function's variables; a test may change them before it makes a function.
    pub(crate) variables: BTreeMap<String, String>,
    folder: TempDir,
}

impl Deployment {
    /// A deployment whose tables are empty; `None` where the emulator may be skipped.
    pub(crate) async fn new(name: &str) -> Option<Self> {
        let aws = Aws::new(emulator()?);
        packages::upload(&aws).await;
        let dynamics = Dynamics::start().await;
        let folder = tempfile::tempdir().unwrap();
        let streams = folder.path().join("streams.toml");
        std::fs::write(&streams, STREAMS).unwrap();
        let tables = TableNames {
            state: format!("{name}-state"),
            records: format!("{name}-records"),
            changes: format!("{name}-changes"),
        };
        let variables = [
            ("DYNAMICS_SECRET_ID", format!("{name}/dynamics")),
            ("AZURE_AUTHORITY_HOST", dynamics.address.clone()),
            ("SYNC_KEYS_SECRET_ID", format!("{name}/keys")),
            ("SYNC_STREAMS", streams.display().to_string()),
            ("SYNC_STATE_TABLE", tables.state.clone()),
            ("SYNC_RECORDS_TABLE", tables.records.clone()),
            ("SYNC_CHANGES_TABLE", tables.changes.clone()),
            ("AWS_ENDPOINT_URL", aws.emulator.endpoint.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        let deployment = Self {
            store: Store::new(aws.dynamodb(), tables),
            aws,
            dynamics,
            name: name.to_owned(),
            variables: variables
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            folder,
        };
        deployment.store.create_tables().await.unwrap();
        for (variable, first) in [
            ("DYNAMICS_SECRET_ID", "{}"),
            ("SYNC_KEYS_SECRET_ID", "{\"version\": 1, \"keys\": []}"),
        ] {
            let secret = json!({"Name": &deployment.variables[variable], "SecretString": first});
            deployment
                .aws
                .action("secretsmanager", "secretsmanager.CreateSecret", &secret)
                .await;
        }
        deployment.put_secret(&[]).await;
        Some(deployment)
    }

    /// Stores a new value of the secret: the right one, but for `others`.
    pub(crate) async fn put_secret(&self, others: &[(&str, &str)]) {
        let mut secret = self.dynamics.secret();
        for (name, value) in others {
            secret.insert((*name).to_owned(), (*value).into());
        }
        let body = json!({
            "SecretId": &self.variables["DYNAMICS_SECRET_ID"],
            "SecretString": Value::from(secret).to_string(),
        });
        self.aws
            .action("secretsmanager", "secretsmanager.PutSecretValue", &body)
            .await;
    }

    /// Writes a stream file and lets the function's variables name it.
    pub(crate) fn put_streams(&mut self, text: &str) {
        let path = self.folder.path().join("other-streams.toml");
        std::fs::write(&path, text).unwrap();
        self.variables
            .insert("SYNC_STREAMS".into(), path.display().to_string());
    }

    /// The variables of a function that runs as a process of its own, outside the emulator.
    pub(crate) fn process_variables(&self) -> BTreeMap<String, String> {
        let own = [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCOUNT),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.variables.clone().into_iter().chain(own).collect()
    }

    /// A terminal of somebody who may write the secret with the keys.
    pub(crate) fn terminal(&self) -> Terminal {
        Terminal::of_keys(&self.aws, &self.variables["SYNC_KEYS_SECRET_ID"])
    }

    /// A function of this deployment, yet to be made.
    pub(crate) fn function(&self) -> FunctionBuilder<'_> {
        FunctionBuilder::new(self)
    }
}
