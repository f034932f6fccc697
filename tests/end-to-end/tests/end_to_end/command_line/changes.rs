//! `changes`: what the app wants made in Dynamics, and what a person decides about it.

use serde_json::{Map, Value, json};

use super::cursor::assert_tells;
use crate::support::{Dynamics, STREAMS, StateFile, Terminal};

const TABLE: &str = "hlf_certifications";
/// The first certification of the simulated Dynamics.
const CODE: &str = "M-1001";

/// The stream file with certifications that go both ways and expire.
pub(crate) fn both_ways(conflict: &str) -> String {
    let pulled = "direction = \"pull\"\nkey ";
    let pushed = format!("conflict = \"{conflict}\"\ndirection = \"both\"\nkey ");
    assert_eq!(STREAMS.matches(pulled).count(), 1);
    let expiry = "[stream.expiry]\ndate = \"valid_to\"\nfrom = { status = \"active\" }\nset = { status = \"expired\", portal_visible = false }\n";
    format!("{}\n{expiry}", STREAMS.replace(pulled, &pushed))
}

/// A comment by the app.
pub(crate) fn comment(text: &str) -> Value {
    let key = json!({"mentor_code": CODE});
    let fields = json!({"comment": text});
    json!({"stream": "certifications", "operation": "update", "key": key, "fields": fields})
}

/// A terminal whose certifications go both ways and are loaded; nothing expires.
async fn ready(dynamics: &Dynamics) -> (Terminal, String) {
    let terminal = Terminal::of(dynamics);
    let streams = both_ways("hold");
    let streams = streams[..streams.find("[stream.expiry]").unwrap()].to_owned();
    terminal.write("streams.toml", &streams);
    assert_tells(&terminal.run(&["sync"]).await, 0, &[]);
    (terminal, streams)
}

/// The app comments; the change's id is answered.
async fn commented(terminal: &Terminal, streams: &str, text: &str) -> String {
    let state = StateFile::of(terminal).await;
    state.hand_in(streams, &comment(text)).await
}

/// What Dynamics has of the certification.
fn row(dynamics: &Dynamics) -> Map<String, Value> {
    let mut rows = dynamics.simulator.truth(TABLE).unwrap();
    rows.find(|row| row["hlf_mentorcode"] == CODE).unwrap()
}

