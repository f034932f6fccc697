//! What a stack would have made: tables, the secret, the stream file, and the functions' packages.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};
use sync_store::{Store, TableNames};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::aws::{Aws, REGION};
use super::emulator::{Emulator, emulator};
use super::function::FunctionBuilder;
use super::{Dynamics, STREAMS, binaries};

/// Where the functions' packages are, in the emulated S3, each called after its binary.
pub(crate) const BUCKET: &str = "packages";
const BINARIES: [&str; 4] = ["authorizer", "changes", "health", "sync"];

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
        upload_packages(&aws).await;
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
        let right = self.dynamics.settings();
        let mut secret: Map<String, Value> = right
            .into_iter()
            .filter(|(name, _)| name.starts_with("DYNAMICS_"))
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
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

    /// A function of this deployment, yet to be made.
    pub(crate) fn function(&self) -> FunctionBuilder<'_> {
        FunctionBuilder::new(self)
    }
}

/// The package of a binary, in the bucket.
pub(crate) fn package_of(binary: &str) -> String {
    format!("{binary}.zip")
}

/// Puts the packages where Lambda finds them, once for all tests.
async fn upload_packages(aws: &Aws) {
    static UPLOADED: OnceCell<()> = OnceCell::const_new();
    UPLOADED
        .get_or_init(async || {
            let place = format!(
                "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint>\
                 </CreateBucketConfiguration>"
            );
            aws.put("s3", &format!("/{BUCKET}"), place.into_bytes())
                .await;
            for binary in BINARIES {
                let path = format!("/{BUCKET}/{}", package_of(binary));
                aws.put("s3", &path, package(aws.emulator, binary)).await;
            }
        })
        .await;
}

/// The real binary as Lambda wants it. Without its symbols: most of a debug build is symbols.
fn package(emulator: &Emulator, binary: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let bootstrap = folder.path().join("bootstrap");
    run(
        Command::new("strip")
            .arg("-o")
            .arg(&bootstrap)
            .arg(binaries::built(binary)),
        folder.path(),
    );
    let mut zip = Command::new(&emulator.python);
    run(
        zip.args(["-m", "zipfile", "-c", "package.zip", "bootstrap"]),
        folder.path(),
    );
    std::fs::read(folder.path().join("package.zip")).unwrap()
}

fn run(command: &mut Command, folder: &Path) {
    let status = command.current_dir(folder).status();
    let status = status.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(status.success(), "{command:?} failed");
}
