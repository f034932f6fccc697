//! The file with the keys of this machine: what the secret in AWS is to the authorizer.
//!
//! Never in here: a key. The file has hashes, and still only its owner may read it.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clock::{Clock, SystemClock};
use jiff::tz::TimeZone;
use keys::{Entry, Keys, NewKey};
use tempfile::NamedTempFile;
use web::Scope;

use crate::arguments::{Common, KeysFileArgument};

#[derive(Clone, Debug)]
pub(crate) struct KeysFile {
    path: PathBuf,
}

impl KeysFile {
    /// The one that `--keys` names, or the one beside the state.
    pub(crate) fn of(common: &Common, argument: &KeysFileArgument) -> Self {
        Self::at(match &argument.path {
            Some(path) => path.clone(),
            None => common.state.with_extension("keys.json"),
        })
    }

    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The keys in it; none where there is no file yet.
    pub(crate) fn read(&self) -> anyhow::Result<Keys> {
        let path = self.path.display();
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Keys::default()),
            Err(error) => return Err(error).context(format!("cannot read the keys file {path}")),
        };
        Keys::parse(&text).map_err(|error| anyhow!("the keys file {path} {error}"))
    }

    /// Adds a key. The file is exchanged whole: whoever reads it meanwhile sees it as it was.
    pub(crate) fn add(&self, entry: Entry) -> anyhow::Result<()> {
        let mut keys = self.read()?;
        keys.add(entry)?;
        self.write(&keys)
            .with_context(|| format!("cannot write the keys file {}", self.path.display()))
    }

    fn write(&self, keys: &Keys) -> anyhow::Result<()> {
        // Without a folder of its own the path is empty, and stands for the working folder.
        let folder = self.path.parent().filter(|path| path.as_os_str() != "");
        // Others may not read what it makes.
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        writeln!(file, "{}", keys.to_json())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// Makes a key; nothing is kept of it yet.
pub(crate) fn make(name: &str, scopes: &[Scope]) -> anyhow::Result<NewKey> {
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random)
        .map_err(|_| anyhow!("this machine gives no random numbers"))?;
    let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
    Ok(NewKey::generate(random, name, scopes, today)?)
}
