//! What is wrong with what a person gives is said once, in plain words, with what to do; and nothing is changed.

use std::fs;
use std::net::TcpListener;

use super::copy::good;
use super::cursor::assert_tells;
use crate::support::{Dynamics, Finished, STREAMS, Terminal};

/// Runs a sync of a stream file in which `this` stands in place of `that`.
async fn synced_with(dynamics: &Dynamics, that: &str, this: &str) -> Finished {
    let terminal = Terminal::of(dynamics);
    assert!(STREAMS.contains(that), "{that}");
    terminal.write("streams.toml", &STREAMS.replace(that, this));
    let finished = terminal.run(&["sync"]).await;
    let status = good(&terminal, &["status"]).await;
    assert!(status.data.contains("not loaded"), "{status:?}");
    finished
}

#[tokio::test]
async fn an_unknown_table_is_told_with_the_nearest_and_the_other_stream_completes() {
    let dynamics = Dynamics::start().await;
    for misspelt in ["\"hlf_certification\"", "\"hlf_certificatons\""] {
        let finished = synced_with(&dynamics, "\"hlf_certifications\"", misspelt).await;
        let told = finished.words.lines().next().unwrap_or_default();
        assert!(told.starts_with("certifications: "), "{finished:?}");
        assert!(
            told.contains("Dataverse knows no such table"),
            "{finished:?}"
        );
        assert!(
            told.ends_with("Did you mean `hlf_certifications`?"),
            "{finished:?}"
        );
        assert_eq!(finished.words.lines().count(), 1, "{finished:?}");
        assert!(finished.data.contains("complete"), "{finished:?}");
        assert_eq!(finished.code, 3, "{finished:?}");
    }
}

#[tokio::test]
async fn an_unknown_column_is_told_with_the_nearest_before_anything_is_read() {
    let dynamics = Dynamics::start().await;
    let finished = synced_with(&dynamics, "\"hlf_validto\"", "\"hlf_valid_to\"").await;
    assert_eq!(finished.code, 3, "{finished:?}");
    assert_eq!(
        finished.words,
        "certifications: stream `certifications` does not fit table `hlf_certifications` in Dynamics: field \
         `valid_to`: the table has no column `hlf_valid_to`. Did you mean `hlf_validto`?\n"
    );
}

#[tokio::test]
async fn a_stream_file_of_a_newer_release_is_told_as_such() {
    let terminal = Terminal::bare();
    terminal.write(
        "newer.toml",
        &format!("version = 2\nkeep = true\n{STREAMS}"),
    );
    let finished = terminal.run(&["status", "--streams", "newer.toml"]).await;
    assert_tells(
        &finished,
        1,
        &["newer.toml:1:11", "newer release", "Update Dynamics Sync"],
    );
    assert!(!finished.words.contains("keep"), "{finished:?}");
    assert!(!terminal.folder.path().join("dynamics-sync.db").exists());
}

#[tokio::test]
async fn a_stream_file_that_cannot_be_read_is_told_by_its_path() {
    let terminal = Terminal::bare();
    fs::create_dir(terminal.folder.path().join("folder.toml")).unwrap();
    fs::write(
        terminal.folder.path().join("latin.toml"),
        b"name = \"\xe5\"",
    )
    .unwrap();
    for name in ["nowhere.toml", "folder.toml", "latin.toml"] {
        let finished = terminal.run(&["status", "--streams", name]).await;
        let parts = [&*format!("cannot read the stream file {name}"), "--streams"];
        assert_tells(&finished, 1, &parts);
        assert_eq!(finished.words.lines().count(), 1, "{finished:?}");
    }
}

