//! What only a person may change about a stream: start it again, release it, remove it.

use dynamics_simulator::Depth;
use futures::TryStreamExt;
use serde_json::Value;

use super::changes::{both_ways, comment};
use super::cursor::{assert_tells, loaded};
use crate::support::{CONTACTS, Dynamics, STREAMS, StateFile, Terminal};

/// The stream file without the members.
fn without_members() -> String {
    let members = STREAMS.find("[[stream]]").unwrap();
    let certifications = STREAMS.rfind("[[stream]]").unwrap();
    assert!(members < certifications);
    format!("{}{}", &STREAMS[..members], &STREAMS[certifications..])
}

async fn records(terminal: &Terminal, stream: &str) -> usize {
    let state = StateFile::of(terminal).await;
    let records: Vec<_> = state.store.records(stream).try_collect().await.unwrap();
    records.len()
}

#[tokio::test]
async fn without_a_terminal_and_without_yes_nothing_is_changed_and_it_ends_with_2() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    for command in ["reset", "release", "forget"] {
        let finished = terminal.run(&["cursor", command, "members"]).await;
        assert_tells(&finished, 2, &["--yes", "help"]);
        assert_eq!(finished.data, "");
    }
    let shown = terminal.run(&["cursor", "show", "members"]).await;
    assert_tells(&shown, 0, &["settled"]);
}

#[tokio::test]
async fn after_a_reset_the_next_run_reads_everything_again_and_says_why() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let before = records(&terminal, "members").await;
    let reset = ["cursor", "reset", "members", "--yes"];
    let parts = ["`members` was reset", "Nothing is lost"];
    assert_tells(&terminal.run(&reset).await, 0, &parts);
    assert_eq!(records(&terminal, "members").await, before);
    let again = terminal.run(&reset).await;
    assert_tells(&again, 0, &["no cursor to reset"]);

    let ran = terminal.run(&["sync", "--json"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran: Value = serde_json::from_str(&ran.data).unwrap();
    let pulled = ran["streams"][0]["pulled"].as_u64();
    assert_eq!(pulled, Some(CONTACTS), "{ran}");
    assert_eq!(ran["streams"][1]["pulled"], 0, "{ran}");
    let note = ran["streams"][0]["notes"][0].as_str().unwrap();
    assert!(note.contains("its cursor was gone"), "{note}");
    assert_eq!(records(&terminal, "members").await, before);
    let json = terminal.run(&["cursor", "show", "members", "--json"]).await;
    let json: Value = serde_json::from_str(&json.data).unwrap();
    assert_eq!(json["cursor"]["generation"], 2);
}

#[tokio::test]
async fn too_many_deletes_wait_for_a_release_and_then_the_sync_completes() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let before = records(&terminal, "members").await;
    dynamics.simulator.burst("contacts", 0, 0, 90).unwrap();

    let release = ["cursor", "release", "members"];
    let stopped = terminal.run(&["sync"]).await;
    let command = release.join(" ");
    assert_tells(&stopped, 3, &["guarded", "would vanish", &command]);
    assert_eq!(records(&terminal, "members").await, before);
    let status = terminal.run(&["status"]).await;
    assert_tells(&status, 0, &["members: guarded", &command]);
    let shown = terminal.run(&["cursor", "show", "members"]).await;
    assert_tells(&shown, 0, &["would vanish", &command]);

    let released = terminal.run(&[&release[..], &["--yes"]].concat()).await;
    let numbers = format!(" of {before} records of stream `members` may vanish");
    assert_tells(&released, 0, &[&numbers, "next run"]);
    let status = terminal.run(&["status", "--json"]).await;
    let status: Value = serde_json::from_str(&status.data).unwrap();
    assert_eq!(status["streams"][0]["guarded"]["released"], true);
    assert_eq!(records(&terminal, "members").await, before);

    assert_tells(&terminal.run(&["sync"]).await, 0, &["complete"]);
    let active = dynamics.active("contacts").len();
    assert!(active < before - before / 10, "too few were deleted");
    assert_eq!(records(&terminal, "members").await, active);
    let again = terminal.run(&[&release[..], &["--yes"]].concat()).await;
    assert_tells(&again, 1, &["nothing to release"]);
}

