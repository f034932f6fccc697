//! The command line as a person uses it: a folder, variables, and nothing of this process's own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::{ACCOUNT, Aws, Dynamics, REGION, STREAMS, binaries};

/// A terminal in a folder of its own.
pub(crate) struct Terminal {
    pub(crate) folder: TempDir,
    variables: BTreeMap<String, String>,
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: i32,
    /// Standard output: data.
    pub(crate) data: String,
    /// Standard error: everything else.
    pub(crate) words: String,
}

impl Terminal {
    /// Without any variable.
    pub(crate) fn bare() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: BTreeMap::new(),
        }
    }

    /// With a stream file and the access to `dynamics`.
    pub(crate) fn of(dynamics: &Dynamics) -> Self {
        let mut terminal = Self::bare();
        terminal.write("streams.toml", STREAMS);
        terminal.set("SYNC_STREAMS", "streams.toml");
        for (name, value) in dynamics.settings() {
            terminal.set(name, &value);
        }
        terminal
    }

    /// Of somebody who may write the secret with the keys.
    pub(crate) fn of_keys(aws: &Aws, secret: &str) -> Self {
        let mut terminal = Self::bare();
        for (name, value) in [
            ("SYNC_KEYS_SECRET_ID", secret),
            ("AWS_ENDPOINT_URL", &aws.emulator.endpoint),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCOUNT),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ] {
            terminal.set(name, value);
        }
        terminal
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Takes a variable away.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs `dynamics-sync` to its end, while this process's own servers go on.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Finished {
        let mut command = self.command(arguments);
        let output = tokio::task::spawn_blocking(move || command.output())
            .await
            .unwrap();
        let Output {
            status,
            stdout,
            stderr,
        } = output.unwrap();
        Finished {
            code: status.code().unwrap(),
            data: String::from_utf8(stdout).unwrap(),
            words: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Starts `dynamics-sync` and reads so many lines of its standard output.
    pub(crate) async fn start(&self, arguments: &[&str], lines: usize) -> (Started, Vec<String>) {
        let mut left = lines;
        let enough = move |_: &str| {
            left -= 1;
            left == 0
        };
        self.start_until(arguments, enough).await
    }

    /// Starts `dynamics-sync` and reads its standard output up to this line.
    pub(crate) async fn start_until(
        &self,
        arguments: &[&str],
        mut is_last: impl FnMut(&str) -> bool + Send + 'static,
    ) -> (Started, Vec<String>) {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut started = Started(command.spawn().unwrap());
        let output = BufReader::new(started.0.stdout.take().unwrap());
        let read = move || {
            let mut lines = Vec::new();
            for line in output.lines() {
                lines.push(line.unwrap());
                if lines.last().is_some_and(|line| is_last(line)) {
                    break;
                }
            }
            lines
        };
        (started, tokio::task::spawn_blocking(read).await.unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binaries::built("dynamics-sync"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::null());
        command
    }
}

/// A command that runs until this is dropped.
pub(crate) struct Started(Child);

impl Started {
    /// Presses Ctrl-C and waits for its end: the exit code.
    pub(crate) async fn interrupt(mut self) -> Option<i32> {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.unwrap().success());
        let ended = tokio::task::spawn_blocking(move || self.0.wait());
        ended.await.unwrap().unwrap().code()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
