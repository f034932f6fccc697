//! What every command line owes its users: help, version, completions, colours, quiet and verbose.

use std::process::Command;

use super::copy::good;
use crate::support::{Dynamics, Terminal};

/// Beside each other, whatever they are.
const COMMANDS: [&str; 12] = [
    "demo",
    "doctor",
    "discover",
    "sync",
    "export",
    "status",
    "changes",
    "cursor",
    "keys",
    "serve",
    "simulate",
    "completions",
];

#[tokio::test]
async fn help_and_version_end_well_and_each_command_shows_examples() {
    let terminal = Terminal::bare();
    let version = good(&terminal, &["--version"]).await;
    assert_eq!(
        version.data,
        format!("dynamics-sync {}\n", env!("CARGO_PKG_VERSION"))
    );
    let all = good(&terminal, &["--help"]).await;
    for part in ["Examples:", "Exit codes:", "130", ".env"]
        .iter()
        .chain(&COMMANDS)
    {
        assert!(all.data.contains(part), "no {part}: {}", all.data);
    }
    for command in COMMANDS {
        let help = good(&terminal, &[command, "--help"]).await;
        let example = format!("  dynamics-sync {command}");
        let is_there = help.data.contains("Examples:") && help.data.contains(&example)
            || command == "completions" && help.data.contains("<(dynamics-sync completions bash)");
        assert!(is_there, "{}", help.data);
    }
}

#[tokio::test]
async fn completions_are_a_script_that_knows_every_command() {
    let terminal = Terminal::bare();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = good(&terminal, &["completions", shell]).await;
        assert_eq!(script.words, "");
        for command in COMMANDS {
            assert!(script.data.contains(command), "{shell}: no {command}");
        }
    }
    assert_eq!(terminal.run(&["completions", "dos"]).await.code, 2);
    // What bash makes of it for `dynamics-sync sy<Tab>`.
    let script = good(&terminal, &["completions", "bash"]).await.data;
    let asked = format!(
        "{script}\nCOMP_WORDS=(dynamics-sync sy) COMP_CWORD=1\n_dynamics__sync dynamics-sync sy \
         dynamics-sync\necho \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash").args(["--norc", "-c", &asked]).output();
    let output = output.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "sync\n");
}

#[tokio::test]
async fn in_a_pipe_there_are_no_colours_unless_they_are_forced() {
    let dynamics = Dynamics::start().await;
    let mut terminal = Terminal::of(&dynamics);
    for (variables, colours) in [
        (&[][..], false),
        (&[("CLICOLOR_FORCE", "1")], true),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
    ] {
        for (name, value) in variables {
            terminal.set(name, value);
        }
        for command in [&["sync"][..], &["status"], &["doctor"], &["--help"]] {
            let finished = terminal.run(command).await;
            let found = finished.data.contains("\u{1b}[");
            assert_eq!(found, colours, "{variables:?} {command:?}: {finished:?}");
        }
        let failed = terminal.run(&["export", "nobody"]).await;
        assert_eq!(failed.words.contains("\u{1b}["), colours, "{failed:?}");
    }
}

#[tokio::test]
async fn quiet_leaves_data_and_errors_and_nothing_else() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let usual = good(&terminal, &["export", "members"]).await;
    assert!(
        usual.words.contains("rows of stream `members`"),
        "{}",
        usual.words
    );
    let quiet = good(&terminal, &["export", "members", "--quiet"]).await;
    assert_eq!((quiet.words.as_str(), &quiet.data), ("", &usual.data));

    let key = good(&terminal, &["-q", "keys", "new", "app", "--scope", "read"]).await;
    assert_eq!(key.words, "");
    assert!(key.data.starts_with("dsk_"), "{}", key.data.len());

    dynamics.simulator.switch(|switches| {
        switches.forbidden.insert("hlf_certifications".to_owned());
    });
    let failed = terminal.run(&["sync", "-q"]).await;
    assert_eq!(failed.code, 3);
    assert!(failed.words.starts_with("certifications: "), "{failed:?}");
    let both = terminal.run(&["sync", "-q", "-v"]).await;
    assert_eq!(both.code, 2, "{both:?}");
}

#[tokio::test]
async fn verbose_tells_each_request_and_nothing_that_is_confidential() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let told = good(&terminal, &["sync", "--verbose", "--json"]).await;
    for part in ["DEBUG", "request.class=", "request.status=200", "run ended"] {
        assert!(told.words.contains(part), "no {part}: {}", told.words);
    }
    let requests = dynamics.simulator.requests().total;
    let lines = told
        .words
        .lines()
        .filter(|line| line.contains("request.class="));
    assert_eq!(u64::try_from(lines.count()).unwrap(), requests);
    dynamics.assert_nothing_leaks(&told.words);
    assert!(!told.words.contains('\u{1b}'), "{}", told.words);
    let usual = good(&terminal, &["sync"]).await;
    assert_eq!(usual.words, "");
}
