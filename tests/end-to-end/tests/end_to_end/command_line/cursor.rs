//! What `cursor show`, `status` and `sync` tell about a stream.

use aws_sdk_dynamodb::types::AttributeValue;
use clock::{Clock, SystemClock};
use serde_json::Value;
use sync_store::Acquired;

use crate::support::{Dynamics, Finished, STREAMS, StateFile, Terminal};

/// Fails unless the command ended with `code` and has every one of `parts` in what it wrote, wherever its lines
/// are broken.
#[track_caller]
pub(super) fn assert_tells(finished: &Finished, code: i32, parts: &[&str]) {
    assert_eq!(finished.code, code, "{finished:?}");
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = one_line(&format!("{} {}", finished.data, finished.words));
    for part in parts {
        let told = all.contains(&one_line(part));
        assert!(told, "no `{part}` in: {}{}", finished.data, finished.words);
    }
}

/// A terminal whose streams are loaded.
pub(super) async fn loaded(dynamics: &Dynamics) -> Terminal {
    let terminal = Terminal::of(dynamics);
    assert_tells(&terminal.run(&["sync"]).await, 0, &[]);
    terminal
}

#[tokio::test]
async fn show_tells_how_far_a_stream_has_been_read_without_stream_file_or_dynamics() {
    let dynamics = Dynamics::start().await;
    let mut terminal = loaded(&dynamics).await;
    for name in ["SYNC_STREAMS", "DYNAMICS_CLIENT_SECRET"] {
        terminal.unset(name);
    }
    let shown = terminal.run(&["cursor", "show", "members"]).await;
    let parts = [
        " old, as of 20",
        "settled; the next run reads what changed",
        "by change tracking",
        "free; fencing number 1",
        "nothing is stopped",
        "no rows",
    ];
    assert_tells(&shown, 0, &parts);
    let json = terminal.run(&["cursor", "show", "members", "--json"]).await;
    for text in [&shown.data, &json.data] {
        dynamics.assert_nothing_leaks(text);
        assert!(!text.contains("http") && !text.contains("token"), "{text}");
    }
    let json: Value = serde_json::from_str(&json.data).unwrap();
    assert_eq!(json["cursor"]["position"]["state"], "settled");
    assert_eq!(json["cursor"]["generation"], 1);
    assert_eq!(json["cursor"]["kind"], "change_tracking");
    assert_eq!(json["cursor_error"], Value::Null);
    assert_eq!(json["guarded"], Value::Null);
    assert_eq!(json["quarantined"], 0);
}

#[tokio::test]
async fn a_stream_that_was_never_read_is_shown_as_such() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let shown = terminal.run(&["cursor", "show", "members"]).await;
    assert_tells(&shown, 0, &["not loaded", "the next run reads everything"]);
}

#[tokio::test]
async fn a_damaged_cursor_is_told_with_its_cure_and_everything_else_is_shown() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let damage = AttributeValue::S("x".to_owned());
    let state = StateFile::of(&terminal).await;
    state.damage("members", "cursor", damage).await;
    drop(state);

    let show = ["cursor", "show", "members"];
    let shown = terminal.run(&show).await;
    let parts = [
        "the cursor cannot be read",
        "`dynamics-sync cursor reset members`",
        " old, as of 20",
        "free; fencing number",
        "no rows",
    ];
    assert_tells(&shown, 0, &parts);
    let json = terminal.run(&[&show[..], &["--json"]].concat()).await;
    let json: Value = serde_json::from_str(&json.data).unwrap();
    assert_eq!(json["cursor"], Value::Null);
    assert!(json["cursor_error"].is_string(), "{json}");

    let status = terminal.run(&["status"]).await;
    assert_tells(&status, 0, &["members: cannot read", "certifications"]);
    let reset = terminal.run(&["cursor", "reset", "members", "--yes"]);
    assert_tells(&reset.await, 0, &[]);
    assert_tells(&terminal.run(&["sync"]).await, 0, &["read again"]);
}

