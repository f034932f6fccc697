//! The commands that need no Dynamics: the demo, and the simulator for a second terminal.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::process::Command;

use serde_json::Value;

use crate::support::{STREAMS, Terminal};

#[tokio::test]
async fn the_demo_fits_a_terminal_and_ends_well_with_two_sides_that_are_equal() {
    let terminal = Terminal::bare();
    let finished = terminal
        .run(&["demo", "--contacts", "300", "--certifications", "40"])
        .await;
    assert_eq!(finished.code, 0, "{finished:?}");
    let last = finished.data.lines().last().unwrap();
    assert!(last.contains("The copy equals Dynamics"), "{last}");
    for claim in [
        "ran out are hidden in the copy, and Dynamics now says so too",
        "The renewals and the suspension are in Dynamics",
        "both sides changed comment; decide which side stands",
        "Dynamics has the app's comment now.",
        "It wrote nothing, neither into the copy nor to Dynamics.",
        "it works, and one thing waits for a person",
    ] {
        assert!(finished.data.contains(claim), "no `{claim}`: {finished:?}");
    }
    let widest = finished.data.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{finished:?}");
    let left = std::fs::read_dir(terminal.folder.path()).unwrap().count();
    assert_eq!(left, 0, "the demo left files behind");
}

#[tokio::test]
async fn the_lines_that_simulate_prints_open_the_simulator_in_another_terminal() {
    let size = ["--contacts", "120", "--certifications", "30"];
    let here = Terminal::bare();
    let (running, lines) = here
        .start(&[&["simulate", "--port", "0"], &size[..]].concat(), 5)
        .await;

    let mut there = Terminal::bare();
    there.write("streams.toml", STREAMS);
    let variables = variables(&lines);
    for (name, value) in &variables {
        there.set(name, value);
    }
    let synced = there
        .run(&["sync", "--streams", "streams.toml", "--json"])
        .await;
    assert_eq!(synced.code, 0, "{synced:?}");
    let report: Value = serde_json::from_str(&synced.data).unwrap();
    let pulled = [
        &report["streams"][0]["pulled"],
        &report["streams"][1]["pulled"],
    ];
    assert_eq!(pulled, [120, 30]);

    drop(running);
    let address = variables["DYNAMICS_INSTANCE_URL"]
        .strip_prefix("http://")
        .unwrap();
    assert!(
        TcpStream::connect(address).is_err(),
        "the simulator outlived its command"
    );
}

/// What a shell makes of the lines.
fn variables(lines: &[String]) -> BTreeMap<String, String> {
    let script = format!("{}\nenv -0", lines.join("\n"));
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output();
    let output = String::from_utf8(output.unwrap().stdout).unwrap();
    let variables = output.split('\0').filter_map(|line| line.split_once('='));
    variables
        .filter(|(name, _)| name.starts_with("DYNAMICS_") || name.starts_with("AZURE_"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
