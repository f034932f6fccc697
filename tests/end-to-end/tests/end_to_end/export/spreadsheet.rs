//! An export in LibreOffice, and read back by Python's csv module after the documented inverse.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::support::{Dynamics, Terminal, program, python};

/// Texts that a spreadsheet may run, or take for something else.
const TEXTS: [&str; 12] = [
    "=1+1",
    "=HYPERLINK(\"http://example.com\";\"x\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "'=1",
    "+4722334455",
    "+47 22 33 44 55",
    "0150",
    "12345678901234567890",
    "1E5",
    "Blåbærsyltetøy \"på\" brød; ÆØÅ 👩‍🏫",
];

struct Exported {
    terminal: Terminal,
    /// What each row's texts are, by its id.
    texts: Vec<(String, &'static str)>,
    dynamics: Dynamics,
}

async fn exported() -> Exported {
    let dynamics = Dynamics::start().await;
    let mut texts = Vec::new();
    for text in TEXTS {
        let row = json!({
            "firstname": text,
            "lastname": "Nordmann",
            "telephone1": text,
            "birthdate": "1961-05-17",
        });
        let row: Map<String, Value> = row.as_object().unwrap().clone();
        let id = dynamics.simulator.create("contacts", row).unwrap();
        texts.push((id.to_string(), text));
    }
    let terminal = Terminal::of(&dynamics);
    for stream in ["members", "certifications"] {
        let output = format!("{stream}.csv");
        let ran = terminal.run(&["export", stream, "--output", &output]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    Exported {
        terminal,
        texts,
        dynamics,
    }
}

/// What a script says of a file.
fn told(python: &Path, script: &str, file: &Path) -> Vec<Map<String, Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/end_to_end/export")
        .join(script);
    let ran = Command::new(python).arg(script).arg(file).output().unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    serde_json::from_slice(&ran.stdout).unwrap()
}

fn row<'r>(rows: &'r [Map<String, Value>], id: &str) -> &'r Map<String, Value> {
    let found = rows
        .iter()
        .find(|row| row["id"].as_str() == Some(id) || row["id"]["text"].as_str() == Some(id));
    found.unwrap_or_else(|| panic!("no row {id}"))
}

#[tokio::test]
async fn pythons_csv_module_reads_the_same_values_back_after_the_documented_inverse() {
    let Some(python) = python("exports, read by Python") else {
        return;
    };
    let exported = exported().await;
    let folder = exported.terminal.folder.path();
    let rows = told(&python, "read_back.py", &folder.join("members.csv"));
    let truth = exported.dynamics.active("contacts");
    assert_eq!(rows.len(), truth.len());
    let columns = [
        ("id", "contactid"),
        ("about", "description"),
        ("born", "birthdate"),
        ("email", "emailaddress1"),
        ("first_name", "firstname"),
        ("last_name", "lastname"),
        ("phone", "telephone1"),
    ];
    for wanted in truth {
        let found = row(&rows, wanted["contactid"].as_str().unwrap());
        for (name, column) in columns {
            let wanted = wanted[column].as_str().unwrap_or_default();
            assert_eq!(found[name], wanted, "{name}");
        }
    }
}

#[tokio::test]
async fn libreoffice_shows_every_cell_as_it_is_and_runs_none() {
    let Some(python) = python("exports in LibreOffice") else {
        return;
    };
    let names = ["soffice", "libreoffice"];
    let Some(office) = program(&names, "exports in LibreOffice", "libreoffice-calc") else {
        return;
    };
    let exported = exported().await;
    let folder = exported.terminal.folder.path();
    // Semicolons, UTF-8, quoted cells as text, and dates told: what the README says to choose.
    let status = Command::new(office)
        .current_dir(folder)
        .arg(format!(
            "-env:UserInstallation=file://{}/profile",
            folder.display()
        ))
        .args(["--headless", "--infilter=CSV:59,34,76,1,,0,true,true"])
        .args(["--convert-to", "xlsx", "members.csv", "certifications.csv"])
        .status();
    assert!(status.unwrap().success());

    let rows = told(&python, "read_xlsx.py", &folder.join("members.xlsx"));
    assert_eq!(rows.len(), exported.dynamics.active("contacts").len());
    for (id, text) in &exported.texts {
        let found = row(&rows, id);
        let shown = csv_export::defuse(text);
        assert_eq!(found["first_name"], json!({ "text": shown }));
        assert_eq!(found["phone"], json!({ "text": shown }));
        assert_eq!(found["born"], json!({ "date": "1961-05-17 00:00:00" }));
    }
    let formulas = rows
        .iter()
        .flat_map(Map::values)
        .filter(|cell| cell.get("formula").is_some());
    assert_eq!(formulas.count(), 0);

    let rows = told(&python, "read_xlsx.py", &folder.join("certifications.xlsx"));
    let mut numbers = 0;
    for wanted in exported
        .dynamics
        .simulator
        .truth("hlf_certifications")
        .unwrap()
    {
        let found = row(&rows, wanted["hlf_certificationid"].as_str().unwrap());
        let fee = wanted["hlf_fee"].to_string();
        if let Ok(fee) = fee.trim_matches('"').parse::<f64>() {
            assert_eq!(found["fee"]["number"].as_f64(), Some(fee));
            numbers += 1;
        }
        if let Some(day) = wanted["hlf_validto"].as_str() {
            let day = day.get(..10).unwrap();
            assert_eq!(
                found["valid_to"],
                json!({ "date": format!("{day} 00:00:00") })
            );
        }
    }
    assert!(numbers > 0, "no certification has a fee");
}
