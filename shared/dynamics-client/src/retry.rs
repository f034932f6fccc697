//! The one retry policy: what may be sent again, after how long, and when to give up.
//!
//! A request is sent again for what its failure proves, not for its status alone. Every request of
//! this client is a read or asks for a token, so doing it twice does no harm; the first write must
//! ask here whether it may be repeated when nothing is known.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::classify::{Failure, Proof};

/// Tries of one request, the first included.
const TRIES: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// The longest wait a server may ask for. Beyond it, waiting is no use to anybody.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// What a retry takes out of the shared budget, what it starts with, and what a request that
/// succeeded at the first try pays in. In a long outage 100 retries are made in all.
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
    fn spend(&self) -> bool {
        let mut left = self.lock();
        match left.checked_sub(RETRY_COST) {
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
    backoff: ExponentialBackoff,
    tries: u32,
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
    pub(crate) fn new(jitter_seed: u64) -> Self {
        let backoff = ExponentialBuilder::new()
            .with_min_delay(FIRST_WAIT)
            .with_max_delay(LONGEST_BACKOFF)
            .without_max_times()
            .with_jitter()
            .with_jitter_seed(jitter_seed)
            .build();
        Self { backoff, tries: 1 }
    }

    /// Decides what follows `failure`.
    pub(crate) fn after(&mut self, failure: &Failure, budget: &RetryBudget) -> Next {
        match failure.proof {
            Proof::Final => return Next::GiveUp(None),
            Proof::NotSent | Proof::NotApplied | Proof::Unknown => {}
        }
        // A date in the past or a zero says "at once"; a client that obeys it knocks again and again.
        let asked = failure.retry_after.filter(|wait| !wait.is_zero());
        if asked.is_some_and(|wait| wait > LONGEST_WAIT) {
            return Next::GiveUp(Some("the wait it asks for is longer than an hour"));
        }
        if self.tries >= TRIES {
            return Next::GiveUp(None);
        }
        if !budget.spend() {
            return Next::GiveUp(Some(
                "so many requests failed that no more retries are made",
            ));
        }
        self.tries += 1;
        let backoff = self.backoff.next().unwrap_or(LONGEST_BACKOFF);
        Next::Wait(asked.unwrap_or(backoff))
    }

    /// The request succeeded: its last retry is paid back.
    pub(crate) fn succeeded(&self, budget: &RetryBudget) {
        budget.pay_in(if self.tries > 1 {
            RETRY_COST
        } else {
            SUCCESS_PAYS
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Problem};

    fn failure(proof: Proof, retry_after: Option<Duration>) -> Failure {
        Failure {
            problem: Problem::new(ErrorKind::Unavailable, "it failed"),
            proof,
            retry_after,
        }
    }

    #[test]
    fn a_backoff_doubles_with_jitter_and_ends_after_six_tries() {
        let budget = RetryBudget::default();
        let mut retries = Retries::new(7);
        for exponent in 0..5 {
            let Next::Wait(wait) = retries.after(&failure(Proof::Unknown, None), &budget) else {
                panic!("gave up too early");
            };
            let base = Duration::from_secs(1 << exponent);
            assert!(base <= wait && wait <= base * 2, "{wait:?}");
        }
        assert_eq!(
            retries.after(&failure(Proof::Unknown, None), &budget),
            Next::GiveUp(None)
        );
        assert_eq!(retries.tries, 6);
    }

    #[test]
    fn the_wait_a_server_asks_for_is_taken_as_it_is() {
        let budget = RetryBudget::default();
        let mut retries = Retries::new(7);
        let asked = Duration::from_secs(77);
        assert_eq!(
            retries.after(&failure(Proof::NotApplied, Some(asked)), &budget),
            Next::Wait(asked)
        );
        let zero = failure(Proof::NotApplied, Some(Duration::ZERO));
        let Next::Wait(wait) = retries.after(&zero, &budget) else {
            panic!("gave up");
        };
        assert!(wait >= Duration::from_secs(2), "{wait:?}");
        let for_ever = failure(Proof::NotApplied, Some(Duration::from_secs(u64::MAX)));
        assert!(matches!(
            retries.after(&for_ever, &budget),
            Next::GiveUp(Some(_))
        ));
    }

    #[test]
    fn a_final_failure_is_not_tried_again() {
        let budget = RetryBudget::default();
        assert_eq!(
            Retries::new(7).after(&failure(Proof::Final, None), &budget),
            Next::GiveUp(None)
        );
        assert_eq!(*budget.lock(), RETRY_BUDGET);
    }

    #[test]
    fn a_long_outage_empties_the_shared_budget_and_successes_fill_it_again() {
        let budget = RetryBudget::default();
        let mut retried = 0;
        while Retries::new(7).after(&failure(Proof::NotSent, None), &budget) != refused_by_budget()
        {
            retried += 1;
        }
        assert_eq!(retried, 100);
        for _ in 0..RETRY_COST {
            Retries::new(7).succeeded(&budget);
        }
        assert!(matches!(
            Retries::new(7).after(&failure(Proof::NotSent, None), &budget),
            Next::Wait(_)
        ));
    }

    fn refused_by_budget() -> Next {
        Next::GiveUp(Some(
            "so many requests failed that no more retries are made",
        ))
    }
}