fn comment_in_dynamics(dynamics: &Dynamics, text: &str) {
    let id = row(dynamics)["hlf_certificationid"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let values = Map::from_iter([("hlf_comment".to_owned(), json!(text))]);
    assert!(dynamics.simulator.update(TABLE, id, values).unwrap());
}

/// The numbers of changes that `status` tells of the certifications.
async fn counts(terminal: &Terminal) -> Value {
    let status = terminal.run(&["status", "--json"]).await;
    let status: Value = serde_json::from_str(&status.data).unwrap();
    status["streams"][1]["changes"].clone()
}

#[tokio::test]
async fn a_change_waits_with_its_values_shown_only_when_asked_and_is_made_by_the_next_sync() {
    let dynamics = Dynamics::start().await;
    let (mut terminal, streams) = ready(&dynamics).await;
    let list = ["changes", "list"];
    assert_tells(&terminal.run(&list).await, 0, &["There are no changes."]);
    let none = terminal.run(&[&list[..], &["--json"]].concat()).await;
    assert_eq!(
        serde_json::from_str::<Value>(&none.data).unwrap(),
        json!([])
    );

    let id = commented(&terminal, &streams, "Moved to Bergen.").await;
    let shown = terminal.run(&["changes", "show", &id]).await;
    let parts = [
        "waiting",
        "mentor_code M-1001",
        "Moved to Bergen.",
        "the app, with the key `app`",
    ];
    assert_tells(&shown, 0, &parts);
    let shown = terminal.run(&["changes", "show", &id, "--json"]).await;
    let shown: Value = serde_json::from_str(&shown.data).unwrap();
    assert_eq!(shown["fields"]["comment"], "Moved to Bergen.");
    for arguments in [&list[..], &["changes", "list", "--json"], &["status"]] {
        let finished = terminal.run(arguments).await;
        assert_tells(&finished, 0, &["certifications", "waiting"]);
        assert!(!finished.data.contains("Bergen"), "{finished:?}");
    }
    let held = [
        "changes",
        "list",
        "--status",
        "held",
        "--stream",
        "certifications",
    ];
    let parts = ["No change of stream `certifications` is held."];
    assert_tells(&terminal.run(&held).await, 0, &parts);
    assert_eq!(
        counts(&terminal).await,
        json!({"waiting": 1, "held": 0, "refused": 0})
    );

    assert_tells(
        &terminal.run(&["sync"]).await,
        0,
        &["to Dynamics", "pushed"],
    );
    assert_eq!(row(&dynamics)["hlf_comment"], "Moved to Bergen.");
    terminal.unset("DYNAMICS_CLIENT_SECRET");
    assert_tells(&terminal.run(&list).await, 0, &[&id, "applied"]);
    assert_eq!(
        counts(&terminal).await,
        json!({"waiting": 0, "held": 0, "refused": 0})
    );
}

#[tokio::test]
async fn a_refused_change_is_listed_with_the_reason_and_can_be_tried_again_or_dropped_once() {
    let dynamics = Dynamics::start().await;
    let (terminal, streams) = ready(&dynamics).await;
    let before = row(&dynamics);
    let id = commented(&terminal, &streams, &"too long ".repeat(200)).await;
    assert_tells(&terminal.run(&["sync"]).await, 0, &["refused"]);
    let refused = ["changes", "list", "--status", "refused"];
    let parts = [&id, "refused", "hlf_comment", "longer than 1000"];
    let listed = terminal.run(&refused).await;
    assert_tells(&listed, 0, &parts);
    let widest = listed.data.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{listed:?}");
    assert_eq!(counts(&terminal).await["refused"], 1);

    let retried = terminal.run(&["changes", "retry", &id, "--yes"]).await;
    assert_tells(&retried, 0, &["waits again"]);
    assert_eq!(counts(&terminal).await["waiting"], 1);
    assert_tells(&terminal.run(&["sync"]).await, 0, &["refused"]);
    let drop = ["changes", "drop", &id, "--yes"];
    assert_tells(&terminal.run(&drop).await, 0, &["is dropped"]);
    assert_tells(&terminal.run(&drop).await, 1, &["the change is dropped"]);
    assert_tells(&terminal.run(&["sync"]).await, 0, &[]);
    assert_eq!(row(&dynamics), before);
}

#[tokio::test]
async fn a_held_change_is_shown_with_both_sides_and_decided_for_one_of_them() {
    for (decision, state, stands) in [
        ("keep-app", "waiting", "Moved to Bergen."),
        ("keep-dynamics", "superseded", "Stays in Oslo."),
    ] {
        let dynamics = Dynamics::start().await;
        let (terminal, streams) = ready(&dynamics).await;
        let id = commented(&terminal, &streams, "Moved to Bergen.").await;
        comment_in_dynamics(&dynamics, "Stays in Oslo.");
        assert_tells(&terminal.run(&["sync"]).await, 0, &["held"]);
        let shown = terminal.run(&["changes", "show", &id]).await;
        let parts = [
            "held",
            "Moved to Bergen.",
            "Stays in Oslo.",
            "both sides changed",
        ];
        assert_tells(&shown, 0, &parts);
        let decided = terminal
            .run(&["changes", decision, &id, "--yes", "--json"])
            .await;
        assert_eq!(decided.code, 0, "{decided:?}");
        let decided: Value = serde_json::from_str(&decided.data).unwrap();
        assert_eq!(decided["state"], state);
        assert_tells(&terminal.run(&["sync"]).await, 0, &[]);
        assert_eq!(row(&dynamics)["hlf_comment"], stands);
        assert_eq!(counts(&terminal).await["held"], 0);
    }
}

#[tokio::test]
async fn what_cannot_be_decided_changes_nothing_and_says_why() {
    let dynamics = Dynamics::start().await;
    let (terminal, streams) = ready(&dynamics).await;
    let id = commented(&terminal, &streams, "Moved to Bergen.").await;
    for decision in ["retry", "drop", "keep-app", "keep-dynamics"] {
        let unasked = terminal.run(&["changes", decision, &id]).await;
        assert_tells(&unasked, 2, &["--yes", "help"]);
    }
    for decision in ["retry", "keep-app", "keep-dynamics"] {
        let waiting = terminal.run(&["changes", decision, &id, "--yes"]).await;
        assert_tells(&waiting, 1, &["the change is waiting"]);
    }
    let nowhere = "6489ca04-1cc1-4620-9dc9-c6249a530452";
    for arguments in [
        &["changes", "show", nowhere][..],
        &["changes", "show", "no-id"],
        &["changes", "drop", nowhere, "--yes"],
    ] {
        let unknown = terminal.run(arguments).await;
        assert_tells(&unknown, 1, &["no change with this id"]);
    }
    let stream = terminal
        .run(&["changes", "list", "--stream", "member"])
        .await;
    assert_tells(&stream, 1, &["did you mean `members`?"]);
    let status = terminal.run(&["changes", "list", "--status", "gone"]).await;
    assert_tells(&status, 2, &["waiting, applied", "refused"]);
    assert_eq!(counts(&terminal).await["waiting"], 1);
}

#[tokio::test]
async fn a_dry_run_shows_field_by_field_what_each_side_would_get_and_writes_nothing() {
    let dynamics = Dynamics::start().await;
    let (terminal, streams) = ready(&dynamics).await;
    let id = commented(&terminal, &streams, "Moved to Bergen.").await;
    let before = row(&dynamics);
    let row_id = before["hlf_certificationid"].as_str().unwrap();
    let was = before["hlf_comment"].as_str().unwrap_or("(empty)");

    let dry = ["sync", "--dry-run"];
    let shown = terminal.run(&dry).await;
    let head = format!("certifications {row_id}: changed in Dynamics");
    let field = format!("    comment: {was} -> Moved to Bergen.");
    assert_tells(
        &shown,
        0,
        &[&head, &field, "a dry run: nothing was written"],
    );
    let told = terminal.run(&[&dry[..], &["--json"]].concat()).await;
    let told: Value = serde_json::from_str(&told.data).unwrap();
    let difference = &told["differences"][0];
    assert_eq!(difference["side"], "dynamics");
    let to = &difference["what"]["changed"]["comment"]["to"];
    assert_eq!(
        (to, &told["report"]["streams"][1]["pushed"]),
        (&json!("Moved to Bergen."), &json!(1))
    );

    assert!(before == row(&dynamics), "Dynamics was written");
    let change = terminal.run(&["changes", "show", &id, "--json"]).await;
    let change: Value = serde_json::from_str(&change.data).unwrap();
    assert_eq!(change["state"], "waiting");
}

#[tokio::test]
async fn the_id_of_a_change_stays_whole_on_narrow_and_wide_terminals() {
    let dynamics = Dynamics::start().await;
    let (mut terminal, streams) = ready(&dynamics).await;
    let id = commented(&terminal, &streams, "Moved to Bergen.").await;
    comment_in_dynamics(&dynamics, "Moved to Bodø.");
    let synced = terminal.run(&["sync"]).await;
    assert_tells(&synced, 0, &[]);
    for columns in [60, 120] {
        terminal.set("COLUMNS", &columns.to_string());
        for command in ["list", "show"] {
            let arguments = ["changes", command, &id];
            let arguments = &arguments[..if command == "list" { 2 } else { 3 }];
            let finished = terminal.run(arguments).await;
            assert_tells(&finished, 0, &[&id, "held", "both sides changed comment"]);
            let widest = finished.data.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(columns), "{widest:?}: {finished:?}");
        }
    }
}
