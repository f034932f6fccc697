//! Ctrl-C, pressed.

use super::{WIDTHS, waiting_sync};
use crate::support::{Dynamics, Screen, StateFile, Terminal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_in_which_ctrl_c_is_pressed_says_how_to_go_on_and_the_next_completes() {
    for columns in WIDTHS {
        let dynamics = Dynamics::start().await;
        let terminal = Terminal::of(&dynamics);
        let Some(screen) = waiting_sync(&dynamics, &terminal, columns).await else {
            return;
        };
        screen.presses("C-c");
        let shown = screen.ends().await;
        assert_eq!(shown.code, 130, "{shown:?}");
        let pressed = shown.lines.iter().position(|line| line == "^C");
        let text = shown.lines[pressed.unwrap() + 1..].join(" ");
        assert!(text.starts_with("interrupted. "), "{shown:?}");
        assert!(
            text.ends_with(
                "Everything that was stored is kept; `dynamics-sync sync` goes on from there"
            ),
            "{text}"
        );

        dynamics.simulator.clear_faults();
        let screen = Screen::open(&terminal, columns).await.unwrap();
        let shown = screen.runs("dynamics-sync sync").await;
        assert_eq!(shown.code, 0, "{shown:?}");
        let store = StateFile::of(&terminal).await;
        dynamics.assert_copied_to(&store.store).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_in_which_ctrl_c_is_pressed_changes_nothing() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    assert_eq!(terminal.run(&["sync"]).await.code, 0);
    let Some(screen) = Screen::open(&terminal, 60).await else {
        return;
    };
    screen.types("dynamics-sync cursor reset members");
    screen.shows("[y/N]").await;
    let shown = screen.ends_by_ctrl_c().await;
    assert_eq!(shown.code, 130, "{shown:?}");
    let cursor = terminal.run(&["cursor", "show", "members"]).await;
    assert!(cursor.data.contains("settled"), "{cursor:?}");
}
