//! Letting all requests heed what one of them was told.
//!
//! Never in here: deciding whether to try again (see `retry`).

use crate::call::{Call, Scope, Target};
use crate::classify::Failure;
use crate::error::ErrorKind;
use crate::pipeline::Core;
use crate::retry::{FIRST_WAIT, LONGEST_WAIT, Next};

impl Core {
    /// Lets every other request heed what this one was told. To be called while it still holds its
    /// place, so that nobody slips in between. Answers whether everybody waits.
    pub(crate) fn heed(&self, call: &Call, failure: &Failure, next: Next) -> bool {
        let throttled = is_throttle(failure);
        let asked = failure.asked_to_wait();
        if !throttled && asked.is_none() {
            return false;
        }
        let wait = match next {
            Next::Wait(wait) => wait,
            Next::GiveUp(_) => asked.unwrap_or_default().min(LONGEST_WAIT),
        };
        if matches!(call.target, Target::Token) {
            self.tokens.pause(self.clock.now(), wait);
            return true;
        }
        if throttled {
            self.budget.throttled();
        }
        self.budget.pause(wait);
        true
    }

    /// Counts a throttled answer, and lets everybody heed it, of which the status says success and only
    /// parts are refused. To be called as it is read, before anything else is sent; how long those parts
    /// wait themselves is decided when their round ends.
    pub(crate) fn heed_parts<'a>(
        &self,
        scope: &Scope,
        failures: impl Iterator<Item = &'a Failure>,
    ) {
        let asked = failures
            .filter(|failure| is_throttle(failure))
            .map(|failure| failure.asked_to_wait().unwrap_or(FIRST_WAIT));
        if let Some(wait) = asked.max() {
            scope.count_throttle();
            self.budget.throttled();
            self.budget.pause(wait.min(LONGEST_WAIT));
        }
    }
}

impl Scope {
    pub(crate) fn count_throttle(&self) {
        self.counters
            .iter()
            .for_each(|counters| counters.throttled());
    }
}

pub(crate) fn is_throttle(failure: &Failure) -> bool {
    failure.problem.kind == ErrorKind::Throttled
}
