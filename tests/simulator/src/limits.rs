//! Service protection: how much a user may ask of a server within a sliding window, enforced.
//!
//! There is one user here, and as many servers as the limits say; each counts for itself.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::Simulator;
use crate::faults::Limit;

/// The limits, all off by default. A request that is refused does not count towards them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The most requests within the window; 0 is no limit. A bulk action or a batch is one.
    pub requests: u32,
    /// The most execution time within the window, in milliseconds; 0 is no limit.
    pub execution_ms: u64,
    /// The most requests at once; 0 is no limit. Counts for requests that take time.
    pub concurrency: u32,
    /// How long the window is, in milliseconds.
    pub window_ms: u64,
    /// How many servers there are. A request without the affinity cookie goes to the next in turn.
    pub servers: u32,
    /// How long a request takes, in milliseconds, on the simulator's clock.
    pub request_ms: u64,
    /// How much longer for every row of a bulk action and every part of a batch.
    pub row_ms: u64,
    /// How long a refusal takes to its caller and a request of it back, in milliseconds, at most: what
    /// comes sooner after a refusal was on its way already. Delays nothing.
    pub flight_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 0,
            execution_ms: 0,
            concurrency: 0,
            window_ms: 300_000,
            servers: 1,
            request_ms: 0,
            row_ms: 0,
            flight_ms: 0,
        }
    }
}

impl Limits {
    /// The documented defaults: 6,000 requests and 1,200 seconds of execution time in 300 seconds, 52
    /// requests at once. Requests take no time.
    pub fn documented() -> Self {
        Self {
            requests: 6_000,
            execution_ms: 1_200_000,
            concurrency: 52,
            ..Self::default()
        }
    }

    /// Whether there is anything to count.
    fn counts(&self) -> bool {
        self.requests > 0 || self.execution_ms > 0 || self.concurrency > 0 || self.request_ms > 0
    }
}

/// What the limits saw since the start or the last reset of the requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LimitReport {
    /// Requests that were let in.
    pub admitted: u64,
    /// Requests that were answered 429.
    pub refused: u64,
    /// Requests that came to a server while a `Retry-After` of it was running. Those that were on their
    /// way already count too.
    pub within_retry_after: u64,
    /// Those of them that were not on their way when the first refusal reached its caller.
    pub despite_retry_after: u64,
    /// The most requests that any window of one server held.
    pub busiest_window: u64,
    /// The most execution time that any window of one server held, in milliseconds.
    pub busiest_window_ms: u64,
    /// The most requests that one server had at once.
    pub most_at_once: u32,
}

/// One server's memory of the window.
#[derive(Clone, Debug, Default)]
struct Server {
    /// When each request came, in milliseconds, and how long it took.
    entries: VecDeque<(i64, u64)>,
    execution_ms: u64,
    running: u32,
    /// Since when callers were told to wait, without a gap, and until when.
    wait_since: i64,
    wait_until: i64,
    /// Refusals since a request was last let in: the wait grows with them.
    pushes: u64,
}

/// All servers, and what they saw.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    servers: Vec<Server>,
    next: usize,
    pub(crate) report: LimitReport,
}

/// A request that was let in; it counts as running until this is dropped.
pub(crate) struct Slot {
    simulator: Simulator,
    pub(crate) server: usize,
    /// How long it takes.
    pub(crate) milliseconds: u64,
    pub(crate) remaining_requests: u64,
    pub(crate) remaining_ms: u64,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut limiter = self.simulator.limiter();
        if let Some(server) = limiter.servers.get_mut(self.server) {
            server.running = server.running.saturating_sub(1);
        }
    }
}

/// A request that was not let in.
#[derive(Debug)]
pub(crate) struct Wait {
    pub(crate) limit: Limit,
    pub(crate) most: u64,
    pub(crate) seconds: u64,
    pub(crate) server: usize,
}

