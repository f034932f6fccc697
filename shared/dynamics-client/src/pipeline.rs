//! The way of every request: token, budget, transport, judgement, retry.
//!
//! There is one loop. What one try does is in `attempt`, how a token is got in `renewal`, what everybody
//! heeds in `heed`, and every wait in `waiting`.

use std::sync::Arc;

use bytes::Bytes;
use clock::Clock;
use http::{Response, StatusCode};
use jiff::Timestamp;

use crate::attempt::{Stop, Tried};
use crate::budget::Budget;
use crate::bulk::Offers;
use crate::call::{Call, Repeat, Scope, Target};
use crate::classify::Failure;
use crate::config::{AuthorityHost, ClientConfig, InstanceUrl};
use crate::error::{Error, ErrorKind, History, Outcome, Problem};
use crate::random::Random;
use crate::retry::{Next, Retries, RetryBudget};
use crate::token::Tokens;
use crate::transport::Transport;

/// What all clones of a client share.
pub(crate) struct Core {
    pub(crate) config: Application,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) budget: Budget,
    retry_budget: RetryBudget,
    pub(crate) tokens: Tokens,
    pub(crate) offers: Offers,
}

/// Which application this is, in which environment: what stays for a client's life.
pub(crate) struct Application {
    pub(crate) instance: InstanceUrl,
    pub(crate) authority: AuthorityHost,
    pub(crate) tenant: String,
    pub(crate) client_id: String,
}

/// What came of a call, and what the tries before the last proved.
pub(crate) struct Done<T> {
    pub(crate) value: T,
    /// [`Outcome::Unknown`] if an earlier try may have been applied.
    pub(crate) earlier: Outcome,
}

/// Reads what was asked for out of a 2xx answer.
pub(crate) type Reader<'a, T> = &'a (dyn Fn(&Response<Bytes>) -> Result<T, Failure> + Sync);

