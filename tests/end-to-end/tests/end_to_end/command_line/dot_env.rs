//! Variables from the file `.env` of the working folder.

use std::fs;

use super::copy::good;
use super::cursor::assert_tells;
use crate::support::{Dynamics, STREAMS, Terminal};

/// A terminal whose variables stand in its `.env`.
fn filed(dynamics: &Dynamics) -> Terminal {
    let terminal = Terminal::bare();
    terminal.write("streams.toml", STREAMS);
    let settings = dynamics.settings();
    let lines = settings
        .iter()
        .map(|(name, value)| format!("export {name}='{value}'\n"));
    let text = lines.collect::<String>() + "# the file\nSYNC_STREAMS=streams.toml\n";
    terminal.write(".env", &text);
    terminal
}

#[tokio::test]
async fn what_is_in_the_file_need_not_be_set_and_what_is_set_comes_first() {
    let dynamics = Dynamics::start().await;
    let mut terminal = filed(&dynamics);
    good(&terminal, &["sync"]).await;
    terminal.set("DYNAMICS_CLIENT_SECRET", "wro~ng.8Q");
    let finished = terminal.run(&["discover"]).await;
    assert_tells(&finished, 1, &["AADSTS7000215"]);
}

#[tokio::test]
async fn a_line_that_is_malformed_is_told_by_its_number_and_nothing_of_it_is_shown() {
    let dynamics = Dynamics::start().await;
    let terminal = filed(&dynamics);
    let path = terminal.folder.path().join(".env");
    let text = fs::read_to_string(&path).unwrap() + "DYNAMICS_CLIENT_SECRET hunter2\n";
    fs::write(&path, text).unwrap();
    let finished = terminal.run(&["sync"]).await;
    assert_tells(&finished, 1, &[".env", "line 8", "NAME=value"]);
    assert!(!finished.words.contains("hunter2"), "{finished:?}");
    assert!(!terminal.folder.path().join("dynamics-sync.db").exists());
    // What needs no settings does not care.
    good(&terminal, &["completions", "bash"]).await;
}

#[tokio::test]
async fn the_file_of_the_folder_above_is_not_read() {
    let dynamics = Dynamics::start().await;
    let above = filed(&dynamics);
    let below = above.folder.path().join("below");
    fs::create_dir(&below).unwrap();
    let mut terminal = Terminal::bare();
    terminal.folder = tempfile::tempdir_in(&below).unwrap();
    let finished = terminal.run(&["discover"]).await;
    assert_tells(&finished, 1, &["DYNAMICS_TENANT_ID", "missing"]);
}

#[tokio::test]
async fn a_folder_of_that_name_is_none_of_our_business() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    fs::create_dir(terminal.folder.path().join(".env")).unwrap();
    good(&terminal, &["status"]).await;
}
