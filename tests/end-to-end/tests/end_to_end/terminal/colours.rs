//! Colours: on a terminal, and nowhere else.

use crate::support::{Dynamics, Screen, Terminal};

/// Begins a colour, or ends it.
const ESCAPE: char = '\u{1b}';

/// What is coloured in each.
const COLOURED: [(&str, &str); 4] = [
    ("status", "\u{1b}[32mcomplete"),
    ("doctor", "\u{1b}[33mwarning"),
    ("--help", "Usage:"),
    ("export nobody", "\u{1b}[31merror:"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_shows_colours_unless_it_is_told_not_to_or_the_text_goes_elsewhere() {
    let dynamics = Dynamics::start().await;
    let mut terminal = Terminal::of(&dynamics);
    assert_eq!(terminal.run(&["sync"]).await.code, 0);
    for (command, coloured) in COLOURED {
        let typed = format!("dynamics-sync {command}");
        let Some(screen) = Screen::open(&terminal, 120).await else {
            return;
        };
        let shown = screen.runs(&typed).await;
        // Bold or not is not what this is about.
        let found = shown.coloured.replace("\u{1b}[1m", "");
        assert!(
            found.contains(coloured) && found.contains(ESCAPE),
            "{shown:?}"
        );

        let screen = Screen::open(&terminal, 120).await.unwrap();
        let piped = screen.runs(&format!("{typed} 2>&1 | cat")).await;
        assert!(!piped.coloured.contains(ESCAPE), "{piped:?}");
        assert_eq!(piped.lines.is_empty(), shown.lines.is_empty());

        terminal.set("NO_COLOR", "1");
        let screen = Screen::open(&terminal, 120).await.unwrap();
        let plain = screen.runs(&typed).await;
        assert!(!plain.coloured.contains(ESCAPE), "{plain:?}");
        assert_eq!(plain.lines.len(), shown.lines.len());
        terminal.unset("NO_COLOR");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_shows_on_a_terminal_only_and_not_if_it_is_to_be_quiet() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    for typed in [
        "dynamics-sync sync 2> told",
        "dynamics-sync sync -q 2>&1 | tee told",
    ] {
        let Some(screen) = Screen::open(&terminal, 120).await else {
            return;
        };
        let shown = screen.runs(typed).await;
        assert_eq!(shown.code, 0, "{shown:?}");
        let told = std::fs::read_to_string(terminal.folder.path().join("told")).unwrap();
        assert!(
            !told.contains(ESCAPE) && !told.contains(" rows"),
            "{told:?}"
        );
    }
}
