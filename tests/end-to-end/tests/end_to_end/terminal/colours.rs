//! Colours: on a terminal, and nowhere else.

use super::{has_struck, stall};
use crate::support::{Dynamics, Screen, Terminal, until};

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
async fn progress_goes_to_no_file_and_does_not_show_if_it_is_to_be_quiet() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let Some(screen) = Screen::open(&terminal, 120).await else {
        return;
    };
    let shown = screen.runs("dynamics-sync sync 2> told").await;
    assert_eq!(shown.code, 0, "{shown:?}");
    let told = std::fs::read_to_string(terminal.folder.path().join("told")).unwrap();
    assert_eq!(told, "");

    stall(&dynamics);
    let screen = Screen::open(&terminal, 120).await.unwrap();
    screen.types("dynamics-sync sync --mode full -q");
    until("the sync waits for a page", async || has_struck(&dynamics)).await;
    screen.presses("C-c");
    let shown = screen.ends().await;
    assert_eq!(shown.code, 130, "{shown:?}");
    // What is interrupted leaves on the screen what it had shown.
    assert!(!shown.lines.join(" ").contains(" rows"), "{shown:?}");
}
