//! The AWS emulator: one process for all tests, ended with them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::aws::ACCOUNT;
use super::python::{INSTALL, python};

/// The running emulator.
#[derive(Debug)]
pub(crate) struct Emulator {
    /// Where all its services answer.
    pub(crate) endpoint: String,
    /// A Python that can make a zip file.
    pub(crate) python: PathBuf,
    /// Holds the process's standard input open; it ends itself once that closes, which it does
    /// however this process ends. (What is in a `static` is never dropped.)
    _process: Child,
}

/// The emulator, started by whoever asks first; `None` where it is not installed and may be skipped.
///
/// # Panics
/// When it does not start, or is not installed on a machine that may skip nothing (`CI=true`).
pub(crate) fn emulator() -> Option<&'static Emulator> {
    static EMULATOR: OnceLock<Option<Emulator>> = OnceLock::new();
    EMULATOR
        .get_or_init(|| python("the function `sync` under an AWS emulator").map(start))
        .as_ref()
}

fn start(python: PathBuf) -> Emulator {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/support/emulator.py");
    // Without any variable of this process: functions would inherit them. Its region must not be
    // asked of a metadata service.
    let mut process = Command::new(&python)
        .arg("-I")
        .arg(script)
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("LOG_LEVEL", "ERROR")
        // Whoever calls an API that a stack has made shows a key, and no account.
        .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    output.read_line(&mut port).unwrap();
    assert!(
        !port.is_empty(),
        "the AWS emulator did not start; its message is above. To install it again: {INSTALL}"
    );
    Emulator {
        endpoint: format!("http://127.0.0.1:{}", port.trim()),
        python,
        _process: process,
    }
}
