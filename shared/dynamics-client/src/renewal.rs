//! Who asks Entra for a token, and who goes on without.
//!
//! A token that is to be renewed but has not ended is worth as much as a new one: one caller tries to
//! renew it, once, and nobody waits for that one. Only without a valid token is there a queue.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::attempt::Stop;
use crate::call::{Call, Repeat, Scope, Target};
use crate::counters::RequestClass;
use crate::error::Error;
use crate::pipeline::Core;
use crate::retry::LONGEST_WAIT;
use crate::token::{self, Token};

/// The longest that a request lets an early renewal hold it up.
const EARLY_PATIENCE: Duration = Duration::from_secs(10);
/// How long after an early renewal that failed the next is tried.
const EARLY_AGAIN: Duration = Duration::from_secs(30);

impl Core {
    /// A token that is good now.
    pub(crate) async fn token(&self, scope: &Scope) -> Result<Token, Stop> {
        let now = self.clock.now();
        if let Some(token) = self.tokens.ready(now) {
            return Ok(token);
        }
        let _turn = if let Some(old) = self.tokens.valid(now) {
            match self.tokens.try_turn() {
                Some(turn) => turn,
                None => return Ok(old),
            }
        } else {
            let failures = self.tokens.failures();
            let turn = self
                .within(scope, self.tokens.turn())
                .await
                .map_err(Stop::Problem)?;
            if let Some(error) = self.tokens.failure_since(failures) {
                return Err(Stop::Token(error));
            }
            turn
        };
        // Whoever had the turn before may have renewed it.
        let now = self.clock.now();
        if let Some(token) = self.tokens.ready(now) {
            return Ok(token);
        }
        if self.tokens.valid(now).is_some() {
            if let Some(token) = self.renew_early(scope).await {
                return Ok(token);
            }
            // The old one, unless it has ended meanwhile.
            if let Some(old) = self.tokens.valid(self.clock.now()) {
                return Ok(old);
            }
        }
        self.new_token(scope).await.map_err(Stop::Token)
    }

    /// Tries once, and not for long, to renew a token that is still valid.
    async fn renew_early(&self, scope: &Scope) -> Option<Token> {
        let patience = clock::after(self.clock.now(), EARLY_PATIENCE);
        let scope = Scope {
            deadline: Some(scope.deadline.map_or(patience, |held| held.min(patience))),
            counters: scope.counters.clone(),
            ..Scope::default()
        };
        let call = self.token_call();
        let (_, era) = self.tokens.credential();
        let answer = self.attempt_token(&scope, &call).await.ok()?.answer;
        let failure = match answer.and_then(|it| token::read(call.asked(), &it, self.clock.now())) {
            Ok(token) => return Some(self.tokens.keep(token, era)),
            Err(failure) => failure,
        };
        let asked = failure
            .asked_to_wait()
            .unwrap_or_default()
            .min(LONGEST_WAIT);
        let now = self.clock.now();
        self.tokens.pause(now, asked);
        self.tokens.put_off(now, EARLY_AGAIN.max(asked));
        tracing::warn!(reason = %failure.problem.what, "a token could not be renewed early; the old one is still valid");
        None
    }

    /// Asks for a token for as long as it takes. Boxed, because asking goes through the same loop as the
    /// request that needs it.
    fn new_token<'a>(&'a self, scope: &'a Scope) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let call = self.token_call();
            let (_, era) = self.tokens.credential();
            let outcome = self
                .carry_out(scope, &call, &|answer| {
                    token::read(call.asked(), answer, self.clock.now())
                })
                .await;
            match outcome {
                Ok(token) => Ok(self.tokens.keep(token, era)),
                Err(error) => {
                    self.tokens.failed(&error, era);
                    Err(error)
                }
            }
        })
    }

    fn token_call(&self) -> Call {
        Call {
            class: RequestClass::Token,
            operation: format!("get a token for {}", self.config.instance),
            repeat: Repeat::Always,
            target: Target::Token,
        }
    }
}
