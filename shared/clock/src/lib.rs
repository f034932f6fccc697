//! Time as an argument.
//!
//! Everything that asks for the time or waits takes a [`Clock`]; nothing in the workspace reads the
//! system's time on its own. That is what makes retries, budgets, leases and deadlines testable
//! without sleeping, and it cannot be retrofitted.
//!
//! Never in here: time zones and formats (see `jiff`), and timers that fire on their own.

mod virtual_clock;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

pub use virtual_clock::VirtualClock;

/// Now and sleep.
pub trait Clock: Send + Sync + 'static {
    /// The current time. It may jump backwards (a corrected clock): callers never subtract without
    /// a floor of zero, and never order data by it.
    fn now(&self) -> Timestamp;

    /// Completes once `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// How long it is from `earlier` to `later`, never negative: a clock that jumped back counts as no
/// time passed.
pub fn elapsed(earlier: Timestamp, later: Timestamp) -> Duration {
    later
        .duration_since(earlier)
        .try_into()
        .unwrap_or(Duration::ZERO)
}

/// `instant` plus `duration`, held at the end of time instead of overflowing.
pub fn after(instant: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| instant.checked_add(duration).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock for tests that moves only when told to, or when somebody sleeps: a sleep completes at
/// once, having advanced the time by its length, and is remembered.
#[derive(Clone, Debug)]
pub struct ManualClock {
    state: Arc<Mutex<ManualState>>,
}

#[derive(Debug)]
struct ManualState {
    now: Timestamp,
    slept: Vec<Duration>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            state: Arc::new(Mutex::new(ManualState {
                now,
                slept: Vec::new(),
            })),
        }
    }

    /// Moves the time forward.
    pub fn advance(&self, duration: Duration) {
        self.with(|state| state.now = after(state.now, duration));
    }

    /// Sets the time, also backwards.
    pub fn set(&self, now: Timestamp) {
        self.with(|state| state.now = now);
    }

    /// Every sleep so far, in order.
    pub fn slept(&self) -> Vec<Duration> {
        self.with(|state| state.slept.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut ManualState) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            clock.with(|state| {
                state.now = after(state.now, duration);
                state.slept.push(duration);
            });
            tokio::task::yield_now().await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumped_back_counts_as_no_time_passed() {
        let earlier: Timestamp = "2026-03-29T00:30:00Z".parse().unwrap();
        let later: Timestamp = "2026-03-29T00:31:00Z".parse().unwrap();
        assert_eq!(elapsed(earlier, later), Duration::from_secs(60));
        assert_eq!(elapsed(later, earlier), Duration::ZERO);
    }

    #[test]
    fn adding_past_the_end_of_time_stays_at_the_end() {
        assert_eq!(after(Timestamp::MAX, Duration::MAX), Timestamp::MAX);
    }

    #[tokio::test]
    async fn a_manual_sleep_moves_the_time_and_is_remembered() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        clock.sleep(Duration::from_secs(7)).await;
        assert_eq!(clock.now(), Timestamp::from_second(7).unwrap());
        assert_eq!(clock.slept(), [Duration::from_secs(7)]);
    }
}
