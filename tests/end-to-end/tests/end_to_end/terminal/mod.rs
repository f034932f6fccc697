//! The command line in a real terminal: whether what it writes keeps to the window, which colours it has, and what
//! Ctrl-C does.

mod colours;
mod interrupted;
mod width;

use crate::command_line::{has_struck, stall};
use crate::support::{Dynamics, Screen, Terminal};

/// What is tried: as narrow as a window beside another one, and as wide as most.
const WIDTHS: [usize; 2] = [60, 120];

/// A sync that waits for its members, with its progress on the screen.
async fn waiting_sync(dynamics: &Dynamics, terminal: &Terminal, columns: usize) -> Option<Screen> {
    stall(dynamics);
    let screen = Screen::open(terminal, columns).await?;
    screen.types("dynamics-sync sync");
    screen.shows(" members 0 rows").await;
    // The other stream's rows are counted meanwhile.
    screen.shows(" certifications 60 rows").await;
    Some(screen)
}
