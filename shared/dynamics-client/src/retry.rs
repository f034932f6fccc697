//! The one retry policy: what may be sent again, after how long, and when to give up.
//!
//! A request is sent again for what its failure proves, not for its status alone: what may not be
//! done twice is repeated only while it is certain that it was not done.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::call::Repeat;
use crate::classify::Failure;
use crate::error::{ErrorKind, Outcome};

/// Tries of one request, the first included.
const TRIES: u32 = 6;
/// The first wait where the server asks for none.
pub(crate) const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// The longest wait a server may ask for. Beyond it, waiting is no use to anybody.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// What a retry takes out of the shared budget, what that starts with, and the least that a request
/// that succeeds pays in. In a long outage 100 retries are made in all.
const RETRY_COST: u32 = 5;
const RETRY_BUDGET: u32 = 500;
const SUCCESS_PAYS: u32 = 1;

/// The retry budget shared by all requests of a client: without it, many tasks would each spend all
/// their tries on an outage that the first of them has shown to be long.
#[derive(Debug)]
pub(crate) struct RetryBudget(Mutex<u32>);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Mutex::new(RETRY_BUDGET))
    }
}

impl RetryBudget {
    fn spend(&self, cost: u32) -> bool {
        let mut left = self.lock();
        match left.checked_sub(cost) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        }
    }

    fn pay_in(&self, amount: u32) {
        let mut left = self.lock();
        *left = left.saturating_add(amount).min(RETRY_BUDGET);
    }

    fn lock(&self) -> MutexGuard<'_, u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tries of one request.
#[derive(Debug)]
pub(crate) struct Retries {
    repeat: Repeat,
    backoff: ExponentialBackoff,
    tries: u32,
    /// What the last retry took out of the shared budget.
    spent: u32,
}

/// What to do after a failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    /// Try again after this long.
    Wait(Duration),
    /// Give up, for this reason if it is not the failure itself.
    GiveUp(Option<&'static str>),
}

impl Retries {
    pub(crate) fn new(repeat: Repeat, jitter_seed: u64) -> Self {
        let backoff = ExponentialBuilder::new()
            .with_min_delay(FIRST_WAIT)
            .with_max_delay(LONGEST_BACKOFF)
            .without_max_times()
            .with_jitter()
            .with_jitter_seed(jitter_seed)
            .build();
        Self {
            repeat,
            backoff,
            tries: 1,
            spent: 0,
        }
    }

    /// Decides what follows `failure`.
    pub(crate) fn after(&mut self, failure: &Failure, budget: &RetryBudget) -> Next {
        let certain = failure.outcome != Outcome::Unknown;
        if !failure.passing || !(certain || self.repeat == Repeat::Always) {
            return Next::GiveUp(None);
        }
        let asked = failure.asked_to_wait();
        if asked.is_some_and(|wait| wait > LONGEST_WAIT) {
            return Next::GiveUp(Some("the wait it asks for is longer than an hour"));
        }
        if self.tries >= TRIES {
            return Next::GiveUp(None);
        }
        // Coming back when a throttle says so is what the server wants, and no sign of an outage.
        let obeys = asked.is_some() && failure.problem.kind == ErrorKind::Throttled;
        self.spent = if obeys { 0 } else { RETRY_COST };
        if !budget.spend(self.spent) {
            return Next::GiveUp(Some(
                "so many requests failed that no more retries are made",
            ));
        }
        self.tries += 1;
        let backoff = self.backoff.next().unwrap_or(LONGEST_BACKOFF);
        Next::Wait(asked.unwrap_or(backoff))
    }

