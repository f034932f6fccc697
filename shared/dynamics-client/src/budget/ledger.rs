//! What was sent and what is under way, and whether one more request may be.
//!
//! A pure state machine: it is told the time and answers with what to wait for. Never in here: a clock,
//! a lock, sleeping.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::window::{self, Window};
use super::{BudgetState, Remaining};
use crate::config::BudgetShare;
use crate::pause::Pause;

/// Requests that one user may send within the window.
const REQUESTS: u32 = 6_000;
/// Execution time that one user's requests may take within the window.
const TIME: Duration = Duration::from_secs(1_200);
/// Requests that one user may have under way.
const CONCURRENT: u32 = 52;

/// How many may be under way before the server has shown what it bears.
const FIRST_CONCURRENT: u32 = 4;
/// How long a request is expected to take before any has ended.
const FIRST_EXPECTED: Duration = Duration::from_secs(1);
/// The longest that a request can take: gateways cut it off then. If it seems to have taken longer, this
/// process was frozen or its clock was set.
const LONGEST: Duration = Duration::from_secs(240);

/// Names a request that was let in.
pub(super) type Ticket = u64;

/// Why a request may not be sent yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hold {
    /// Dataverse asked everybody to wait for this long.
    Paused(Duration),
    /// The share of this many requests is used up for this long.
    RequestsUsedUp(u32, Duration),
    /// The share of this much execution time is used up for this long.
    TimeUsedUp(Duration, Duration),
    /// What is left of the execution time may all be taken by requests under way: one must end, or this
    /// long pass.
    TimeReserved(Duration),
    /// Too many requests are under way; one must end first.
    Busy,
}

#[derive(Debug)]
pub(super) struct Ledger {
    most_requests: u32,
    most_time: Duration,
    most_concurrent: u32,
    /// Those that ended.
    window: Window,
    /// Those that have a place, by ticket.
    places: BTreeMap<Ticket, Place>,
    tickets: Ticket,
    /// How long the next request may be expected to take: the longest of late.
    expected: Duration,
    cap: u32,
    /// What `x-ms-dop-hint` last recommended.
    hint: Option<u32>,
    /// Successes since the cap last changed.
    successes: u32,
    pause: Option<Pause>,
    /// The latest time that was told.
    latest: Timestamp,
    remaining: Remaining,
    /// How many may be under way while others use up what this client leaves.
    squeezed: Option<u32>,
}

#[derive(Debug)]
struct Place {
    since: Timestamp,
    /// How long the request took, once it has ended.
    took: Option<Duration>,
    /// Requests and execution time that were counted when it was let in, itself included.
    counted: (u32, Duration),
}

impl Ledger {
    pub(super) fn new(share: BudgetShare) -> Self {
        let most_concurrent = share.of(CONCURRENT);
        let ms = u32::try_from(TIME.as_millis()).unwrap_or(u32::MAX);
        Self {
            most_requests: share.of(REQUESTS),
            most_time: Duration::from_millis(share.of(ms).into()),
            most_concurrent,
            window: Window::default(),
            places: BTreeMap::new(),
            tickets: 0,
            expected: FIRST_EXPECTED,
            cap: FIRST_CONCURRENT.min(most_concurrent),
            hint: None,
            successes: 0,
            pause: None,
            latest: Timestamp::MIN,
            remaining: Remaining::default(),
            squeezed: None,
        }
    }

    /// Lets one request in at `now`, or says what to wait for.
    pub(super) fn enter(&mut self, now: Timestamp) -> Result<Ticket, Hold> {
        self.follow_clock(now);
        let paused = Pause::left(&mut self.pause, now);
        if !paused.is_zero() {
            return Err(Hold::Paused(paused));
        }
        let requests = self.requests();
        if count(self.places.len()) >= self.concurrent() {
            return Err(Hold::Busy);
        }
        if let Some(beyond) = (requests + 1).checked_sub(self.most_requests)
            && beyond > 0
        {
            let leave = usize::try_from(beyond).unwrap_or(usize::MAX);
            let wait = self.window.until_left(now, leave);
            let used_up = |wait| Hold::RequestsUsedUp(self.most_requests, wait);
            return Err(wait.map_or(Hold::Busy, used_up));
        }
        let reserved = self.reserved(now);
        let time = self.window.time() + reserved + self.expected;
        // Alone, a request may also be larger than the whole share, or it could never be sent.
        let alone = self.window.time().is_zero() && reserved.is_zero();
        if let Some(beyond) = time.checked_sub(self.most_time)
            && !beyond.is_zero()
            && !alone
        {
            let wait = self.window.until_freed(now, beyond);
            let wait = wait.unwrap_or(window::LENGTH);
            return Err(if reserved.is_zero() {
                Hold::TimeUsedUp(self.most_time, wait)
            } else {
                Hold::TimeReserved(wait)
            });
        }
        self.tickets += 1;
        let place = Place {
            since: now,
            took: None,
            counted: (requests + 1, time),
        };
        self.places.insert(self.tickets, place);
        Ok(self.tickets)
    }

    /// The request ended at `now`.
    pub(super) fn ended(&mut self, ticket: Ticket, now: Timestamp) {
        self.follow_clock(now);
        if let Some(place) = self.places.get_mut(&ticket) {
            let took = place.so_far(now);
            place.took = Some(took);
            self.window.add(now, took);
            self.expected = self.expected.max(took);
        }
    }

