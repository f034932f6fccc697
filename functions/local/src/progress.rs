//! What shows that something goes on: a line that moves, while it lasts. Nothing where standard error is no
//! terminal, or the command was told to be quiet.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sync_engine::{Engine, Progress};

use crate::telling::Telling;

/// From one picture to the next.
const TICK: Duration = Duration::from_millis(120);

/// A line a stream while a run lasts.
pub(crate) struct Bars {
    all: MultiProgress,
    by_stream: BTreeMap<String, ProgressBar>,
}

impl Bars {
    /// A line for each of the engine's streams.
    pub(crate) fn new(engine: &Engine, telling: Telling) -> Self {
        let all = MultiProgress::with_draw_target(target(telling));
        let bar = |name: &str| {
            let bar = all.add(ProgressBar::no_length());
            begin(
                &bar,
                "  {spinner} {prefix} {human_pos} rows",
                name.to_owned(),
            );
            (name.to_owned(), bar)
        };
        let by_stream = engine
            .streams
            .streams
            .iter()
            .map(|stream| bar(&stream.name))
            .collect();
        Self { all, by_stream }
    }

    pub(crate) fn tell(&self, progress: Progress<'_>) {
        if let Some(bar) = self.by_stream.get(progress.stream) {
            bar.set_position(progress.rows);
        }
    }
}

impl Bars {
    /// Leaves the lines on the terminal as they are. Who presses Ctrl-C is shown `^C` by the terminal itself, which
    /// moves them: what would be cleared is something else.
    pub(crate) fn leave(&self) {
        self.all.set_draw_target(ProgressDrawTarget::hidden());
    }
}

impl Drop for Bars {
    /// When the run has ended, nothing of it stays on the terminal.
    fn drop(&mut self) {
        for bar in self.by_stream.values() {
            bar.finish_and_clear();
        }
        // Only the terminal's own failure to redraw is lost here.
        let _ = self.all.clear();
    }
}

/// One line while something lasts; it is gone when this is dropped.
pub(crate) struct Line(ProgressBar);

impl Line {
    /// Says what goes on.
    pub(crate) fn of(what: impl Into<Cow<'static, str>>, telling: Telling) -> Self {
        Self::new("  {spinner} {prefix} {msg}", what, telling)
    }

    /// Says what goes on, and how many bytes have come of it.
    pub(crate) fn of_bytes(what: impl Into<Cow<'static, str>>, telling: Telling) -> Self {
        Self::new("  {spinner} {prefix} {binary_bytes}", what, telling)
    }

    fn new(template: &str, what: impl Into<Cow<'static, str>>, telling: Telling) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(telling));
        begin(&bar, template, what);
        Self(bar)
    }

    /// What is done just now.
    pub(crate) fn tell(&self, what: impl Into<Cow<'static, str>>) {
        self.0.set_message(what);
    }

    /// As [`Bars::leave`].
    pub(crate) fn leave(&self) {
        self.0.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// So many more.
    pub(crate) fn add(&self, bytes: usize) {
        self.0.inc(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn target(telling: Telling) -> ProgressDrawTarget {
    match telling.shows_progress() {
        // Nothing where that is no terminal.
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    }
}

fn begin(bar: &ProgressBar, template: &str, what: impl Into<Cow<'static, str>>) {
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_prefix(what);
    bar.enable_steady_tick(TICK);
}
