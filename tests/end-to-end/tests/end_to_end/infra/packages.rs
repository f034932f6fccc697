//! Packages that could not run where they are deployed to are refused before.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::template::folder;
use crate::support::infra_tool;

const FUNCTIONS: [&str; 5] = ["authorizer", "changes", "export", "health", "sync"];

#[test]
fn packages_of_the_right_kind_are_listed_with_their_sizes() {
    let Some(folder) = packages(&elf(0x3e, "GLIBC_2.2.5 GLIBC_2.34")) else {
        return;
    };
    let (good, said) = look(folder.path(), "x86_64");
    assert!(good, "{said}");
    assert_eq!(
        said.lines()
            .filter(|line| line.contains(" bytes  "))
            .count(),
        5,
        "{said}"
    );
}

#[test]
fn a_program_for_a_newer_glibc_than_the_runtime_s_is_refused() {
    let Some(folder) = packages(&elf(0x3e, "GLIBC_2.2.5 GLIBC_2.36 GLIBC_2.34")) else {
        return;
    };
    let (good, said) = look(folder.path(), "x86_64");
    assert!(!good);
    let expected = "needs glibc 2.36, and the runtime provided.al2023 has 2.34, where it would not start: this machine's \
                    is newer. `make build` links against an old one with zig; see that .venv-infra has it";
    assert_eq!(said.matches(expected).count(), 5, "{said}");
}

#[test]
fn a_program_for_another_architecture_than_the_stage_s_is_refused() {
    let Some(folder) = packages(&elf(0xb7, "GLIBC_2.17")) else {
        return;
    };
    let (good, said) = look(folder.path(), "x86_64");
    assert!(!good);
    let expected =
        "is for arm64, and the parameter Architecture is x86_64; run `make build ARCH=x86_64`";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn packages_that_are_missing_or_are_none_are_each_named() {
    let Some(folder) = packages(&elf(0x3e, "GLIBC_2.17")) else {
        return;
    };
    let package = |name: &str| folder.path().join(name).join("bootstrap.zip");
    fs::remove_file(package("sync")).unwrap();
    fs::write(package("health"), "no archive").unwrap();
    let (good, said) = look(folder.path(), "x86_64");
    assert!(!good);
    let missing = format!(
        "{} is not there; run `make build` first",
        package("sync").display()
    );
    let damaged = format!(
        "{} is no package of a function; run `make build` again",
        package("health").display()
    );
    assert!(said.contains(&missing) && said.contains(&damaged), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

/// The head of a program, and the versions that it asks the loader for.
fn elf(machine: u8, versions: &str) -> Vec<u8> {
    let mut program = vec![0; 64];
    program[..4].copy_from_slice(b"\x7fELF");
    program[18] = machine;
    program.extend(versions.replace(' ', "\0").into_bytes());
    program
}

/// Packages of all functions with this program in them.
fn packages(program: &[u8]) -> Option<TempDir> {
    let python = infra_tool("python", "the packages of the functions")?;
    let folder = tempfile::tempdir().unwrap();
    for function in FUNCTIONS {
        let own = folder.path().join(function);
        fs::create_dir(&own).unwrap();
        fs::write(own.join("bootstrap"), program).unwrap();
        let zip = ["-m", "zipfile", "-c", "bootstrap.zip", "bootstrap"];
        let status = Command::new(&python).args(zip).current_dir(&own).status();
        assert!(status.unwrap().success());
    }
    Some(folder)
}

/// Whether they are good, and what is said of them.
fn look(packages: &Path, architecture: &str) -> (bool, String) {
    let python = infra_tool("python", "the packages of the functions").unwrap();
    let script = folder().join("packages.py");
    let output = Command::new(python)
        .arg(script)
        .arg(architecture)
        .arg(packages)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}
