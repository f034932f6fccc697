//! What a piece of work cost: requests by class, throttled answers, time waited.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What a request is for, as far as its cost is concerned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RequestClass {
    Token,
    WhoAmI,
    Metadata,
    Page,
    Write,
}

impl RequestClass {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::WhoAmI => "who_am_i",
            Self::Metadata => "metadata",
            Self::Page => "page",
            Self::Write => "write",
        }
    }
}

/// Counts every HTTP request made through a client, each try apart. See
/// [`DynamicsClient::counting`](crate::DynamicsClient::counting).
#[derive(Debug, Default)]
pub struct Counters {
    token: AtomicU64,
    who_am_i: AtomicU64,
    metadata: AtomicU64,
    pages: AtomicU64,
    writes: AtomicU64,
    throttled: AtomicU64,
    waited_us: AtomicU64,
}

/// What [`Counters`] stood at.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Requests to Entra for a token.
    pub token: u64,
    /// WhoAmI requests.
    pub who_am_i: u64,
    /// Requests for table definitions.
    pub metadata: u64,
    /// Requests for pages of rows or changes.
    pub pages: u64,
    /// Requests that write rows, however many rows each.
    pub writes: u64,
    /// Answers with status 429, to any of the above. A batch counts once, whether it was refused whole or
    /// some of its parts were, so that this never exceeds the number of requests.
    pub throttled: u64,
    /// Time spent waiting: for a retry, for room in the budget, for a throttle to end. As long as it
    /// was, also where a wait was broken off. Waits of several tasks at the same time add up.
    pub waited: Duration,
}

impl Counts {
    /// All HTTP requests, each try apart.
    pub fn requests(&self) -> u64 {
        self.token + self.who_am_i + self.metadata + self.pages + self.writes
    }
}

impl Counters {
    /// The counts at this moment.
    pub fn snapshot(&self) -> Counts {
        Counts {
            token: self.token.load(Relaxed),
            who_am_i: self.who_am_i.load(Relaxed),
            metadata: self.metadata.load(Relaxed),
            pages: self.pages.load(Relaxed),
            writes: self.writes.load(Relaxed),
            throttled: self.throttled.load(Relaxed),
            waited: Duration::from_micros(self.waited_us.load(Relaxed)),
        }
    }

    pub(crate) fn sent(&self, class: RequestClass) {
        let counter = match class {
            RequestClass::Token => &self.token,
            RequestClass::WhoAmI => &self.who_am_i,
            RequestClass::Metadata => &self.metadata,
            RequestClass::Page => &self.pages,
            RequestClass::Write => &self.writes,
        };
        counter.fetch_add(1, Relaxed);
    }

    pub(crate) fn throttled(&self) {
        self.throttled.fetch_add(1, Relaxed);
    }

    pub(crate) fn waited(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.waited_us.fetch_add(us, Relaxed);
    }
}
