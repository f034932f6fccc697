//! Whatever is shown keeps to the width of the window, and what is copied from it stands in one piece.

use super::{WIDTHS, waiting_sync};
use crate::support::{Dynamics, Screen, Shown, Terminal};

/// Fails if the terminal had to break a line, or one hardly uses the width.
fn assert_fits(shown: &Shown, columns: usize) {
    assert!(!shown.lines.is_empty(), "{shown:?}");
    assert_eq!(shown.lines, shown.written, "a line is wider than {columns}");
    let widest = shown.lines.iter().map(|line| line.chars().count()).max();
    assert!(widest <= Some(columns), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_doctor_discover_and_help_keep_to_narrow_and_wide_windows() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    dynamics.simulator.switch(|switches| {
        switches.untracked.insert("contacts".to_owned());
    });
    assert_eq!(terminal.run(&["sync"]).await.code, 0);
    for columns in WIDTHS {
        for (command, code, whole) in [
            ("status", 0, "settled; the next"),
            ("doctor", 3, "→ Dynamics administrator:"),
            ("discover", 0, " hlf_certifications "),
            ("discover contacts", 0, " emailaddress1 "),
            ("--help", 0, "  dynamics-sync doctor"),
            (
                "sync --help",
                0,
                "  dynamics-sync sync --stream members --mode full",
            ),
            ("cursor show members", 0, " generation "),
            ("sync", 0, " certifications  complete "),
        ] {
            let Some(screen) = Screen::open(&terminal, columns).await else {
                return;
            };
            let shown = screen.runs(&format!("dynamics-sync {command}")).await;
            assert_eq!(shown.code, code, "{command}: {shown:?}");
            assert_fits(&shown, columns);
            let is_whole = shown.lines.iter().any(|line| line.contains(whole));
            assert!(is_whole, "{command}: no `{whole}` in {:#?}", shown.lines);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_progress_of_a_sync_keeps_to_the_window_and_leaves_nothing_on_it() {
    for columns in WIDTHS {
        let dynamics = Dynamics::start().await;
        let terminal = Terminal::of(&dynamics);
        let Some(screen) = waiting_sync(&dynamics, &terminal, columns).await else {
            return;
        };
        dynamics.simulator.clear_faults();
        let shown = screen.ends().await;
        assert_eq!(shown.code, 0, "{shown:?}");
        assert_fits(&shown, columns);
        let text = shown.lines.join("\n");
        assert!(!text.contains(" rows"), "{text}");
        assert!(text.starts_with(" stream "), "{text}");
    }
}
