//! Microsoft's own Python SDK, and Microsoft's own credential, against the simulator: where they
//! disagree, the simulator is wrong. The programs say what the SDK sees; here is what they leave behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dynamics_simulator::{Class, Simulator, TruthRow, test_certificates};

use crate::support::{Dynamics, INSTALL, python};

#[tokio::test]
async fn rows_written_by_microsofts_sdk_one_by_one_and_in_bulk_are_as_it_reads_them() {
    let Some(dynamics) = after("rows.py").await else {
        return;
    };
    let contacts = made(&dynamics.simulator, "contacts", "firstname");
    let mut expected: BTreeMap<String, (String, Option<&str>)> = (0..20)
        .map(|number| {
            let description = match number {
                0 => Some("first"),
                1 => None,
                _ => Some("all"),
            };
            (
                format!("SDK {number}"),
                ("O'Brien-Sørby".to_owned(), description),
            )
        })
        .collect();
    expected.insert("SDK key".to_owned(), ("changed".to_owned(), None));
    let found: BTreeMap<_, _> = contacts
        .iter()
        .map(|(name, row)| {
            let last_name = row["lastname"].as_str().unwrap().to_owned();
            (name.clone(), (last_name, row["description"].as_str()))
        })
        .collect();
    assert_eq!(found, expected);

    let accounts = made(&dynamics.simulator, "accounts", "name");
    let numbers: Vec<_> = accounts
        .iter()
        .map(|(name, row)| (name.as_str(), row["accountnumber"].as_str().unwrap()))
        .collect();
    assert_eq!(
        numbers,
        [
            ("SDK changed", "A B'1 å"),
            ("SDK made", "SDK-2"),
            ("SDK made too", "SDK-3"),
            ("SDK three", "SDK-1"),
        ]
    );
    let first = &accounts["SDK three"];
    assert_eq!(first["industrycode"], 1);
    assert_eq!(first["revenue"], "12.5000");
    assert_eq!(
        first["_primarycontactid_value"],
        contacts["SDK 0"]["contactid"]
    );

    // Else the SDK has found another way, and the bulk actions were not tried.
    let log = dynamics.simulator.requests();
    for name in [
        "CreateMultiple",
        "UpdateMultiple",
        "UpsertMultiple",
        "BulkDelete",
        "skiptoken",
    ] {
        let asked = log.last.iter().any(|ask| ask.target.contains(name));
        assert!(asked, "{name} was not asked for");
    }
}

#[tokio::test]
async fn batches_of_microsofts_sdk_are_kept_whole_where_they_must_and_in_part_where_they_may() {
    let Some(dynamics) = after("batches.py").await else {
        return;
    };
    let contacts = made(&dynamics.simulator, "contacts", "firstname");
    let names: Vec<_> = contacts
        .iter()
        .map(|(name, row)| (name.as_str(), row["lastname"].as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("SDK after errors", None),
            ("SDK batch", Some("Ærlig")),
            ("SDK bulk 0", None),
            ("SDK bulk 1", None),
            ("SDK bulk 2", None),
            ("SDK set", Some("referred to")),
        ]
    );
    let accounts = made(&dynamics.simulator, "accounts", "name");
    let names: Vec<_> = accounts.keys().map(String::as_str).collect();
    assert_eq!(names, ["SDK set", "SDK upserted"]);
    assert_eq!(
        accounts["SDK set"]["_primarycontactid_value"],
        contacts["SDK set"]["contactid"]
    );
    assert_eq!(dynamics.simulator.requests().of(Class::Batch), 4);
}

#[tokio::test]
async fn tables_columns_keys_and_relationships_are_as_microsofts_sdk_expects_them() {
    let Some(dynamics) = after("metadata.py").await else {
        return;
    };
    // A table that the SDK does not find in the metadata is never written to.
    assert_eq!(dynamics.simulator.requests().of(Class::Write), 0);
}

#[tokio::test]
async fn every_refusal_becomes_the_error_class_that_microsofts_sdk_has_for_it() {
    let Some(dynamics) = after("refusals.py").await else {
        return;
    };
    let accounts = made(&dynamics.simulator, "accounts", "name");
    assert_eq!(
        accounts.keys().collect::<Vec<_>>(),
        ["SDK"],
        "written all the same"
    );
    for report in dynamics.simulator.faults_fired() {
        assert_eq!(report.fired, 1, "{report:?}");
    }
}

#[tokio::test]
async fn microsofts_own_credential_signs_in_with_a_registered_certificate_and_no_other() {
    let Some(python) = installed() else {
        return;
    };
    let dynamics = Dynamics::start().await;
    assert!(
        dynamics
            .simulator
            .register_certificate(test_certificates::FIRST)
    );
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("first.pem", test_certificates::FIRST),
        ("second.pem", test_certificates::SECOND),
    ];
    let files = files.map(|(name, certificate)| {
        let path = folder.path().join(name);
        std::fs::write(&path, certificate).unwrap();
        path
    });
    run(python, "certificate.py", &dynamics, &files).await;
    let accounts = made(&dynamics.simulator, "accounts", "name");
    assert_eq!(accounts.keys().collect::<Vec<_>>(), ["SDK signed"]);
}

/// A simulator that a program has run against to its end; `None` where there is no Python.
async fn after(program: &str) -> Option<Dynamics> {
    let python = installed()?;
    let dynamics = Dynamics::start().await;
    run(python, program, &dynamics, &[]).await;
    Some(dynamics)
}

fn installed() -> Option<PathBuf> {
    python("the simulator against Microsoft's Python SDK")
}

/// Runs a program to its end.
///
/// # Panics
/// With all that the program says, when something in it does not hold.
async fn run(python: PathBuf, program: &str, dynamics: &Dynamics, files: &[PathBuf]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/microsoft_sdk");
    let mut command = Command::new(python);
    // Without any variable of this process, a proxy's least of all, and nothing written beside the
    // programs.
    command
        .args(["-s", "-B"])
        .arg(folder.join(program))
        .arg(&dynamics.address)
        .args(files)
        .env_clear()
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    assert!(
        output.status.success(),
        "{program}: {}\n{}{}(Should the SDK be missing: {INSTALL})",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

/// The rows that a program has made, by the column in which it marked them as its own.
fn made(simulator: &Simulator, table: &str, column: &str) -> BTreeMap<String, TruthRow> {
    let rows = simulator.truth(table).unwrap();
    let named = rows.filter_map(|row| Some((row[column].as_str()?.to_owned(), row)));
    let mut made = BTreeMap::new();
    for (name, row) in named.filter(|(name, _)| name.starts_with("SDK")) {
        let twice = made.insert(name.clone(), row);
        assert!(twice.is_none(), "{name} is there twice");
    }
    made
}