/// Lets a request of `rows` rows in, on the server it is pinned to or the next in turn; `None` when no
/// limit is on.
pub(crate) fn enter(
    simulator: &Simulator,
    limits: Limits,
    pinned: Option<usize>,
    rows: u64,
) -> Option<Result<Slot, Wait>> {
    if !limits.counts() {
        return None;
    }
    let now = simulator.now().as_millisecond();
    let mut limiter = simulator.limiter();
    let limiter = &mut *limiter;
    let count = usize::try_from(limits.servers).unwrap_or(1).max(1);
    limiter.servers.resize_with(count, Server::default);
    let place = pinned.filter(|place| *place < count).unwrap_or_else(|| {
        limiter.next = limiter.next.saturating_add(1);
        limiter.next % count
    });
    let server = limiter.servers.get_mut(place)?;
    server.forget(now, limits.window_ms);
    if now < server.wait_until {
        let report = &mut limiter.report;
        report.within_retry_after = report.within_retry_after.saturating_add(1);
        let flight = i64::try_from(limits.flight_ms).unwrap_or(i64::MAX);
        if now.saturating_sub(server.wait_since) > flight {
            report.despite_retry_after = report.despite_retry_after.saturating_add(1);
        }
    }
    if let Some((limit, most, milliseconds)) = server.exceeded(now, &limits) {
        limiter.report.refused = limiter.report.refused.saturating_add(1);
        let seconds = milliseconds
            .div_ceil(1_000)
            .max(1)
            .saturating_add(server.pushes);
        server.pushes = server.pushes.saturating_add(1);
        let until = i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
        if server.wait_until <= now {
            server.wait_since = now;
        }
        server.wait_until = now.saturating_add(until);
        return Some(Err(Wait {
            limit,
            most,
            seconds,
            server: place,
        }));
    }
    let milliseconds = limits
        .request_ms
        .saturating_add(limits.row_ms.saturating_mul(rows));
    server.admit(now, milliseconds);
    let held = u64::try_from(server.entries.len()).unwrap_or(u64::MAX);
    let report = &mut limiter.report;
    report.admitted = report.admitted.saturating_add(1);
    report.busiest_window = report.busiest_window.max(held);
    report.busiest_window_ms = report.busiest_window_ms.max(server.execution_ms);
    report.most_at_once = report.most_at_once.max(server.running);
    Some(Ok(Slot {
        simulator: simulator.clone(),
        server: place,
        milliseconds,
        remaining_requests: u64::from(limits.requests).saturating_sub(held),
        remaining_ms: limits.execution_ms.saturating_sub(server.execution_ms),
    }))
}

impl Server {
    /// Drops what has left the window.
    fn forget(&mut self, now: i64, window_ms: u64) {
        let window = i64::try_from(window_ms).unwrap_or(i64::MAX);
        while let Some((came, took)) = self.entries.front().copied() {
            if now.saturating_sub(came) < window {
                break;
            }
            self.entries.pop_front();
            self.execution_ms = self.execution_ms.saturating_sub(took);
        }
    }

    fn admit(&mut self, now: i64, milliseconds: u64) {
        self.entries.push_back((now, milliseconds));
        self.execution_ms = self.execution_ms.saturating_add(milliseconds);
        self.running = self.running.saturating_add(1);
        self.pushes = 0;
    }

    /// The limit that stands in the way, what it allows, and in how many milliseconds it no longer does.
    fn exceeded(&self, now: i64, limits: &Limits) -> Option<(Limit, u64, u64)> {
        let leaves_in = |came: i64| {
            let gone = u64::try_from(now.saturating_sub(came)).unwrap_or(0);
            limits.window_ms.saturating_sub(gone)
        };
        if limits.concurrency > 0 && self.running >= limits.concurrency {
            let most = u64::from(limits.concurrency);
            return Some((Limit::Concurrency, most, limits.request_ms));
        }
        let most = usize::try_from(limits.requests).unwrap_or(usize::MAX);
        if most > 0
            && let Some(beyond) = self.entries.len().checked_sub(most)
        {
            let wait = self.entries.get(beyond).map(|(came, _)| leaves_in(*came));
            let most = u64::from(limits.requests);
            return Some((Limit::Requests, most, wait.unwrap_or(limits.window_ms)));
        }
        if limits.execution_ms > 0 && self.execution_ms >= limits.execution_ms {
            let mut left = self.execution_ms;
            let freed = self.entries.iter().find(|(_, took)| {
                left = left.saturating_sub(*took);
                left < limits.execution_ms
            });
            let wait = freed.map_or(limits.window_ms, |(came, _)| leaves_in(*came));
            return Some((Limit::ExecutionTime, limits.execution_ms, wait));
        }
        None
    }
}
