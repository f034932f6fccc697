//! The simulator's time: the given clock, moved by an offset that the control surface sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

/// A clock over another.
#[derive(Clone)]
pub(crate) struct ShiftedClock {
    inner: Arc<dyn clock::Clock>,
    offset: Arc<AtomicI64>,
}

impl ShiftedClock {
    pub(crate) fn new(inner: Arc<dyn clock::Clock>) -> Self {
        Self {
            inner,
            offset: Arc::new(AtomicI64::new(0)),
        }
    }

    /// Moves the time by `seconds`, also back.
    pub(crate) fn advance(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_secs(self.offset.load(Ordering::Relaxed));
        let now = self.inner.now();
        now.checked_add(offset).unwrap_or(now)
    }

    pub(crate) fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.inner.sleep(duration)
    }
}