#[tokio::test]
async fn a_state_file_that_is_damaged_is_told_and_left_as_it_is() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    good(&terminal, &["sync"]).await;
    let whole = fs::read(terminal.folder.path().join("dynamics-sync.db")).unwrap();
    let half = whole.get(..whole.len() / 2).unwrap();
    let damaged: [(&str, &[u8], &str); 2] = [
        ("half.db", half, "it is damaged"),
        (
            "other.db",
            b"members;email\r\nKari;kari@example.no\r\n",
            "it is no state file, or it is damaged",
        ),
    ];
    for (name, bytes, why) in damaged {
        let path = terminal.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let finished = terminal.run(&["sync", "--state", name]).await;
        let told = format!(
            "error: cannot open the state file {name}: {why}. Check --state, or move the file away to start with \
             an empty one\n"
        );
        assert_eq!((finished.code, &finished.words), (1, &told));
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name} was changed");
    }
}

#[tokio::test]
async fn a_state_file_without_a_folder_or_that_is_one_is_told_as_such() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let finished = terminal.run(&["sync", "--state", "kept/copy.db"]).await;
    assert_eq!(
        (finished.code, finished.words.as_str()),
        (
            1,
            "error: cannot make the state file kept/copy.db: there is no folder kept. Make it, or check --state\n"
        )
    );
    assert!(!terminal.folder.path().join("kept").exists());
    fs::create_dir(terminal.folder.path().join("kept")).unwrap();
    let finished = terminal.run(&["sync", "--state", "kept"]).await;
    assert_tells(
        &finished,
        1,
        &["cannot open the state file kept: it is no file"],
    );
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_by_entras_code_with_what_to_do() {
    let dynamics = Dynamics::start().await;
    let mut terminal = Terminal::of(&dynamics);
    terminal.set("DYNAMICS_CLIENT_SECRET", "wro~ng.8Q");
    for command in [&["sync"][..], &["export", "members"], &["discover"]] {
        let finished = terminal.run(command).await;
        assert_ne!(finished.code, 0, "{command:?}: {finished:?}");
        assert!(
            finished.words.contains("AADSTS7000215"),
            "{command:?}: {finished:?}"
        );
        assert!(
            finished.words.contains("client secret"),
            "{command:?}: {finished:?}"
        );
        assert!(
            !finished.words.contains("wro~ng.8Q"),
            "{command:?}: {finished:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_application_is_told_by_entras_code() {
    let dynamics = Dynamics::start().await;
    let mut terminal = Terminal::of(&dynamics);
    terminal.set("DYNAMICS_CLIENT_ID", "11111111-2222-3333-4444-555555555555");
    let finished = terminal.run(&["discover"]).await;
    assert_tells(&finished, 1, &["AADSTS700016", "application"]);
}

#[tokio::test]
async fn without_a_network_the_host_that_does_not_answer_is_named() {
    let dynamics = Dynamics::start().await;
    // Nobody listens there any more.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let told = async |address: &str| {
        let mut terminal = Terminal::of(&dynamics);
        // The token comes first, so that its host is the one that is missed.
        terminal.set("AZURE_AUTHORITY_HOST", address);
        let finished = terminal.run(&["discover"]).await;
        assert_tells(&finished, 1, &["Entra could not be reached", "network"]);
        assert!(
            finished.words.ends_with("or try again later.\n"),
            "{finished:?}"
        );
        assert_eq!(finished.words.lines().count(), 1, "{finished:?}");
        assert_eq!(finished.data, "");
    };
    // At once: each is tried again for most of a minute.
    tokio::join!(told(&nobody), told("https://entra.invalid"));
}

#[tokio::test]
async fn a_second_sync_of_the_same_state_file_is_told_who_has_it_and_the_first_completes() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let first = super::interrupted::waiting_sync(&dynamics, &terminal).await;
    let second = terminal.run(&["sync", "--stream", "members"]).await;
    assert_eq!(second.code, 3, "{second:?}");
    assert!(
        second.words.starts_with("members: run `terminal-"),
        "{second:?}"
    );
    assert!(
        second.words.contains(" holds the stream until 20"),
        "{second:?}"
    );
    dynamics.simulator.clear_faults();
    let first = first.end().await;
    assert_eq!(first.code, 0, "{first:?}");
}
