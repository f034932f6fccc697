//! Every wait of a request, each bounded by its caller's deadline and counted for what it was.
//!
//! Never in here: deciding why to wait.

use std::pin::pin;
use std::time::Duration;

use clock::Clock;
use futures::future::{Either, select};
use jiff::Timestamp;

use crate::budget::{Hold, Permit};
use crate::call::Scope;
use crate::error::{ErrorKind, Problem};
use crate::pipeline::Core;

impl Core {
    /// Waits until the budget has room for one request.
    pub(crate) async fn enter(&self, scope: &Scope) -> Result<Permit, Box<Problem>> {
        loop {
            let changed = self.budget.changed();
            let (wait, why) = match self.budget.enter() {
                Ok(permit) => return Ok(permit),
                Err(Hold::Busy) => {
                    let _waited = Waited::begin(self, scope);
                    self.within(scope, changed).await?;
                    continue;
                }
                Err(Hold::Paused(wait)) => {
                    (wait, "Dataverse asked all requests to wait".to_owned())
                }
                Err(Hold::TimeReserved(at_most)) => {
                    self.insist_on_time(scope)?;
                    let _waited = Waited::begin(self, scope);
                    let end = clock::after(self.clock.now(), at_most);
                    let end = scope.deadline.map_or(end, |deadline| deadline.min(end));
                    until(&*self.clock, Some(end), changed).await;
                    continue;
                }
                Err(Hold::RequestsUsedUp(share, wait)) => (
                    wait,
                    format!("this client's share of {share} requests in 300 s is used up"),
                ),
                Err(Hold::TimeUsedUp(share, wait)) => (
                    wait,
                    format!(
                        "this client's share of {} s of execution time in 300 s is used up",
                        share.as_secs_f64()
                    ),
                ),
            };
            self.time_for(scope, wait, &why)?;
            self.sleep(scope, wait).await;
        }
    }

    /// Waits until Entra may be asked again.
    pub(crate) async fn enter_entra(&self, scope: &Scope) -> Result<(), Box<Problem>> {
        loop {
            let wait = self.tokens.pause_left(self.clock.now());
            if wait.is_zero() {
                return Ok(());
            }
            self.time_for(scope, wait, "Entra asked all requests to wait")?;
            self.sleep(scope, wait).await;
        }
    }

    pub(crate) async fn sleep(&self, scope: &Scope, wait: Duration) {
        let _waited = Waited::begin(self, scope);
        self.clock.sleep(wait).await;
    }

    /// Awaits `event`, which others bring about, but not beyond the deadline.
    pub(crate) async fn within<F: Future>(
        &self,
        scope: &Scope,
        event: F,
    ) -> Result<F::Output, Box<Problem>> {
        until(&*self.clock, scope.deadline, event)
            .await
            .ok_or_else(too_late)
    }

    pub(crate) fn insist_on_time(&self, scope: &Scope) -> Result<(), Box<Problem>> {
        match scope.deadline {
            Some(deadline) if deadline <= self.clock.now() => Err(too_late()),
            _ => Ok(()),
        }
    }

    /// Whether a wait ends before the deadline.
    pub(crate) fn time_for(
        &self,
        scope: &Scope,
        wait: Duration,
        why: &str,
    ) -> Result<(), Box<Problem>> {
        let Some(deadline) = scope.deadline else {
            return Ok(());
        };
        let left = clock::elapsed(self.clock.now(), deadline);
        if wait < left {
            return Ok(());
        }
        let why = format!(
            "{why}, the wait is {} s, and only {} s are left",
            wait.as_millis().div_ceil(1_000),
            left.as_secs()
        );
        Err(
            Problem::new(ErrorKind::Deadline, "there is not enough time")
                .because(why)
                .advise("Go on later."),
        )
    }
}

fn too_late() -> Box<Problem> {
    Problem::new(ErrorKind::Deadline, "the time for it is over").advise("Go on later.")
}