    /// The request succeeded: what its last retry cost is paid back.
    pub(crate) fn succeeded(&self, budget: &RetryBudget) {
        budget.pay_in(self.spent.max(SUCCESS_PAYS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Problem;

    fn failure(outcome: Outcome, retry_after: Option<Duration>) -> Failure {
        Failure {
            problem: Problem::new(ErrorKind::Unavailable, "it failed"),
            outcome,
            passing: true,
            retry_after,
        }
    }

    fn retries() -> Retries {
        Retries::new(Repeat::Always, 7)
    }

    #[test]
    fn what_may_not_be_done_twice_is_repeated_only_while_it_was_not_done() {
        let budget = RetryBudget::default();
        for (outcome, repeated) in [(Outcome::NotApplied, true), (Outcome::Unknown, false)] {
            let failure = failure(outcome, None);
            let mut retries = Retries::new(Repeat::OnlyIfNotApplied, 7);
            let next = retries.after(&failure, &budget);
            assert_eq!(matches!(next, Next::Wait(_)), repeated, "{outcome:?}");
            let next = self::retries().after(&failure, &budget);
            assert!(matches!(next, Next::Wait(_)), "{outcome:?}");
        }
    }

    #[test]
    fn coming_back_when_a_throttle_says_so_costs_nothing_and_pays_nothing_back() {
        let budget = RetryBudget::default();
        assert!(budget.spend(RETRY_BUDGET));
        let mut throttled = failure(Outcome::NotApplied, Some(Duration::from_secs(1)));
        throttled.problem.kind = ErrorKind::Throttled;
        let mut retries = retries();
        for _ in 1..TRIES {
            let next = retries.after(&throttled, &budget);
            assert_eq!(next, Next::Wait(Duration::from_secs(1)));
        }
        assert_eq!(retries.after(&throttled, &budget), Next::GiveUp(None));
        retries.succeeded(&budget);
        assert_eq!(*budget.lock(), SUCCESS_PAYS);
        throttled.retry_after = None;
        assert_eq!(
            self::retries().after(&throttled, &budget),
            refused_by_budget()
        );
    }

    #[test]
    fn a_backoff_doubles_with_jitter_and_ends_after_six_tries() {
        let budget = RetryBudget::default();
        let mut retries = retries();
        for exponent in 0..5 {
            let Next::Wait(wait) = retries.after(&failure(Outcome::Unknown, None), &budget) else {
                panic!("gave up too early");
            };
            let base = Duration::from_secs(1 << exponent);
            assert!(base <= wait && wait <= base * 2, "{wait:?}");
        }
        assert_eq!(
            retries.after(&failure(Outcome::Unknown, None), &budget),
            Next::GiveUp(None)
        );
        assert_eq!(retries.tries, 6);
    }

    #[test]
    fn the_wait_a_server_asks_for_is_taken_as_it_is() {
        let budget = RetryBudget::default();
        let mut retries = retries();
        let asked = Duration::from_secs(77);
        assert_eq!(
            retries.after(&failure(Outcome::NotApplied, Some(asked)), &budget),
            Next::Wait(asked)
        );
        let zero = failure(Outcome::NotApplied, Some(Duration::ZERO));
        let Next::Wait(wait) = retries.after(&zero, &budget) else {
            panic!("gave up");
        };
        assert!(wait >= Duration::from_secs(2), "{wait:?}");
        let for_ever = failure(Outcome::NotApplied, Some(Duration::from_secs(u64::MAX)));
        assert!(matches!(
            retries.after(&for_ever, &budget),
            Next::GiveUp(Some(_))
        ));
    }

    #[test]
    fn a_final_failure_is_not_tried_again() {
        let budget = RetryBudget::default();
        let mut lasting = failure(Outcome::Refused, None);
        lasting.passing = false;
        assert_eq!(retries().after(&lasting, &budget), Next::GiveUp(None));
        assert_eq!(*budget.lock(), RETRY_BUDGET);
    }

    #[test]
    fn a_long_outage_empties_the_shared_budget_and_successes_fill_it_again() {
        let budget = RetryBudget::default();
        let mut retried = 0;
        while retries().after(&failure(Outcome::NotApplied, None), &budget) != refused_by_budget() {
            retried += 1;
        }
        assert_eq!(retried, 100);
        for _ in 0..RETRY_COST {
            retries().succeeded(&budget);
        }
        assert!(matches!(
            retries().after(&failure(Outcome::NotApplied, None), &budget),
            Next::Wait(_)
        ));
    }

    fn refused_by_budget() -> Next {
        Next::GiveUp(Some(
            "so many requests failed that no more retries are made",
        ))
    }
}
