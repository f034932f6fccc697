//! A clock for tests and benchmarks on which hours pass in no time, and many wait at once.

use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::{Clock, after};

/// A clock for tests on which sleeps run side by side: its time goes on only when there is nothing left to
/// do, and then at once to the end of the next sleep. ([`ManualClock`](crate::ManualClock) adds up the
/// sleeps of tasks that sleep at the same time.)
///
/// Each look at it takes a nanosecond, so that it is never met standing still.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    now: Timestamp,
    /// Who sleeps, by the end of the sleep and the order in which they began.
    sleeping: BTreeMap<(Timestamp, u64), Waker>,
    sleeps: u64,
}

impl VirtualClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                now,
                sleeping: BTreeMap::new(),
                sleeps: 0,
            })),
        }
    }

    /// Runs `future`, which must wait for nothing but itself and this clock, to its end; `None` if it
    /// waits for what no time can bring. Not to be called where a tokio runtime runs: it would keep what
    /// gives way to others for itself.
    pub fn run<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Some(output);
            }
            if !woken.0.swap(false, Ordering::SeqCst) {
                self.with(State::go_on)?.wake();
            }
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// The next sleep ends.
    fn go_on(&mut self) -> Option<Waker> {
        let ((end, _), waker) = self.sleeping.pop_first()?;
        self.now = self.now.max(end);
        Some(waker)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.with(|state| {
            state.now = after(state.now, Duration::from_nanos(1));
            state.now
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let place = self.with(|state| {
            state.sleeps += 1;
            (after(state.now, duration), state.sleeps)
        });
        Box::pin(Sleep {
            clock: self.clone(),
            place,
        })
    }
}

struct Sleep {
    clock: VirtualClock,
    place: (Timestamp, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.clock.with(|state| {
            if self.place.0 <= state.now {
                return Poll::Ready(());
            }
            state.sleeping.insert(self.place, context.waker().clone());
            Poll::Pending
        })
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.with(|state| state.sleeping.remove(&self.place));
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use futures::future::{join_all, pending, select};

    use super::*;
    use crate::elapsed;

    fn seconds(clock: &VirtualClock) -> u64 {
        elapsed(Timestamp::UNIX_EPOCH, clock.now()).as_secs()
    }

    #[test]
    fn sleeps_at_the_same_time_take_as_long_as_the_longest() {
        let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
        let sleeps = (1..=100).map(|length| clock.sleep(Duration::from_secs(length)));
        assert!(clock.run(join_all(sleeps)).is_some());
        assert_eq!(seconds(&clock), 100);
    }

    #[test]
    fn a_sleep_that_is_given_up_passes_no_time() {
        let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
        let short = clock.sleep(Duration::from_secs(1));
        let long = clock.sleep(Duration::from_secs(3_600));
        clock.run(select(short, long)).unwrap();
        assert!(clock.run(pending::<()>()).is_none());
        assert_eq!(seconds(&clock), 1);
    }

    #[test]
    fn what_no_time_can_bring_is_not_waited_for() {
        let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
        let mut order = Vec::new();
        let never = async {
            order.push(seconds(&clock));
            clock.sleep(Duration::from_secs(5)).await;
            order.push(seconds(&clock));
            tokio::task::yield_now().await;
            pending::<()>().await;
        };
        assert!(clock.run(never).is_none());
        assert_eq!(order, [0, 5]);
    }
}
