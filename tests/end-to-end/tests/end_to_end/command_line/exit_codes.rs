//! How a command ends, as an exit code and in words.

use serde_json::Value;

use crate::support::{Dynamics, STREAMS, Terminal};

const SETTINGS: [&str; 4] = [
    "DYNAMICS_TENANT_ID",
    "DYNAMICS_CLIENT_ID",
    "DYNAMICS_CLIENT_SECRET",
    "DYNAMICS_INSTANCE_URL",
];

#[tokio::test]
async fn missing_settings_end_with_1_and_are_all_named() {
    let mut terminal = Terminal::bare();
    terminal.write("streams.toml", STREAMS);
    terminal.set("AZURE_AUTHORITY_HOST", "http://entra.example");
    let finished = terminal.run(&["sync", "--streams", "streams.toml"]).await;
    assert_eq!(finished.code, 1, "{finished:?}");
    assert_eq!(finished.data, "");
    for name in [&SETTINGS[..], &["AZURE_AUTHORITY_HOST"]].concat() {
        assert!(
            finished.words.contains(name),
            "no {name} in: {}",
            finished.words
        );
    }
}

#[tokio::test]
async fn no_stream_file_ends_with_1_and_says_how_to_give_one() {
    let finished = Terminal::bare().run(&["sync"]).await;
    assert_eq!(finished.code, 1, "{finished:?}");
    assert!(finished.words.contains("--streams"), "{finished:?}");
    assert!(finished.words.contains("SYNC_STREAMS"), "{finished:?}");
}

#[tokio::test]
async fn mistakes_in_the_stream_file_end_with_1_and_are_all_named() {
    let terminal = Terminal::bare();
    let mistaken = STREAMS
        .replace("Europe/Oslo", "Europe/Olso")
        .replace("hlf_contactid\", lookup", "hlf_contactid\", lokup")
        .replace("direction = \"pull\"", "direction = \"sideways\"");
    terminal.write("streams.toml", &mistaken);
    let finished = terminal.run(&["sync", "--streams", "streams.toml"]).await;
    assert_eq!(finished.code, 1, "{finished:?}");
    assert_eq!(
        finished.words.matches("sideways").count(),
        2,
        "{}",
        finished.words
    );
    for part in [
        "streams.toml:",
        "Europe/Olso",
        "Europe/Oslo",
        "lokup",
        "lookup",
    ] {
        assert!(
            finished.words.contains(part),
            "no {part} in: {}",
            finished.words
        );
    }
}

#[tokio::test]
async fn wrong_usage_ends_with_2() {
    let terminal = Terminal::bare();
    for arguments in [
        &["sync", "--mode", "sideways"][..],
        &["export"],
        &["sync", "--aws", "--state", "copy.db"],
        &["synk"],
        &[],
    ] {
        let finished = terminal.run(arguments).await;
        assert_eq!(finished.code, 2, "{arguments:?}: {finished:?}");
        assert_eq!(finished.data, "");
        assert!(
            finished.words.contains("help"),
            "{arguments:?}: {finished:?}"
        );
    }
}

#[tokio::test]
async fn a_forbidden_table_ends_with_3_and_the_other_streams_complete() {
    let dynamics = Dynamics::start().await;
    dynamics.simulator.switch(|switches| {
        switches.forbidden.insert("hlf_certifications".to_owned());
    });
    let terminal = Terminal::of(&dynamics);
    let finished = terminal.run(&["sync"]).await;
    assert_eq!(finished.code, 3, "{finished:?}");
    let told = finished
        .words
        .lines()
        .find(|line| line.starts_with("certifications: "));
    let told = told.expect("the stream that failed is not named");
    assert!(told.contains("hlf_certification"), "{told}");
    assert!(
        told.contains("prvRead") || told.contains("security role"),
        "{told}"
    );

    let status = terminal.run(&["status", "--json"]).await;
    let status: Value = serde_json::from_str(&status.data).unwrap();
    assert_eq!(status["runs"][0]["report"]["status"], "partial");
    let positions = [
        &status["streams"][0]["position"],
        &status["streams"][1]["position"],
    ];
    assert_eq!(positions, [&Value::from("settled"), &Value::from("start")]);

    dynamics
        .simulator
        .switch(|switches| switches.forbidden.clear());
    assert_eq!(terminal.run(&["sync"]).await.code, 0);
}

#[tokio::test]
async fn a_wrong_client_secret_ends_with_3_and_is_not_shown() {
    let dynamics = Dynamics::start().await;
    let mut terminal = Terminal::of(&dynamics);
    terminal.set("DYNAMICS_CLIENT_SECRET", "wro~ng.8Q");
    let finished = terminal.run(&["sync"]).await;
    assert_eq!(finished.code, 3, "{finished:?}");
    assert!(finished.words.contains("client secret"), "{finished:?}");
    assert!(!finished.words.contains("wro~ng.8Q"), "{finished:?}");
}

#[tokio::test]
async fn an_unknown_stream_ends_with_1_and_the_known_ones_are_named() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    for arguments in [
        &["sync", "--stream", "member"][..],
        &["export", "member", "--source", "copy"],
    ] {
        let finished = terminal.run(arguments).await;
        assert_eq!(finished.code, 1, "{arguments:?}: {finished:?}");
        for name in ["`member`", "members", "certifications"] {
            assert!(
                finished.words.contains(name),
                "no {name} in: {}",
                finished.words
            );
        }
    }
}

#[tokio::test]
async fn a_stream_that_only_writes_has_no_copy_to_export_and_ends_with_1() {
    let terminal = Terminal::bare();
    let pushed = r#"
time_zone = "Europe/Oslo"
[[stream]]
name      = "postings"
table     = "hlf_postings"
direction = "push"
key       = ["hlf_reference"]
fields    = { reference = "hlf_reference", amount = "hlf_amount" }
"#;
    terminal.write("streams.toml", pushed);
    let export = ["export", "postings", "--source", "copy"];
    let finished = terminal
        .run(&[&export[..], &["--streams", "streams.toml"]].concat())
        .await;
    assert_eq!(finished.code, 1, "{finished:?}");
    for part in [
        "`postings` only writes to Dynamics",
        "changes list --stream postings",
    ] {
        assert!(finished.words.contains(part), "no {part} in: {finished:?}");
    }
}
