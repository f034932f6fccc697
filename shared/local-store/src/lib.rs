//! DynamoDB on a laptop: an embedded engine that speaks DynamoDB's own protocol, behind a loopback
//! address, so that the very store code that runs in AWS also runs here.
//!
//! For the command line, the tests and the benchmarks; no function links it. Never in here: a second
//! way to store anything.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running engine; it stops when dropped.
pub struct LocalStore {
    address: SocketAddr,
    server: JoinHandle<()>,
}

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state file is not one, is damaged, or was written by a newer release.
    #[error(
        "cannot open the state file {path}: {reason}. Check --state, or move the file away to start with an empty one"
    )]
    File {
        /// The file as given.
        path: String,
        /// What the engine said.
        reason: String,
    },
    /// Another process writes to it all the time, or has stopped while it did.
    #[error(
        "the state file {path} is in use: another process has been writing to it for 30 seconds. Wait until that has ended, or name another file with --state"
    )]
    InUse {
        /// The file as given.
        path: String,
    },
    /// There is no folder for it.
    #[error(
        "cannot make the state file {path}: there is no folder {folder}. Make it, or check --state"
    )]
    Folder {
        /// The file as given.
        path: String,
        /// The folder that it names.
        folder: String,
    },
    /// No loopback port could be opened.
    #[error("cannot listen on this machine's loopback address")]
    Listen(#[from] std::io::Error),
}

impl LocalStore {
    /// Opens, or creates, the state file and serves it.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub async fn open(file: &Path) -> Result<Self, Error> {
        let path = file.display().to_string();
        // Without a folder of its own the path is in the working folder.
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(Error::Folder {
                folder: folder.display().to_string(),
                path,
            });
        }
        let opened = Database::new(&path).map_err(|error| unusable(path, &error.to_string()));
        Self::serve(opened?).await
    }

    /// An empty store that is gone afterwards.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn in_memory() -> Result<Self, Error> {
        let opened = Database::memory();
        let path = "(in memory)".to_owned();
        Self::serve(opened.map_err(|error| Error::File {
            path,
            reason: error.to_string(),
        })?)
        .await
    }

    async fn serve(database: Database) -> Result<Self, Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(dynoxide::server::serve_on(listener, database));
        Ok(Self { address, server })
    }

    /// Where the engine listens, as `AWS_ENDPOINT_URL` takes it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the engine is and with which credentials, for a client of DynamoDB.
    pub fn config(&self) -> Builder {
        config_for(&self.endpoint())
    }
}

fn unusable(path: String, said: &str) -> Error {
    if said.contains("locked") {
        return Error::InUse { path };
    }
    let reason = reason(said);
    Error::File { path, reason }
}

/// What the engine said, in the words of somebody who knows nothing of it: it takes every file that is no
/// database for an encrypted one.
fn reason(said: &str) -> String {
    const KNOWN: [(&str, &str); 4] = [
        ("encrypted", "it is no state file, or it is damaged"),
        ("malformed", "it is damaged"),
        ("readonly", "this user may not write to it"),
        (
            "unable to open",
            "it is no file, or this user may not read and write it",
        ),
    ];
    let known = KNOWN.iter().find(|(part, _)| said.contains(part));
    let reason = known.map_or(said.trim_end_matches('.'), |(_, reason)| reason);
    reason.to_owned()
}

/// A configuration for the engine that another process serves at `endpoint`.
pub fn config_for(endpoint: &str) -> Builder {
    aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(endpoint)
}

impl fmt::Debug for LocalStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalStore")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for LocalStore {
    fn drop(&mut self) {
        self.server.abort();
    }
}
