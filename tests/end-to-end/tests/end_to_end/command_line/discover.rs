//! `discover`, as a person runs it.

use serde_json::Value;
use streams::StreamFile;

use crate::support::{Dynamics, Terminal};

#[tokio::test]
async fn the_tables_are_listed_with_their_rows() {
    let dynamics = Dynamics::start().await;
    let finished = Terminal::of(&dynamics).run(&["discover"]).await;
    assert_eq!(finished.code, 0, "{finished:?}");
    let contacts = finished
        .data
        .lines()
        .find(|line| line.contains(" contacts "))
        .unwrap();
    assert!(contacts.contains("300"), "{contacts}");
    assert_eq!(finished.words, "");
}

#[tokio::test]
async fn only_the_tables_that_are_named_are_asked_about() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let finished = terminal
        .run(&["discover", "hlf_certifications", "--json"])
        .await;
    let told: Value = serde_json::from_str(&finished.data).unwrap();
    assert_eq!(told["tables"][0]["table"], "hlf_certifications");
    let requests = dynamics.simulator.requests();
    // The token, and what is told of the library's own test.
    assert!(requests.total <= 18, "{}", requests.total);
    let metadata = requests
        .last
        .iter()
        .filter(|one| one.target.contains("EntityDefinitions"));
    assert!(
        metadata
            .clone()
            .all(|one| !one.target.contains("%27contact%27)/"))
    );
    assert!(metadata.count() > 5);
}

#[tokio::test]
async fn the_stream_file_that_it_writes_can_be_synced_without_editing() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let tables = ["contacts", "hlf_certifications"];
    let found = terminal
        .run(&[&["discover"], &tables[..], &["--toml"]].concat())
        .await;
    assert_eq!(found.code, 0, "{found:?}");
    StreamFile::parse(&found.data, "found.toml").unwrap();
    terminal.write("found.toml", &found.data);
    let synced = terminal.run(&["sync", "--streams", "found.toml"]).await;
    assert_eq!(synced.code, 0, "{synced:?}");
}

#[tokio::test]
async fn a_table_that_is_not_there_ends_with_1_and_the_nearest_is_named() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let finished = terminal.run(&["discover", "contact"]).await;
    assert_eq!(finished.code, 1, "{finished:?}");
    assert_eq!(
        finished.words,
        "error: there is no table `contact`; did you mean `contacts`?\n"
    );
    assert_eq!(terminal.run(&["discover", "--toml"]).await.code, 2);
}

#[tokio::test]
async fn names_of_columns_stay_whole_on_a_narrow_terminal() {
    let dynamics = Dynamics::start().await;
    for (columns, width) in [("60", 60), ("120", 120)] {
        let mut terminal = Terminal::of(&dynamics);
        terminal.set("COLUMNS", columns);
        let finished = terminal.run(&["discover", "hlf_certifications"]).await;
        let widest = finished.data.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{widest:?}: {finished:?}");
        assert!(
            finished.data.contains("hlf_certificationid "),
            "{finished:?}"
        );
    }
}
