//! Every line that a function may write stands in ARCHITECTURE.md, "Logging": who changes one changes it there.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// What begins a line; the second in a macro of the engine's that has two levels.
const CALLS: [&str; 4] = [
    "tracing::info!(",
    "tracing::warn!(",
    "tracing::error!(",
    "line!(",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sources of everything but tests, and the command line, whose lines go to a terminal.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !["tests", "local", "target"].contains(&name) {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// The text literals up to the end of a call that has just begun.
fn literals(source: &str) -> Vec<String> {
    let (mut literals, mut depth, mut text) = (Vec::new(), 1, None::<String>);
    let mut letters = source.chars();
    while depth > 0 {
        let Some(letter) = letters.next() else { break };
        match (&mut text, letter) {
            (Some(_), '"') => literals.extend(text.take()),
            (Some(text), '\\') => text.extend(letters.next()),
            (Some(text), letter) => text.push(letter),
            (None, '"') => text = Some(String::new()),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
    }
    literals
}

#[test]
fn every_line_that_a_function_may_write_is_in_the_list() {
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, list) = architecture.split_once("\n## Logging\n").unwrap();
    let list = list.split("\n## ").next().unwrap();
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for folder in ["functions", "shared"] {
        sources(&root().join(folder), &mut found);
    }
    let mut lines = 0;
    for path in found {
        let source = fs::read_to_string(&path).unwrap();
        for call in CALLS {
            for (at, _) in source.match_indices(call) {
                let Some(message) = literals(&source[at + call.len()..]).pop() else {
                    continue;
                };
                lines += 1;
                if !list.contains(&message) {
                    missing.push(format!("{}: {message}", path.display()));
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "not in ARCHITECTURE.md, Logging: {missing:#?}"
    );
    assert!(lines > 40, "only {lines} were found");
}
