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
        Finished::of(output.unwrap())
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

    /// Starts `dynamics-sync`; what it writes is read when it has ended.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Begun {
        let mut command = self.command(arguments);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Begun(Some(command.spawn().unwrap()))
    }

    /// Its variables, and where `dynamics-sync` is.
    pub(crate) fn surroundings(&self) -> (&BTreeMap<String, String>, PathBuf) {
        (&self.variables, binaries::built("dynamics-sync"))
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

impl Finished {
    fn of(output: Output) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = output;
        Self {
            code: status.code().expect("a signal has ended it"),
            data: String::from_utf8(stdout).unwrap(),
            words: String::from_utf8(stderr).unwrap(),
        }
    }
}

/// A command that goes on, and is ended from outside; at the latest when this is dropped.
pub(crate) struct Begun(Option<Child>);

impl Begun {
    /// Sends it a signal, such as INT for Ctrl-C.
    pub(crate) fn signal(&self, name: &str) {
        send(name, self.0.as_ref().unwrap());
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        let child = self.0.as_mut().unwrap();
        child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub(crate) async fn end(mut self) -> Finished {
        let child = self.0.take().unwrap();
        let ended = tokio::task::spawn_blocking(|| child.wait_with_output());
        Finished::of(ended.await.unwrap().unwrap())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &id]).status();
    assert!(sent.unwrap().success());
}

/// A command that runs until this is dropped.
pub(crate) struct Started(Child);

impl Started {
    /// Presses Ctrl-C and waits for its end: the exit code.
    pub(crate) async fn interrupt(self) -> Option<i32> {
        self.signal("INT").await
    }

    /// Sends it a signal and waits for its end: the exit code.
    pub(crate) async fn signal(mut self, name: &str) -> Option<i32> {
        send(name, &self.0);
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
