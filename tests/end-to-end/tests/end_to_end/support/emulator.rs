//! The AWS emulator: one process for all tests, ended with them.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// How to get what is missing.
const INSTALL: &str =
    "python3 -m venv .venv && .venv/bin/pip install -r tests/end-to-end/requirements.txt";

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
    EMULATOR.get_or_init(installed).as_ref()
}

fn installed() -> Option<Emulator> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".venv/bin/python");
    if python.exists() {
        return Some(start(python));
    }
    let why =
        format!("the function `sync` under an AWS emulator: there is no .venv; run `{INSTALL}`");
    assert!(env::var("CI").as_deref() != Ok("true"), "cannot test {why}");
    skip(&why);
    None
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

/// Says what is not tested, past the test runner's capture, and to whoever collects it.
fn skip(what: &str) {
    writeln!(io::stderr(), "SKIPPED {what}").unwrap();
    if let Some(list) = env::var_os("TEST_SKIPS") {
        let list = OpenOptions::new().create(true).append(true).open(list);
        writeln!(list.unwrap(), "skipped: {what}").unwrap();
    }
}
