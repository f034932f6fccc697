//! A line a stream while a run lasts; nothing where standard error is no terminal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use sync_engine::Progress;

pub(crate) struct Bars {
    all: MultiProgress,
    by_stream: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Bars {
    pub(crate) fn new() -> Self {
        Self {
            all: MultiProgress::new(),
            by_stream: Mutex::default(),
        }
    }

    pub(crate) fn tell(&self, progress: Progress<'_>) {
        let mut bars = self
            .by_stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(progress.stream.to_owned()).or_insert_with(|| {
            let style =
                ProgressStyle::with_template("  {prefix:.bold} {human_pos} rows, {per_sec}");
            let bar = ProgressBar::no_length().with_prefix(progress.stream.to_owned());
            self.all
                .add(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
        });
        bar.set_position(progress.rows);
    }

    pub(crate) fn clear(&self) {
        // Only the terminal's own failure to redraw is lost here.
        let _ = self.all.clear();
    }
}