#[tokio::test]
async fn a_cursor_of_a_newer_release_is_told_and_not_reset() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let newer = AttributeValue::N("99".to_owned());
    let state = StateFile::of(&terminal).await;
    state.damage("members", "format", newer).await;
    drop(state);
    let shown = terminal.run(&["cursor", "show", "members"]).await;
    assert_tells(&shown, 0, &["newer form", " old, as of 20", "no rows"]);
    assert!(!shown.data.contains("cursor reset"), "{shown:?}");
    let reset = terminal.run(&["cursor", "reset", "members", "--yes"]);
    assert_tells(&reset.await, 1, &["newer form"]);
}

#[tokio::test]
async fn a_run_that_holds_the_stream_is_shown_and_keeps_it_from_being_reset() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let state = StateFile::of(&terminal).await;
    let now = SystemClock.now();
    let acquired = state.store.acquire("members", "night-1", now).await;
    assert!(matches!(acquired.unwrap(), Acquired::Granted { .. }));
    drop(state);

    let shown = terminal.run(&["cursor", "show", "members"]).await;
    assert_tells(&shown, 0, &["run `night-1`, until 20"]);
    let reset = terminal.run(&["cursor", "reset", "members", "--yes"]);
    let parts = ["run `night-1` holds stream `members` until 20", "nothing"];
    assert_tells(&reset.await, 1, &parts);
    let shown = terminal.run(&["cursor", "show", "members"]).await;
    assert_tells(&shown, 0, &["settled"]);
}

#[tokio::test]
async fn an_unknown_stream_is_told_with_those_that_there_are() {
    let dynamics = Dynamics::start().await;
    let mut terminal = loaded(&dynamics).await;
    let show = ["cursor", "show", "member"];
    let names = ["no stream `member`", "members", "certifications"];
    assert_tells(&terminal.run(&show).await, 1, &names);
    terminal.unset("SYNC_STREAMS");
    assert_tells(&terminal.run(&show).await, 1, &names);
    for command in ["reset", "release"] {
        let finished = terminal.run(&["cursor", command, "member", "--yes"]).await;
        assert_tells(&finished, 1, &names);
    }
    let nothing = Terminal::bare().run(&show).await;
    assert_tells(&nothing, 1, &["no stream `member`", "--streams"]);
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_counted_and_listed_with_the_reason() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let without = STREAMS.replace(", suspended = 3", "");
    assert_ne!(without, STREAMS);
    terminal.write("streams.toml", &without);
    let truth = dynamics.simulator.truth("hlf_certifications").unwrap();
    let unreadable: Vec<Value> = truth
        .filter(|row| row["hlf_status"] == 3)
        .map(|row| row["hlf_certificationid"].clone())
        .collect();
    assert!(unreadable.len() > 1, "nothing to quarantine");

    let ran = terminal.run(&["sync"]).await;
    assert_tells(&ran, 0, &["quarantined"]);
    assert!(!ran.data.contains("repaired"), "{ran:?}");
    let many = format!("{} rows cannot be read", unreadable.len());
    assert_tells(&terminal.run(&["status"]).await, 0, &[&many]);
    let show = ["cursor", "show", "certifications"];
    let shown = terminal.run(&show).await;
    assert_tells(&shown, 0, &[&many, "its choice is not in"]);
    let json = terminal.run(&[&show[..], &["--json"]].concat()).await;
    let json: Value = serde_json::from_str(&json.data).unwrap();
    let rows = json["quarantined_rows"].as_array().unwrap();
    let mut ids: Vec<Value> = rows.iter().map(|row| row["id"].clone()).collect();
    ids.sort_by_key(ToString::to_string);
    let mut expected = unreadable;
    expected.sort_by_key(ToString::to_string);
    assert_eq!(ids, expected);
}