/// Awaits `event`; `None` if `deadline` comes first.
///
/// A timer runs only beside an event that has not come yet, under a deadline, on a clock that runs by
/// itself. A clock that stands still between two looks is moved by others (a test): starting a sleep
/// would move it, to the deadline and for everybody, while the event is on its way. There the time is
/// looked at again at every turn instead, which is as exact, since such a clock passes no moment
/// without being told.
async fn until<F: Future>(
    clock: &dyn Clock,
    deadline: Option<Timestamp>,
    event: F,
) -> Option<F::Output> {
    let mut event = pin!(event);
    let Some(deadline) = deadline.filter(|deadline| *deadline < Timestamp::MAX) else {
        return Some(event.await);
    };
    loop {
        if let std::task::Poll::Ready(output) = futures::poll!(event.as_mut()) {
            return Some(output);
        }
        let now = clock.now();
        if deadline <= now {
            return None;
        }
        if clock.now() != now {
            break;
        }
        tokio::task::yield_now().await;
    }
    let left = clock::elapsed(clock.now(), deadline);
    // The event is looked at first: what came in time is never late.
    match select(event, clock.sleep(left)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}

/// Counts a wait when it ends, also one that is broken off.
struct Waited<'a> {
    clock: &'a dyn Clock,
    scope: &'a Scope,
    since: Timestamp,
}

impl<'a> Waited<'a> {
    fn begin(core: &'a Core, scope: &'a Scope) -> Self {
        Self {
            clock: &*core.clock,
            scope,
            since: core.clock.now(),
        }
    }
}

impl Drop for Waited<'_> {
    fn drop(&mut self) {
        let time = clock::elapsed(self.since, self.clock.now());
        self.scope
            .counters
            .iter()
            .for_each(|counters| counters.waited(time));
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use clock::ManualClock;
    use futures::FutureExt;
    use futures::future::BoxFuture;
    use tokio::sync::oneshot;

    use super::*;

    const DEADLINE: i64 = 60;

    async fn wait_for(clock: &dyn Clock, event: impl Future<Output = ()>) -> Option<()> {
        let deadline = Timestamp::from_second(DEADLINE).unwrap();
        until(clock, Some(deadline), event).await
    }

    /// A clock that runs by itself: no two looks are the same.
    #[derive(Clone)]
    struct RunningClock(ManualClock);

    impl Clock for RunningClock {
        fn now(&self) -> Timestamp {
            self.0.advance(Duration::from_nanos(1));
            self.0.now()
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
            self.0.sleep(duration)
        }
    }

    #[tokio::test]
    async fn on_a_running_clock_an_event_that_never_comes_ends_with_the_deadline() {
        let clock = RunningClock(ManualClock::at(Timestamp::UNIX_EPOCH));
        assert_eq!(wait_for(&clock, pending()).await, None);
        assert_eq!(clock.0.slept().len(), 1);
        assert!(clock.now() >= Timestamp::from_second(DEADLINE).unwrap());
    }

    #[tokio::test]
    async fn an_event_that_is_there_starts_no_timer() {
        let clock = RunningClock(ManualClock::at(Timestamp::UNIX_EPOCH));
        assert_eq!(wait_for(&clock, async {}).await, Some(()));
        assert!(clock.0.slept().is_empty());
    }

    #[tokio::test]
    async fn on_a_standing_clock_a_wait_moves_nothing_and_still_ends_with_the_deadline() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let (send, event) = oneshot::channel::<()>();
        let mut wait = pin!(wait_for(&clock, event.map(drop)));
        for _ in 0..1_000 {
            assert!(futures::poll!(&mut wait).is_pending());
        }
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        send.send(()).unwrap();
        assert_eq!(wait.await, Some(()));

        let mut wait = pin!(wait_for(&clock, pending()));
        assert!(futures::poll!(&mut wait).is_pending());
        clock.advance(Duration::from_secs(60));
        assert_eq!(wait.await, None);
    }
}
