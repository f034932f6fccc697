//! What others' tools say of the template.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::template::{folder, transformed};
use crate::support::{REGION, infra_tool};

#[test]
fn sam_and_cfn_lint_find_nothing_in_the_template() {
    let Some(sam) = infra_tool("sam", "the template of the deployment") else {
        return;
    };
    let mut sam = Command::new(sam);
    sam.args(["validate", "--lint", "--template-file"])
        .arg(folder().join("template.yaml"));
    run(&mut sam);
}

#[test]
fn cfn_lint_finds_nothing_in_what_sam_makes_of_it() {
    let (Some(template), Some(lint)) = (
        transformed(),
        infra_tool("cfn-lint", "the template of the deployment"),
    ) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.json");
    std::fs::write(&path, template.to_string()).unwrap();
    // Both of SAM's doing: it puts values in the place of parameters, and leaves `Fn::Sub` around its own texts.
    run(Command::new(lint)
        .args(["--ignore-checks", "W1020", "W2001", "--template"])
        .arg(path));
}

#[test]
fn checkov_finds_what_has_a_reason_in_its_list_and_nothing_else() {
    let (Some(template), Some(checkov)) = (
        transformed(),
        infra_tool("checkov", "the template of the deployment"),
    ) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.json");
    std::fs::write(&path, template.to_string()).unwrap();
    let output = Command::new(checkov)
        .args([
            "--framework",
            "cloudformation",
            "--skip-download",
            "--output",
            "json",
            "--file",
        ])
        .arg(path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let report: Value =
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let passed = report["summary"]["passed"].as_u64().unwrap();
    assert!(passed > 50, "it has looked at next to nothing: {passed}");
    let failed = report["results"]["failed_checks"].as_array().unwrap();
    let failed: BTreeSet<_> = failed
        .iter()
        .map(|check| check["check_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(failed, excused());
}

/// The checks in the list of those that do not hold here.
fn excused() -> BTreeSet<String> {
    let list = std::fs::read_to_string(folder().join("checkov.yaml")).unwrap();
    let entries = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "));
    entries
        .filter(|entry| entry.starts_with("CKV"))
        .map(str::to_owned)
        .collect()
}

fn run(command: &mut Command) {
    // Both look for a region, and sam would call home.
    let output = command
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "none")
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .env("SAM_CLI_TELEMETRY", "0")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&said)
    );
}