#[tokio::test]
async fn a_release_lets_both_what_would_vanish_and_what_has_expired_happen() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    terminal.write("streams.toml", &both_ways("hold"));
    // Most of what the simulated Dynamics is born with ran out long ago.
    let release = ["cursor", "release", "certifications"];
    let command = release.join(" ");
    let parts = [
        "would be written to Dynamics because they have expired",
        &command,
    ];
    assert_tells(&terminal.run(&["sync"]).await, 3, &parts);
    dynamics
        .simulator
        .burst("hlf_certifications", 0, 0, 20)
        .unwrap();
    assert_tells(&terminal.run(&["sync"]).await, 3, &["would vanish"]);
    let status = terminal.run(&["status"]).await;
    assert_tells(&status, 0, &["would vanish", parts[0], &command]);
    let show = ["cursor", "show", "certifications", "--json"];
    let shown = terminal.run(&show).await;
    let shown: Value = serde_json::from_str(&shown.data).unwrap();
    let (vanishing, expiries) = (&shown["guarded"], &shown["expiry_guarded"]);
    assert_eq!(vanishing["vanishing"], 20, "{shown}");
    assert_eq!(
        (&vanishing["of"], &expiries["of"]),
        (&60.into(), &60.into())
    );
    assert_eq!(expiries["released"], false);
    let expired = expiries["expiries"].as_u64().unwrap();

    let released = terminal.run(&[&release[..], &["--yes"]].concat()).await;
    let expired = format!("{expired} of 60 rows that have expired");
    assert_tells(&released, 0, &["20 of 60 records", "may vanish", &expired]);
    let shown = terminal.run(&show).await;
    let shown: Value = serde_json::from_str(&shown.data).unwrap();
    assert_eq!(shown["guarded"]["released"], true, "{shown}");
    assert_eq!(shown["expiry_guarded"]["released"], true, "{shown}");
    assert_tells(&terminal.run(&["sync"]).await, 0, &["pushed"]);
    assert_eq!(records(&terminal, "certifications").await, 40);
    let again = terminal.run(&[&release[..], &["--yes"]].concat()).await;
    assert_tells(&again, 1, &["nothing to release"]);
}

#[tokio::test]
async fn a_stream_that_is_forgotten_takes_its_waiting_changes_along_and_says_how_many() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let streams = both_ways("hold");
    terminal.write("streams.toml", &streams);
    terminal.run(&["sync"]).await;
    let state = StateFile::of(&terminal).await;
    state.hand_in(&streams, &comment("Moved.")).await;
    drop(state);
    let certifications = streams.rfind("[[stream]]").unwrap();
    terminal.write("streams.toml", &streams[..certifications]);
    let forget = ["cursor", "forget", "certifications", "--yes"];
    let parts = ["with 60 records and 1 change still to be made in Dynamics"];
    assert_tells(&terminal.run(&forget).await, 0, &parts);
}

#[tokio::test]
async fn a_narrowed_security_role_is_guarded_and_heals_without_a_release_once_it_is_mended() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let before = records(&terminal, "members").await;
    let contacts = "contacts".to_owned();
    dynamics.simulator.switch(|switches| {
        switches.read_depth.insert(contacts, Depth::Local);
    });
    assert_tells(&terminal.run(&["sync"]).await, 3, &["guarded"]);
    assert_eq!(records(&terminal, "members").await, before);
    dynamics
        .simulator
        .switch(|switches| switches.read_depth.clear());
    assert_tells(&terminal.run(&["sync"]).await, 0, &["complete"]);
    assert_eq!(records(&terminal, "members").await, before);
    let shown = terminal.run(&["cursor", "show", "members"]).await;
    assert_tells(&shown, 0, &["settled", "nothing is stopped"]);
}

#[tokio::test]
async fn a_stream_of_the_stream_file_is_not_forgotten() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let forgotten = terminal.run(&["cursor", "forget", "members", "--yes"]);
    assert_tells(&forgotten.await, 1, &["still in the stream file"]);
    assert!(records(&terminal, "members").await > 0);
}

#[tokio::test]
async fn a_stream_that_left_the_stream_file_is_named_until_it_is_forgotten_with_its_rows() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let before = records(&terminal, "members").await;
    terminal.write("streams.toml", &without_members());
    let forget = ["cursor", "forget", "members", "--yes"];
    let command = "dynamics-sync cursor forget members";
    assert_tells(&terminal.run(&["sync"]).await, 0, &[command]);
    assert_tells(&terminal.run(&["status"]).await, 0, &[command]);

    let forgotten = terminal.run(&forget).await;
    let removed = format!("`members` is removed, with {before} records");
    assert_tells(&forgotten, 0, &[&removed]);
    assert_eq!(records(&terminal, "members").await, 0);
    let status = terminal.run(&["status"]).await;
    assert_tells(&status, 0, &["certifications"]);
    assert!(!status.data.contains("members"), "{status:?}");
    let again = terminal.run(&forget).await;
    assert_tells(&again, 1, &["no stream `members`", "certifications"]);
}

#[tokio::test]
async fn a_stream_that_was_forgotten_and_is_wanted_again_is_loaded_again() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let before = records(&terminal, "members").await;
    terminal.write("streams.toml", &without_members());
    let forget = ["cursor", "forget", "members", "--yes", "--json"];
    let forgotten = terminal.run(&forget).await;
    assert_eq!(forgotten.code, 0, "{forgotten:?}");
    let forgotten: Value = serde_json::from_str(&forgotten.data).unwrap();
    assert_eq!(forgotten["records"].as_u64(), u64::try_from(before).ok());
    terminal.write("streams.toml", STREAMS);
    assert_tells(&terminal.run(&["sync"]).await, 0, &[]);
    assert_eq!(records(&terminal, "members").await, before);
}
