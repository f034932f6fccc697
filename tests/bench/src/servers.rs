//! The other sides, each in a process of its own that prints its address and ends with its parent.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::Context;
use clock::SystemClock;
use dynamics_simulator::{Options, Simulator};
use local_store::LocalStore;

/// A child process that serves until it is dropped.
pub(crate) struct Server {
    pub(crate) address: String,
    child: Child,
}

impl Server {
    pub(crate) fn start(part: &str, rows: u64) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--rows", &rows.to_string(), part])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("a server has no output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self {
            address: address.trim().to_owned(),
            child,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn options(rows: u64) -> Options {
    Options {
        contacts: rows,
        certifications: 0,
        ..Options::default()
    }
}

pub(crate) async fn simulator(rows: u64) -> anyhow::Result<()> {
    let simulator = Simulator::new(options(rows), Arc::new(SystemClock));
    let running = simulator.start().await?;
    crate::say(&running.base_url());
    until_the_parent_ends()
}

pub(crate) async fn store() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let engine = LocalStore::open(&folder.path().join("bench.db")).await?;
    crate::say(&engine.endpoint());
    until_the_parent_ends()
}

fn until_the_parent_ends() -> anyhow::Result<()> {
    tokio::task::block_in_place(|| std::io::stdin().read_to_end(&mut Vec::new()))?;
    Ok(())
}