    /// The request never reached Dataverse.
    pub(super) fn not_sent(&mut self, ticket: Ticket) {
        if let Some(place) = self.places.get_mut(&ticket) {
            place.took = Some(Duration::ZERO);
        }
    }

    /// The request succeeded. Once every place under the cap has succeeded, one more is added.
    pub(super) fn succeeded(&mut self, ticket: Ticket) {
        // Up at once and down slowly. Only successes lower it: a refusal costs the server nothing and
        // says nothing about what is to come.
        if let Some(took) = self.places.get(&ticket).and_then(|place| place.took) {
            self.expected -= self.expected.saturating_sub(took) / 8;
        }
        self.successes += 1;
        if self.successes >= self.cap && self.cap < self.highest() {
            self.cap += 1;
            self.successes = 0;
        }
    }

    /// An answer said what remains of the limits on the server that gave it.
    ///
    /// That is for debugging, by Dataverse's documentation, and not steered by: servers take turns, and
    /// one with much left says nothing about the next, so it can free nothing that is counted here. But
    /// if one has less left than this client's own requests explain, then somebody else uses the limits
    /// up (or they are lower here). Then so few may be under way as that server can still take, so that
    /// the 429 to come meets one request or two and not all that there is room for.
    pub(super) fn told(&mut self, ticket: Ticket, said: Remaining) {
        if said == Remaining::default() {
            return;
        }
        let Some(place) = self.places.get(&ticket) else {
            return;
        };
        let (requests, time) = place.counted;
        let requests_left = said
            .requests
            .filter(|left| left.saturating_add(requests) < REQUESTS);
        let time_left = said
            .execution_time
            .filter(|left| left.saturating_add(time) < TIME)
            .map(|left| {
                let times = left.as_millis() / self.expected.as_millis().max(1);
                u32::try_from(times).unwrap_or(u32::MAX)
            });
        let left = requests_left.into_iter().chain(time_left).min();
        self.squeezed = left.map(|left| left.max(1));
        self.remaining = said;
    }

    /// The place is given back. A request that has not ended was broken off, and the server may go on
    /// with it.
    pub(super) fn leave(&mut self, ticket: Ticket, now: Timestamp) {
        self.follow_clock(now);
        if let Some(place) = self.places.remove(&ticket)
            && place.took.is_none()
        {
            self.window.add(now, place.so_far(now).max(self.expected));
        }
    }

    /// `x-ms-dop-hint` recommends so many at once.
    pub(super) fn hinted(&mut self, hint: u32) {
        self.hint = Some(hint.max(1));
        self.cap = self.cap.min(self.highest());
    }

    /// A 429 came. Half as many may be under way; further 429s of the same burst, which arrive while
    /// the pause lasts, do not halve again.
    pub(super) fn throttled(&mut self, now: Timestamp) {
        self.successes = 0;
        let same_burst = !Pause::left(&mut self.pause, now).is_zero();
        if !same_burst {
            self.cap = (self.cap / 2).max(1);
        }
    }

    /// Nobody sends for `length` after `now`.
    pub(super) fn pause(&mut self, now: Timestamp, length: Duration) {
        Pause::extend(&mut self.pause, now, length);
    }

    pub(super) fn state(&mut self, now: Timestamp) -> BudgetState {
        self.follow_clock(now);
        BudgetState {
            requests: self.requests(),
            requests_allowed: self.most_requests,
            execution_time: self.window.time() + self.reserved(now),
            execution_time_allowed: self.most_time,
            under_way: count(self.places.len()),
            under_way_allowed: self.concurrent(),
            paused_for: Pause::left(&mut self.pause, now),
            remaining: self.remaining,
        }
    }

    fn requests(&self) -> u32 {
        count(self.window.requests() + self.running().count())
    }

    /// The execution time that those under way take so far, or are expected to take. Without the latter,
    /// many slow ones that are started at once would be noticed only when it is too late.
    fn reserved(&self, now: Timestamp) -> Duration {
        self.running()
            .map(|place| place.so_far(now).max(self.expected))
            .sum()
    }

    fn running(&self) -> impl Iterator<Item = &Place> {
        self.places.values().filter(|place| place.took.is_none())
    }

    fn concurrent(&self) -> u32 {
        self.cap.min(self.squeezed.unwrap_or(u32::MAX))
    }

    fn highest(&self) -> u32 {
        let most = self.most_concurrent;
        self.hint.map_or(most, |hint| hint.min(most))
    }

    /// After a clock that jumped back, those under way have taken as long as before. (The window and a
    /// pause see to themselves.)
    fn follow_clock(&mut self, now: Timestamp) {
        if now < self.latest {
            for place in self.places.values_mut() {
                let so_far = clock::elapsed(place.since, self.latest);
                place.since = now.checked_sub(so_far).unwrap_or(Timestamp::MIN);
            }
        }
        self.latest = now;
        self.window.follow_clock(now);
    }
}

impl Place {
    fn so_far(&self, now: Timestamp) -> Duration {
        clock::elapsed(self.since, now).min(LONGEST)
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
