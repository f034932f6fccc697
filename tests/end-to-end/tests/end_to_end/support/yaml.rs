//! YAML, read by the emulator's own Python: nothing that is shipped reads any.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::python::python;

/// The document of a file of the project; `None` where there is no Python for it and `what` may go untested.
///
/// # Panics
/// When it is no YAML.
pub(crate) fn yaml(file: &str, what: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(file);
    let read = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1], encoding='utf-8')), sys.stdout)";
    let output = Command::new(python(what)?)
        .args(["-I", "-c", read])
        .arg(path)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{file} is no YAML: {error}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
