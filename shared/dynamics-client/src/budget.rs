//! The request budget: what all tasks of this process together may send to Dataverse.
//!
//! Dataverse allows a user 6,000 requests in any 300 seconds and 52 at the same time, per web server,
//! and answers 429 with a wait that grows if the client keeps pushing. This client therefore never
//! takes more than its share of either, counting exactly: every send time of the last 300 seconds is
//! kept, so no burst and refill can add up to more.
//!
//! A pure state machine: it is told the time and answers with what to wait for. Never in here:
//! sleeping, deadlines. (The third limit, execution time, is not steered yet.)
//!
//! Source: "Service protection API limits", Dataverse developer documentation.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::config::BudgetShare;
use crate::pause::Pause;

/// The length of the sliding window.
const WINDOW: Duration = Duration::from_secs(300);
/// Requests that one user may send within the window.
const WINDOW_REQUESTS: u32 = 6_000;
/// Requests that one user may have under way.
const CONCURRENT_REQUESTS: u32 = 52;
/// How many may be under way before the server has shown what it bears.
const FIRST_CONCURRENT: u32 = 4;
/// So that a request at the very end of the window still lies outside of it.
const GRAIN: Duration = Duration::from_millis(1);

/// The shared budget. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
    window_requests: usize,
    ceiling: u32,
}

#[derive(Debug)]
struct State {
    /// When each request of the last window was sent, oldest first.
    sent: VecDeque<Timestamp>,
    under_way: u32,
    cap: u32,
    /// What `x-ms-dop-hint` last recommended.
    hint: Option<u32>,
    /// Successes since the cap last changed.
    successes: u32,
    pause: Option<Pause>,
}

/// Why a request may not be sent yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hold {
    /// Dataverse asked everybody to wait for this long.
    Paused(Duration),
    /// The window is full for this long.
    WindowFull(Duration),
    /// Too many requests are under way; one must end first.
    Busy,
}

/// The right to send one request. Dropping it ends the request.
#[derive(Debug)]
pub(crate) struct Permit(Budget);

impl Budget {
    pub(crate) fn new(share: BudgetShare) -> Self {
        let ceiling = share.of(CONCURRENT_REQUESTS);
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                sent: VecDeque::new(),
                under_way: 0,
                cap: FIRST_CONCURRENT.min(ceiling),
                hint: None,
                successes: 0,
                pause: None,
            }),
            changed: Notify::new(),
            window_requests: usize::try_from(share.of(WINDOW_REQUESTS)).unwrap_or(1),
            ceiling,
        }))
    }

    /// The requests that fit into 300 seconds.
    pub(crate) fn window_requests(&self) -> usize {
        self.0.window_requests
    }

    /// Takes the right to send one request at `now`, or says what to wait for.
    pub(crate) fn enter(&self, now: Timestamp) -> Result<Permit, Hold> {
        let mut state = self.lock();
        state.follow_clock(now);
        let left = Pause::left(&mut state.pause, now);
        if !left.is_zero() {
            return Err(Hold::Paused(left));
        }
        if state.under_way >= state.cap {
            return Err(Hold::Busy);
        }
        if state.sent.len() >= self.0.window_requests
            && let Some(oldest) = state.sent.front()
        {
            let age = clock::elapsed(*oldest, now);
            return Err(Hold::WindowFull(WINDOW.saturating_sub(age) + GRAIN));
        }
        state.sent.push_back(now);
        state.under_way += 1;
        Ok(Permit(self.clone()))
    }

    /// Completes when the state has changed since the call of this function.
    pub(crate) fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.0.changed.notified()
    }

    /// An answer came: `hint` is its `x-ms-dop-hint`.
    pub(crate) fn hinted(&self, hint: u32) {
        let mut state = self.lock();
        state.hint = Some(hint.max(1));
        state.cap = state.cap.min(self.highest(&state));
        drop(state);
        self.0.changed.notify_waiters();
    }

    /// A request succeeded. Once every place under the cap has succeeded, one more is added.
    pub(crate) fn succeeded(&self) {
        let mut state = self.lock();
        state.successes += 1;
        if state.successes >= state.cap && state.cap < self.highest(&state) {
            state.cap += 1;
            state.successes = 0;
        }
        drop(state);
        self.0.changed.notify_waiters();
    }

    /// Dataverse asks for a wait: nobody sends until it is over.
    pub(crate) fn pause(&self, now: Timestamp, length: Duration) {
        Pause::extend(&mut self.lock().pause, now, length);
    }

    /// A 429 came. Half as many may be under way; further 429s of the same burst, which arrive while
    /// the pause lasts, do not halve again. To be called before [`Self::pause`].
    pub(crate) fn throttled(&self, now: Timestamp) {
        let mut state = self.lock();
        state.successes = 0;
        let same_burst = !Pause::left(&mut state.pause, now).is_zero();
        if !same_burst {
            state.cap = (state.cap / 2).max(1);
        }
    }

    fn highest(&self, state: &State) -> u32 {
        state
            .hint
            .map_or(self.0.ceiling, |hint| hint.min(self.0.ceiling))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets what left the window. After a clock that jumped back, what seems to lie in the future
    /// counts as sent now. (A pause does the same for itself.)
    fn follow_clock(&mut self, now: Timestamp) {
        for sent in self.sent.iter_mut().rev().take_while(|sent| **sent > now) {
            *sent = now;
        }
        while let Some(oldest) = self.sent.front()
            && clock::elapsed(*oldest, now) > WINDOW
        {
            self.sent.pop_front();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        self.0.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
