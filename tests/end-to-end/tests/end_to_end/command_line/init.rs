//! `init`, as a person runs it in an empty folder, and what can be done with its file.

use serde_json::Value;
use streams::{Language, StreamFile};

use super::copy::good;
use crate::support::{Dynamics, Finished, Terminal};

/// An empty folder with the access to `dynamics`.
fn empty(dynamics: &Dynamics) -> Terminal {
    let mut terminal = Terminal::bare();
    for (name, value) in dynamics.settings() {
        terminal.set(name, &value);
    }
    terminal
}

fn file_in(terminal: &Terminal, name: &str) -> Option<String> {
    std::fs::read_to_string(terminal.folder.path().join(name)).ok()
}

fn parsed(text: &str) -> StreamFile {
    StreamFile::parse(text, "streams.toml").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Lines of standard error that say why a table was left out.
fn left_out(finished: &Finished) -> Vec<&str> {
    let lines = finished.words.lines();
    lines
        .filter(|line| line.contains(": left out, because "))
        .collect()
}

#[tokio::test]
async fn all_standard_tables_are_written_synced_and_exported_without_editing_and_the_others_are_named()
 {
    let dynamics = Dynamics::start().await;
    dynamics.simulator.switch(|switches| {
        switches.forbidden.insert("incidents".to_owned());
    });
    let terminal = empty(&dynamics);
    let made = good(&terminal, &["init", "--all", "--yes"]).await;
    assert_eq!(made.data, "");
    let missing = left_out(&made);
    assert_eq!(missing.len(), 10, "{made:?}");
    assert!(missing.contains(
        &"incidents: left out, because the application user may not read it: it lacks prvReadIncident. A \
          Dynamics administrator can give that to its security role"
    ));
    assert!(missing.contains(
        &"invoices: left out, because this environment does not have it: it comes with Dynamics 365 Sales"
    ));
    assert!(
        made.words
            .contains("Wrote streams.toml, which syncs accounts, contacts, leads"),
        "{made:?}"
    );

    let text = file_in(&terminal, "streams.toml").unwrap();
    // Its lines are broken, so that they can be read.
    let remarks = text.replace("\n# ", " ");
    for line in missing {
        assert!(remarks.contains(line), "no {line} in: {text}");
    }
    let file = parsed(&text);
    assert_eq!(file.streams.len(), 10);
    let streams = ["--streams", "streams.toml"];
    let synced = good(&terminal, &[&["sync", "--json"], &streams[..]].concat()).await;
    let ran: Value = serde_json::from_str(&synced.data).unwrap();
    assert_eq!(ran["status"], "complete", "{ran}");
    for (stream, report) in file.streams.iter().zip(ran["streams"].as_array().unwrap()) {
        assert_eq!(report["status"], "complete", "{report}");
        let there = dynamics.simulator.rows(&stream.table).unwrap();
        assert_eq!(report["stored"], there, "{report}");
        for source in ["dynamics", "copy"] {
            let export = ["export", &stream.name, "--source", source];
            let export = good(&terminal, &[&export[..], &streams].concat()).await;
            let rows = format!("{there} rows of stream `{}`", stream.name);
            assert!(export.words.contains(&rows), "{}", export.words);
        }
    }
}

#[tokio::test]
async fn a_file_that_is_there_is_not_replaced_unless_force_says_so() {
    let dynamics = Dynamics::start().await;
    let terminal = empty(&dynamics);
    terminal.write("streams.toml", "mine");
    let init = ["init", "--table", "contacts", "--yes"];
    let refused = terminal.run(&init).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert_eq!(
        refused.words,
        "error: streams.toml is there already, and was left as it is; add --force to replace it, or --output \
         FILE to write another\n"
    );
    assert_eq!(file_in(&terminal, "streams.toml").unwrap(), "mine");
    // Nothing was asked of Dynamics for it.
    assert_eq!(dynamics.simulator.requests().total, 0);
    good(
        &terminal,
        &[&init[..], &["--output", "other.toml"]].concat(),
    )
    .await;
    assert_eq!(
        parsed(&file_in(&terminal, "other.toml").unwrap())
            .streams
            .len(),
        1
    );
    good(&terminal, &[&init[..], &["--force"]].concat()).await;
    assert_eq!(
        parsed(&file_in(&terminal, "streams.toml").unwrap())
            .streams
            .len(),
        1
    );
}

#[tokio::test]
async fn an_unknown_table_ends_with_1_names_the_nearest_and_writes_nothing() {
    let dynamics = Dynamics::start().await;
    let terminal = empty(&dynamics);
    let tables = [
        "--table",
        "contact",
        "--table",
        "contacts",
        "--table",
        "hlf_certfications",
    ];
    let finished = terminal.run(&[&["init"], &tables[..]].concat()).await;
    assert_eq!(finished.code, 1, "{finished:?}");
    assert_eq!(
        finished.words,
        "error: there is no table `contact`; did you mean `contacts`?\n\
         there is no table `hlf_certfications`; did you mean `hlf_certifications`?\n"
    );
    assert_eq!(file_in(&terminal, "streams.toml"), None);
}

#[tokio::test]
async fn a_table_alone_that_cannot_be_synced_ends_with_1_and_why() {
    let dynamics = Dynamics::start().await;
    let terminal = empty(&dynamics);
    let finished = terminal
        .run(&["init", "--table", "hlf_sensorreadings"])
        .await;
    assert_eq!(finished.code, 1, "{finished:?}");
    assert_eq!(
        finished.words,
        "error: there is no table to sync, so no file was written\n\
         hlf_sensorreadings: left out, because it is an elastic table, which cannot be synced\n"
    );
    assert_eq!(file_in(&terminal, "streams.toml"), None);
}

#[tokio::test]
async fn in_a_pipe_nothing_is_asked_and_without_tables_it_is_wrong_usage() {
    let dynamics = Dynamics::start().await;
    let terminal = empty(&dynamics);
    for arguments in [
        &["init"][..],
        &["init", "--yes"],
        &["init", "--all", "--table", "contacts"],
        &["init", "--all", "--time-zone", "Europe/Olso"],
        &["init", "--all", "--anchor", "tomorrow"],
        &["init", "--all", "--output", "-", "--json"],
    ] {
        let finished = terminal.run(arguments).await;
        assert_eq!(finished.code, 2, "{arguments:?}: {finished:?}");
        assert_eq!(finished.data, "", "{arguments:?}");
    }
    assert_eq!(dynamics.simulator.requests().total, 0);
    let misspelt = terminal
        .run(&["init", "--all", "--time-zone", "Europe/Olso"])
        .await;
    assert!(
        misspelt.words.contains("did you mean \"Europe/Oslo\"?"),
        "{misspelt:?}"
    );
    assert_eq!(file_in(&terminal, "streams.toml"), None);
}

#[tokio::test]
async fn the_file_goes_to_standard_output_if_that_is_wanted_and_says_what_was_typed() {
    let dynamics = Dynamics::start().await;
    let terminal = empty(&dynamics);
    let options = [
        "--output",
        "-",
        "--anchor",
        "2020-01-01",
        "--time-zone",
        "Europe/Oslo",
        "--language",
        "nb",
    ];
    let made = good(
        &terminal,
        &[&["init", "--table", "hlf_*"], &options[..]].concat(),
    )
    .await;
    let file = parsed(&made.data);
    assert_eq!(file.time_zone.iana_name(), Some("Europe/Oslo"));
    assert_eq!(file.language, Language::Nb);
    for stream in ["certifications", "postings"] {
        let anchor = file.stream(stream).unwrap().anchor;
        assert_eq!(anchor, Some("2020-01-01".parse().unwrap()));
    }
    assert_eq!(left_out(&made).len(), 2, "{made:?}");
    assert!(!made.words.contains("Wrote"), "{made:?}");
    assert_eq!(
        std::fs::read_dir(terminal.folder.path()).unwrap().count(),
        0
    );
}

#[tokio::test]
async fn the_file_is_written_where_the_other_commands_look_for_it_without_a_word_if_it_is_to_be_quiet()
 {
    let terminal = Terminal::bare();
    for (more, written) in [
        (&["--streams", "mine.toml"][..], "mine.toml"),
        (
            &["--streams", "mine.toml", "--output", "it.toml"],
            "it.toml",
        ),
        (&[], "streams.toml"),
    ] {
        let init = ["init", "--all", "--yes", "--quiet"];
        let made = good(&terminal, &[&init[..], more].concat()).await;
        assert_eq!((made.data.as_str(), made.words.as_str()), ("", ""));
        let text = file_in(&terminal, written).unwrap_or_else(|| panic!("no {written}"));
        assert_eq!(parsed(&text).streams.len(), 20);
    }
}

/// Who runs the sync may be another user than who wrote the file.
#[cfg(unix)]
#[tokio::test]
async fn the_file_may_be_read_by_whoever_may_read_other_files_of_the_folder() {
    use std::os::unix::fs::PermissionsExt;

    let terminal = Terminal::bare();
    good(&terminal, &["init", "--all", "--yes"]).await;
    terminal.write("another.toml", "");
    let mode = |name: &str| {
        let file = terminal.folder.path().join(name);
        std::fs::metadata(file).unwrap().permissions().mode()
    };
    assert_eq!(mode("streams.toml"), mode("another.toml"));
}

#[tokio::test]
async fn json_tells_what_is_in_the_file_and_what_is_not() {
    let dynamics = Dynamics::start().await;
    let terminal = empty(&dynamics);
    let arguments = ["init", "--table", "contacts", "--table", "quotes", "--json"];
    let told = good(&terminal, &arguments).await;
    let told: Value = serde_json::from_str(&told.data).unwrap();
    assert_eq!(told["file"], "streams.toml");
    assert_eq!(told["checked"], true);
    assert_eq!(told["tables"], serde_json::json!(["contacts"]));
    assert_eq!(told["left_out"][0]["table"], "quotes");
}

#[tokio::test]
async fn without_any_access_the_catalogue_alone_is_written_and_said_to_be_unchecked() {
    let terminal = Terminal::bare();
    let made = good(&terminal, &["init", "--all", "--yes"]).await;
    assert!(made.words.contains("Nothing was checked"), "{made:?}");
    let text = file_in(&terminal, "streams.toml").unwrap();
    assert!(text.starts_with("# Nothing was checked"), "{text}");
    assert_eq!(parsed(&text).streams.len(), 20);
    // Half an access is a mistake.
    let mut terminal = Terminal::bare();
    terminal.set("DYNAMICS_INSTANCE_URL", "https://hlf.crm4.dynamics.com");
    let refused = terminal.run(&["init", "--all"]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.words.contains("DYNAMICS_TENANT_ID"), "{refused:?}");
    assert_eq!(file_in(&terminal, "streams.toml"), None);
}

#[tokio::test]
async fn a_stream_of_an_app_that_is_missing_is_skipped_with_a_note_and_the_run_is_complete() {
    let dynamics = Dynamics::start().await;
    let terminal = empty(&dynamics);
    let streams = r#"
time_zone = "Europe/Oslo"
[[stream]]
name   = "members"
table  = "contacts"
fields = { email = "emailaddress1" }
[[stream]]
name   = "quotes"
table  = "quotes"
fields = { number = "quotenumber" }
"#;
    terminal.write("streams.toml", streams);
    let synced = good(&terminal, &["sync", "--streams", "streams.toml"]).await;
    assert!(
        synced.words.contains(
            "quotes: the environment has no table `quotes`, which comes with Dynamics 365 Sales"
        ),
        "{synced:?}"
    );
    assert!(synced.data.contains("skipped"), "{synced:?}");
    let why = "quotes: skipped: the environment has no table `quotes`, which comes with";
    let status = ["status", "--streams", "streams.toml"];
    let told = good(&terminal, &status).await;
    let words: Vec<&str> = told.data.split_whitespace().collect();
    assert!(words.join(" ").contains(why), "{told:?}");
    let told = good(&terminal, &[&status[..], &["--json"]].concat()).await;
    let told: Value = serde_json::from_str(&told.data).unwrap();
    assert_eq!(told["streams"][0]["status"], "complete");
    assert_eq!(told["streams"][0]["reason"], Value::Null);
    assert_eq!(told["streams"][1]["status"], "skipped");
    let reason = told["streams"][1]["reason"].as_str().unwrap();
    assert!(reason.contains("Dynamics 365 Sales"), "{reason}");
}
