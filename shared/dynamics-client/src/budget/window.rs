//! What ended within the last 300 seconds: how many requests, and how long they took.
//!
//! Dataverse does not say at which moment of its life a request is counted. One that ended here after
//! `took` was with the server at some time within it, so that counting all of it until 300 seconds after
//! its end is never too little.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

/// The length of the sliding window.
pub(super) const LENGTH: Duration = Duration::from_secs(300);
/// So that a request at the very end of the window still lies outside of it.
const GRAIN: Duration = Duration::from_millis(1);

/// Requests by when they ended, oldest first, and how long each took.
#[derive(Debug, Default)]
pub(super) struct Window {
    ended: VecDeque<(Timestamp, Duration)>,
    time: Duration,
}

impl Window {
    pub(super) fn add(&mut self, now: Timestamp, took: Duration) {
        self.ended.push_back((now, took));
        self.time = self.time.saturating_add(took);
    }

    /// How many requests there are.
    pub(super) fn requests(&self) -> usize {
        self.ended.len()
    }

    /// How long they took together.
    pub(super) fn time(&self) -> Duration {
        self.time
    }

    /// Forgets what left the window. After a clock that jumped back, what seems to lie in the future
    /// counts as having ended now.
    pub(super) fn follow_clock(&mut self, now: Timestamp) {
        for (ended, _) in self.ended.iter_mut().rev().take_while(|it| it.0 > now) {
            *ended = now;
        }
        while let Some((ended, took)) = self.ended.front()
            && clock::elapsed(*ended, now) > LENGTH
        {
            self.time = self.time.saturating_sub(*took);
            self.ended.pop_front();
        }
    }

    /// How long it is until `requests` of them have left; `None` if there are fewer.
    pub(super) fn until_left(&self, now: Timestamp, requests: usize) -> Option<Duration> {
        let (ended, _) = self.ended.get(requests.checked_sub(1)?)?;
        Some((LENGTH + GRAIN).saturating_sub(clock::elapsed(*ended, now)))
    }

    /// How long it is until those that took `time` together, or all, have left.
    pub(super) fn until_freed(&self, now: Timestamp, time: Duration) -> Option<Duration> {
        let mut freed = Duration::ZERO;
        let enough = self.ended.iter().position(|(_, took)| {
            freed = freed.saturating_add(*took);
            freed >= time
        });
        self.until_left(now, enough.map_or(self.ended.len(), |index| index + 1))
    }
}
