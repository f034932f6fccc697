//! The Python that emulators and the SDK of others run in, or word that there is none.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How to get what is missing.
pub(crate) const INSTALL: &str =
    "python3 -m venv .venv && .venv/bin/pip install -r tests/end-to-end/requirements.txt";

/// The Python of `.venv`; `None` where there is none and `what` may go untested.
///
/// # Panics
/// When there is none on a machine that may skip nothing (`CI=true`).
pub(crate) fn python(what: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".venv/bin/python");
    if python.exists() {
        return Some(python);
    }
    missing(&format!("{what}: there is no .venv; run `{INSTALL}`"));
    None
}

/// A program of `.venv-infra`, which has what deploys the template; `None` where there is none and `what` may go
/// untested.
///
/// # Panics
/// When there is none on a machine that may skip nothing (`CI=true`).
pub(crate) fn infra_tool(name: &str, what: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tool = root.join(".venv-infra/bin").join(name);
    if tool.exists() {
        return Some(tool);
    }
    missing(&format!(
        "{what}: there is no .venv-infra; run `make venv-infra`"
    ));
    None
}

/// Something that is not tested for want of a program.
///
/// # Panics
/// On a machine that may skip nothing (`CI=true`).
pub(super) fn missing(why: &str) {
    assert!(env::var("CI").as_deref() != Ok("true"), "cannot test {why}");
    skip(why);
}

/// Says what is not tested, past the test runner's capture, and to whoever collects it.
fn skip(what: &str) {
    writeln!(io::stderr(), "SKIPPED {what}").unwrap();
    if let Some(list) = env::var_os("TEST_SKIPS") {
        let list = OpenOptions::new().create(true).append(true).open(list);
        writeln!(list.unwrap(), "skipped: {what}").unwrap();
    }
}