impl Core {
    pub(crate) fn new(
        config: ClientConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Self {
        let ClientConfig {
            instance,
            tenant,
            client_id,
            credential,
            authority,
            budget_share,
        } = config;
        Self {
            config: Application {
                instance,
                authority,
                tenant,
                client_id,
            },
            transport,
            random: Random::new(seed),
            budget: Budget::new(budget_share, Arc::clone(&clock)),
            clock,
            retry_budget: RetryBudget::default(),
            tokens: Tokens::new(credential),
            offers: Offers::default(),
        }
    }

    /// Carries `call` out: what `read` makes of the answer, or the error after the last try.
    pub(crate) async fn carry_out<T>(
        &self,
        scope: &Scope,
        call: &Call,
        read: Reader<'_, T>,
    ) -> Result<T, Error> {
        self.carry_out_told(scope, call, read)
            .await
            .map(|done| done.value)
    }

    /// As [`Self::carry_out`], and tells what was proved on the way.
    pub(crate) async fn carry_out_told<T>(
        &self,
        scope: &Scope,
        call: &Call,
        read: Reader<'_, T>,
    ) -> Result<Done<T>, Error> {
        let mut retries = Retries::new(call.repeat, self.random.number());
        let mut story = Story::begin(self, call);
        let mut new_token = false;
        loop {
            self.insist_on_time(scope)
                .map_err(|problem| story.ends_unsent(problem))?;
            let Tried { answer, permit } = match self.attempt(scope, call).await {
                Ok(tried) => tried,
                Err(Stop::Problem(problem)) => return Err(story.ends_unsent(problem)),
                Err(Stop::Token(error)) => {
                    return Err(error.with_outcome(story.outcome(Outcome::NotApplied)));
                }
            };
            // A place is for what is under way, and reading a page takes its time.
            let permit = permit.filter(|_| answer.is_err());
            let mut failure = match answer.and_then(|answer| read(&answer)) {
                Ok(value) => {
                    retries.succeeded(&self.retry_budget);
                    let earlier = story.outcome;
                    return Ok(Done { value, earlier });
                }
                Err(failure) => failure,
            };
            story.goes_on(&failure);
            // The token may have been revoked early; `attempt` has dropped it. One that is refused when
            // it is shown for the first time will not be renewed into a better one.
            let unauthorized = failure.problem.status == Some(StatusCode::UNAUTHORIZED);
            if unauthorized && is_api(call) && !new_token {
                new_token = true;
                continue;
            }
            new_token = false;
            let next = retries.after(&failure, &self.retry_budget);
            let everybody = self.heed(call, &failure, next);
            drop(permit);
            let wait = match next {
                Next::Wait(wait) => wait,
                Next::GiveUp(reason) => return Err(story.ends(failure, reason)),
            };
            let why = failure.problem.what.clone();
            if let Err(late) = self.time_for(scope, wait, &why) {
                if let Some(slow) = story.slow.take() {
                    failure.problem = slow;
                }
                let cause = story.ends(failure, None);
                return Err(story.ends_unsent(late.caused_by(cause)));
            }
            // A wait of everybody happens where every request passes.
            if !everybody {
                self.sleep(scope, wait).await;
            }
        }
    }

    /// The tries of what goes in rounds, each a call of its own.
    pub(crate) fn rounds(&self, repeat: Repeat) -> Retries {
        Retries::new(repeat, self.random.number())
    }

    /// Waits before another round for what failed in passing within an answer, by the policy and the
    /// budgets by which a request is tried again. Answers whether there may be one.
    pub(crate) async fn another_round(
        &self,
        scope: &Scope,
        call: &Call,
        retries: &mut Retries,
        failure: &Failure,
    ) -> bool {
        let next = retries.after(failure, &self.retry_budget);
        let everybody = self.heed(call, failure, next);
        let Next::Wait(wait) = next else {
            return false;
        };
        if self.time_for(scope, wait, &failure.problem.what).is_err() {
            return false;
        }
        if !everybody {
            self.sleep(scope, wait).await;
        }
        true
    }
}

fn is_api(call: &Call) -> bool {
    !matches!(call.target, Target::Token)
}

/// What has happened to a call so far.
struct Story<'a> {
    core: &'a Core,
    call: &'a Call,
    started: Timestamp,
    tries: u32,
    /// What the last try proved; [`Outcome::Unknown`] once and for all.
    outcome: Outcome,
    /// The last try that was too slow. If the time runs out, this is what it went on: a try after it that
    /// the deadline cut short tells nothing.
    slow: Option<Box<Problem>>,
}

impl<'a> Story<'a> {
    fn begin(core: &'a Core, call: &'a Call) -> Self {
        Self {
            core,
            call,
            started: core.clock.now(),
            tries: 0,
            outcome: Outcome::NotApplied,
            slow: None,
        }
    }

    fn goes_on(&mut self, failure: &Failure) {
        self.tries += 1;
        if failure.problem.kind == ErrorKind::TooSlow {
            self.slow = Some(failure.problem.clone());
        }
        self.outcome = self.outcome(failure.outcome);
    }

    /// What is proved by all tries so far and a last one that proved `last`.
    fn outcome(&self, last: Outcome) -> Outcome {
        match self.outcome {
            Outcome::Unknown => Outcome::Unknown,
            Outcome::NotApplied | Outcome::Refused => last,
        }
    }

    /// The error after a last try that failed, and for which further `reason` no other is made.
    fn ends(&self, failure: Failure, reason: Option<&'static str>) -> Error {
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
        self.error(problem, self.outcome, context)
    }

    /// The error when the next try was not sent.
    fn ends_unsent(&self, problem: Box<Problem>) -> Error {
        self.error(problem, self.outcome(Outcome::NotApplied), Vec::new())
    }

    fn error(
        &self,
        problem: Box<Problem>,
        outcome: Outcome,
        context: Vec<(&'static str, String)>,
    ) -> Error {
        let history = History {
            outcome,
            tries: self.tries,
            elapsed: clock::elapsed(self.started, self.core.clock.now()),
            context,
        };
        Error::after(&self.call.operation, problem, history)
    }
}
