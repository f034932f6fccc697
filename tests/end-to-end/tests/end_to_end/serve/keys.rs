//! The keys of this machine.

use reqwest::Method;
use serde_json::Value;

use super::hosted::{Hosted, told};
use crate::support::{Dynamics, Terminal};

const FILE: &str = "dynamics-sync.keys.json";

#[tokio::test]
async fn the_first_host_makes_a_key_and_shows_it_once_and_the_file_does_not_have_it() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let hosted = Hosted::first(&terminal).await;
    assert!(hosted.key.starts_with("dsk_") && hosted.key.len() == 47);
    assert_eq!(told(hosted.own(&Method::GET, "/changes")).await.0, 200);
    let file = terminal.folder.path().join(FILE);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("\"local\"") && !text.contains(&hosted.key),
        "{text}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let key = hosted.key.clone();
    assert_eq!(hosted.started.interrupt().await, Some(0));

    let another = Hosted::another(&terminal).await;
    let call = another.call(&Method::GET, "/changes");
    assert_eq!(told(call.basic_auth("local", Some(key))).await.0, 200);
}

#[tokio::test]
async fn a_new_key_is_good_at_once_beside_the_old_one_of_its_name_and_one_taken_out_is_not() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let new = [
        "keys", "new", "app", "--scope", "read", "--scope", "changes",
    ];
    let old = terminal.run(&new).await;
    assert_eq!(old.code, 0, "{old:?}");
    let before = std::fs::read_to_string(terminal.folder.path().join(FILE)).unwrap();
    let hosted = Hosted::another(&terminal).await;
    let json = terminal.run(&[&new[..], &["--json"]].concat()).await.data;
    let shown: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(shown["name"], "app");
    assert_eq!(
        shown["entry"]["scopes"],
        serde_json::json!(["read", "changes"])
    );
    let new = shown["key"].as_str().unwrap();
    let status = async |key: &str| {
        let call = hosted.call(&Method::GET, "/changes");
        told(call.basic_auth("app", Some(key))).await.0
    };
    assert_eq!(status(old.data.trim()).await, 200);
    assert_eq!(status(new).await, 200);
    terminal.write(FILE, &before);
    assert_eq!(status(old.data.trim()).await, 200);
    assert_eq!(status(new).await, 401);
}

#[tokio::test]
async fn a_damaged_keys_file_lets_nobody_in_is_not_written_over_and_not_quoted() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let hosted = Hosted::first(&terminal).await;
    let damaged = "{\"version\": 1, \"keys\": [{\"hunter2\": 1}]}";
    let file = terminal.write(FILE, damaged);
    let refused = (500, "failed".to_owned());
    assert_eq!(told(hosted.own(&Method::GET, "/changes")).await, refused);
    let new = terminal
        .run(&["keys", "new", "app", "--scope", "read"])
        .await;
    assert_eq!((new.code, new.data.as_str()), (1, ""), "{new:?}");
    assert!(
        new.words.contains(FILE) && new.words.contains("line 1"),
        "{new:?}"
    );
    assert!(!new.words.contains("hunter"), "{new:?}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), damaged);
}

#[tokio::test]
async fn a_key_without_a_scope_with_one_that_is_none_or_with_a_bad_name_is_not_made() {
    let terminal = Terminal::bare();
    for (arguments, code, expected) in [
        (&["keys", "new", "app"][..], 2, "--scope"),
        (&["keys", "new", "app", "--scope", "reed"], 2, "read"),
        (
            &["keys", "new", "a:b", "--scope", "read"],
            1,
            "the key's name is malformed",
        ),
    ] {
        let finished = terminal.run(arguments).await;
        assert_eq!(
            (finished.code, finished.data.as_str()),
            (code, ""),
            "{finished:?}"
        );
        assert!(finished.words.contains(expected), "{finished:?}");
    }
    assert!(!terminal.folder.path().join(FILE).exists());
}
