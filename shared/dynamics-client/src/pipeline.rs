//! The way of every request: token, budget, transport, judgement, retry.
//!
//! There is one loop, and no wait in here goes beyond the caller's deadline. What one try does is in
//! `attempt`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clock::Clock;
use futures::future::BoxFuture;
use http::{HeaderValue, Response, StatusCode};
use jiff::Timestamp;
use url::Url;

use crate::attempt::{Stop, asked_to_wait};
use crate::budget::{Budget, Hold, Permit};
use crate::classify::Failure;
use crate::config::ClientConfig;
use crate::counters::{Counters, RequestClass};
use crate::error::{Error, ErrorKind, Problem};
use crate::random::Random;
use crate::retry::{Next, Retries, RetryBudget};
use crate::token::{self, Token, Tokens};
use crate::transport::Transport;

/// What all clones of a client share.
pub(crate) struct Core {
    pub(crate) config: ClientConfig,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) budget: Budget,
    retry_budget: RetryBudget,
    pub(crate) tokens: Tokens,
}

/// What one clone of a client adds: how long it has, and who counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) counters: Vec<Arc<Counters>>,
}

/// One thing to ask for, in as many requests as it takes.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) class: RequestClass,
    /// What it is, after "cannot": `read contacts`.
    pub(crate) operation: String,
    pub(crate) target: Target,
}

#[derive(Debug)]
pub(crate) enum Target {
    Token,
    Api {
        url: Url,
        prefer: Option<HeaderValue>,
        /// Whether the address is a link that Dataverse made.
        by_link: bool,
    },
}

impl Core {
    pub(crate) fn new(
        config: ClientConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Self {
        Self {
            budget: Budget::new(config.budget_share),
            config,
            transport,
            clock,
            random: Random::new(seed),
            retry_budget: RetryBudget::default(),
            tokens: Tokens::default(),
        }
    }

    /// Carries `call` out: a 2xx answer, or the error after the last try.
    pub(crate) async fn answer(
        &self,
        scope: &Scope,
        call: &Call,
    ) -> Result<Response<Bytes>, Error> {
        let started = self.clock.now();
        let mut retries = Retries::new(self.random.number());
        let mut tries = 0;
        let mut token_renewed = false;
        loop {
            self.insist_on_time(scope, call)?;
            tries += 1;
            let failure = match self.attempt(scope, call).await {
                Ok(answer) => {
                    retries.succeeded(&self.retry_budget);
                    return Ok(answer);
                }
                Err(Stop::Error(error)) => return Err(error),
                Err(Stop::Failure(failure)) => failure,
            };
            let is_api = matches!(call.target, Target::Api { .. });
            // The token may have been revoked early; `attempt` has dropped it.
            if failure.problem.status == Some(StatusCode::UNAUTHORIZED) && is_api && !token_renewed
            {
                token_renewed = true;
                continue;
            }
            let next = retries.after(&failure, &self.retry_budget);
            let elapsed = clock::elapsed(started, self.clock.now());
            let wait = match next {
                Next::Wait(wait) => wait,
                Next::GiveUp(reason) => {
                    return Err(given_up(call, failure, reason, tries, elapsed));
                }
            };
            let everybody = is_api
                && (failure.problem.kind == ErrorKind::Throttled
                    || asked_to_wait(&failure).is_some());
            let why = failure.problem.what.clone();
            if let Err(mut late) = self.time_for(scope, wait, &why) {
                late.source = Some(Box::new(given_up(call, failure, None, tries, elapsed)));
                return Err(Error::after_tries(
                    &call.operation,
                    late,
                    tries,
                    elapsed,
                    Vec::new(),
                ));
            }
            if everybody {
                // The wait itself happens where every request waits, at the budget.
                self.budget.pause(self.clock.now(), wait);
            } else {
                self.sleep(scope, wait).await;
            }
        }
    }

    /// A token that is good now.
    pub(crate) async fn token(&self, scope: &Scope) -> Result<Token, Error> {
        let mut slot = self.tokens.lock().await?;
        if let Some(token) = slot.fresh(self.clock.now()) {
            return Ok(token);
        }
        let outcome = self.new_token(scope).await;
        self.tokens.store(&mut slot, outcome)
    }

    /// Boxed, because asking for a token goes through the same loop as the request that needs it.
    fn new_token<'a>(&'a self, scope: &'a Scope) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let call = Call {
                class: RequestClass::Token,
                operation: format!("get a token for {}", self.config.instance),
                target: Target::Token,
            };
            let answer = self.answer(scope, &call).await?;
            token::read(&answer, self.clock.now())
                .map_err(|problem| Error::new(&call.operation, problem))
        })
    }

    /// Waits until the budget has room for one request.
    pub(crate) async fn enter(&self, scope: &Scope, call: &Call) -> Result<Permit, Error> {
        loop {
            let changed = self.budget.changed();
            let (wait, why) = match self.budget.enter(self.clock.now()) {
                Ok(permit) => return Ok(permit),
                // Whoever holds a place is bound by a deadline and a time limit of its own.
                Err(Hold::Busy) => {
                    changed.await;
                    self.insist_on_time(scope, call)?;
                    continue;
                }
                Err(Hold::Paused(wait)) => {
                    (wait, "Dataverse asked all requests to wait".to_owned())
                }
                Err(Hold::WindowFull(wait)) => (
                    wait,
                    format!(
                        "this client's share of {} requests in 300 s is used up",
                        self.budget.window_requests()
                    ),
                ),
            };
            self.time_for(scope, wait, &why)
                .map_err(|problem| Error::new(&call.operation, problem))?;
            self.sleep(scope, wait).await;
        }
    }

    async fn sleep(&self, scope: &Scope, wait: Duration) {
        scope
            .counters
            .iter()
            .for_each(|counters| counters.waited(wait));
        self.clock.sleep(wait).await;
    }

    fn insist_on_time(&self, scope: &Scope, call: &Call) -> Result<(), Error> {
        if scope
            .deadline
            .is_some_and(|deadline| deadline <= self.clock.now())
        {
            let problem =
                Problem::new(ErrorKind::Deadline, "the time for it is over").advise("Go on later.");
            return Err(Error::new(&call.operation, problem));
        }
        Ok(())
    }

    /// Whether a wait ends before the deadline.
    fn time_for(&self, scope: &Scope, wait: Duration, why: &str) -> Result<(), Box<Problem>> {
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

fn given_up(
    call: &Call,
    failure: Failure,
    reason: Option<&'static str>,
    tries: u32,
    elapsed: Duration,
) -> Error {
    let mut context = Vec::new();
    if let Some(wait) = failure.retry_after {
        context.push(("retry_after_s", wait.as_secs().to_string()));
    }
    let mut problem = failure.problem;
    if let Some(reason) = reason {
        let why = problem
            .why
            .map_or_else(|| reason.to_owned(), |why| format!("{why}, and {reason}"));
        problem.why = Some(why.into());
    }
    Error::after_tries(&call.operation, problem, tries, elapsed, context)
}
