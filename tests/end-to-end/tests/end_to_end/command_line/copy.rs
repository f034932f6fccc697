//! A sync into a file, and what can be asked of it afterwards.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Dynamics, Finished, Terminal};

/// Runs a command that must end well.
pub(super) async fn good(terminal: &Terminal, arguments: &[&str]) -> Finished {
    let finished = terminal.run(arguments).await;
    assert_eq!(finished.code, 0, "{arguments:?}: {finished:?}");
    finished
}

#[tokio::test]
async fn a_sync_fills_the_state_file_and_status_tells_how_fresh_it_is() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let state = ["--state", "copy.db", "--json"];
    let before = good(&terminal, &[&["status"], &state[..]].concat()).await;
    let before: Value = serde_json::from_str(&before.data).unwrap();
    assert_eq!(before["runs"], Value::Array(Vec::new()));
    assert_eq!(before["streams"][0]["as_of"], Value::Null);

    let ran = good(&terminal, &[&["sync"], &state[..]].concat()).await;
    dynamics.assert_nothing_leaks(&ran.words);
    dynamics.assert_nothing_leaks(&ran.data);
    let ran: Value = serde_json::from_str(&ran.data).unwrap();
    assert_eq!(ran["status"], "complete");

    let after = good(&terminal, &[&["status"], &state[..]].concat()).await;
    let after: Value = serde_json::from_str(&after.data).unwrap();
    assert_eq!(after["runs"].as_array().unwrap().len(), 1);
    assert_eq!(after["runs"][0]["report"], ran);
    let streams = after["streams"].as_array().unwrap();
    let names: Vec<&Value> = streams.iter().map(|stream| &stream["name"]).collect();
    assert_eq!(names, ["members", "certifications"]);
    for stream in streams {
        assert_eq!(stream["position"], "settled");
        assert!(stream["lag_seconds"].as_u64().unwrap() < 60, "{stream}");
    }
    assert!(terminal.folder.path().join("copy.db").is_file());
}

#[tokio::test]
async fn one_stream_can_be_synced_alone() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let ran = good(&terminal, &["sync", "--stream", "certifications", "--json"]).await;
    let ran: Value = serde_json::from_str(&ran.data).unwrap();
    assert_eq!(ran["streams"].as_array().unwrap().len(), 1);
    let export = terminal
        .run(&["export", "members", "--source", "copy"])
        .await;
    assert_eq!(export.code, 1);
    assert!(
        export.words.contains("`members` has not been loaded"),
        "{export:?}"
    );
}

#[tokio::test]
async fn an_export_of_the_copy_holds_every_member_as_dynamics_does() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    good(&terminal, &["sync"]).await;
    let simulator = &dynamics.simulator;
    simulator.burst("contacts", 8, 12, 5).unwrap();
    good(&terminal, &["sync"]).await;

    let export = good(&terminal, &["export", "members", "--source", "copy"]).await;
    let text = export
        .data
        .strip_prefix('\u{feff}')
        .expect("no byte order mark");
    let header = "\"id\";\"email\";\"first_name\";\"last_name\";\"phone\";\"born\";\"about\"\r\n";
    assert!(text.starts_with(header), "{:?}", text.lines().next());
    assert!(text.ends_with("\r\n"));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();

    let truth = dynamics.active("contacts");
    let columns = [
        "contactid",
        "emailaddress1",
        "firstname",
        "lastname",
        "telephone1",
        "birthdate",
        "description",
    ];
    let expected: BTreeMap<String, Vec<String>> = truth
        .iter()
        .map(|row| {
            let cell = |column: &&str| row[*column].as_str().unwrap_or_default().to_owned();
            let cells: Vec<String> = columns.iter().map(cell).collect();
            (cells[0].clone(), cells)
        })
        .collect();
    assert_eq!(rows.len(), expected.len());
    let mut norwegian = 0;
    for row in &rows {
        let cells: Vec<&str> = row.iter().map(undefused).collect();
        assert_eq!(cells, expected[cells[0]]);
        norwegian += usize::from(row.iter().any(|cell| cell.contains(['æ', 'ø', 'å'])));
    }
    assert!(norwegian > 10, "no Norwegian letters were tested");
    assert_eq!(simulator.rows("contacts").unwrap(), 303);
}

/// A cell without the apostrophe that keeps spreadsheets from running it. No text of the simulator
/// begins with an apostrophe of its own.
fn undefused(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

#[tokio::test]
async fn an_export_can_be_cut_to_fields_and_written_to_a_file() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    good(&terminal, &["sync"]).await;
    let arguments = [
        "export",
        "certifications",
        "--source",
        "copy",
        "--fields",
        "fee,status",
    ];
    let arguments = [&arguments[..], &["--delimiter", ",", "--output", "out.csv"]].concat();
    let export = good(&terminal, &arguments).await;
    assert_eq!(export.data, "");
    assert!(export.words.contains("60 rows"), "{export:?}");
    let text = std::fs::read_to_string(terminal.folder.path().join("out.csv")).unwrap();
    assert!(
        text.starts_with("\u{feff}\"id\",\"fee\",\"status\"\r\n"),
        "{text}"
    );
    assert_eq!(text.matches("\r\n").count(), 61);
}

#[tokio::test]
async fn a_full_sync_reads_every_row_again_and_a_reconcile_compares_every_key() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    good(&terminal, &["sync"]).await;
    let pulled = async |mode| {
        let ran = good(&terminal, &["sync", "--mode", mode, "--json"]).await;
        let ran: Value = serde_json::from_str(&ran.data).unwrap();
        let counts = |stream: &Value| stream["pulled"].as_u64().unwrap();
        let streams = ran["streams"].as_array().unwrap();
        streams.iter().map(counts).collect::<Vec<_>>()
    };
    assert_eq!(pulled("full").await, [300, 60]);
    assert_eq!(pulled("reconcile").await, [0, 0]);
    let shown = good(&terminal, &["cursor", "show", "members", "--json"]).await;
    let shown: Value = serde_json::from_str(&shown.data).unwrap();
    assert_eq!(shown["cursor"]["generation"], 2);
    assert_eq!(shown["cursor"]["walk"]["ended"], true);
}
