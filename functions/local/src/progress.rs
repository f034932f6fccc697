//! A line a stream while a run lasts; nothing where standard error is no terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use sync_engine::{Engine, Progress};

pub(crate) struct Bars {
    all: MultiProgress,
    by_stream: BTreeMap<String, ProgressBar>,
}

impl Bars {
    /// A line for each of the engine's streams.
    pub(crate) fn new(engine: &Engine) -> Self {
        let all = MultiProgress::new();
        let style = ProgressStyle::with_template("  {spinner} {prefix} {human_pos} rows")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = |name: &str| {
            let bar = all.add(ProgressBar::no_length());
            bar.set_style(style.clone());
            bar.set_prefix(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
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

    pub(crate) fn clear(&self) {
        for bar in self.by_stream.values() {
            bar.finish_and_clear();
        }
        // Only the terminal's own failure to redraw is lost here.
        let _ = self.all.clear();
    }
}
