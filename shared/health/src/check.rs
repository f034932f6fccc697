//! The scheduled check: the only thing here that asks Dynamics, twice and never more. What it finds is stored
//! for those who look, and whoever must know is told.

use dynamics_client::Counters;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use situation::{Check, Credential, Dynamics, Outcome, Situation};
use std::sync::Arc;

use crate::{Health, Ready, Setup};

/// Dataverse's limit of requests in five minutes, of which a share is ours:
/// <https://learn.microsoft.com/power-apps/developer/data-platform/api-limits>
const REQUESTS_MAX: u32 = 6_000;

/// What came of a check.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// Dynamics let this software in.
    pub dynamics: bool,
    /// How old the oldest copy is, in seconds; `None` before a first load has ended.
    pub lag_seconds: Option<u64>,
    /// Changes of all streams that wait for Dynamics.
    pub waiting: u64,
    /// Messages that were sent to people.
    pub told: u64,
    /// Messages that could not be sent.
    pub untold: u64,
}

/// Why a check came to nothing, in words for the log. The next one is as good.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotChecked(pub String);

impl Health {
    /// Asks whether Dynamics lets this software in and who is subscribed to alerts, stores that, and tells
    /// whoever must know how it stands. Ends by `deadline`, unless the store keeps it waiting: Dynamics gets
    /// half of the time, so that its silence can still be told.
    ///
    /// # Errors
    /// When settings or the stream file are wrong, the store cannot be used, or no time was left to tell
    /// people.
    pub async fn check(&self, deadline: Timestamp) -> Result<Checked, NotChecked> {
        let ready = match &*self.setup {
            Setup::Right(ready) => ready,
            Setup::Wrong { problems, .. } => return Err(NotChecked(problems.join("\n"))),
        };
        let now = self.clock.now();
        let asked_by = clock::after(now, clock::elapsed(now, deadline) / 2);
        let (mut check, subscribers) =
            futures::join!(self.ask(ready, asked_by), ready.watch.subscribers());
        check.subscribers = subscribers;
        check.at = self.clock.now();
        let failed = |error: sync_store::Error| NotChecked(error.to_string());
        let stored = ready.store.put_check(&check, check.at).await;
        stored.map_err(failed)?;
        let looked = ready.watch.look_until(deadline).await.map_err(failed)?;
        let looked = looked.ok_or_else(|| {
            NotChecked("no time was left to tell people how it stands; the next check does".into())
        })?;
        let situation = Situation::read(&ready.store, &ready.streams, self.clock.now());
        let streams = situation.await.map_err(failed)?.streams;
        let oldest = streams.iter().filter_map(|stream| stream.lag).max();
        let checked = Checked {
            dynamics: check.dynamics.who_am_i == Outcome::Good,
            lag_seconds: oldest.map(|lag| lag.as_secs()),
            waiting: streams.iter().map(|stream| stream.waiting).sum(),
            told: looked.sent,
            untold: looked.unsent,
        };
        tracing::info!(
            dynamics = checked.dynamics,
            lag_seconds = checked.lag_seconds,
            waiting = checked.waiting,
            told = checked.told,
            untold = checked.untold,
            "checked"
        );
        Ok(checked)
    }

    async fn ask(&self, ready: &Ready, deadline: Timestamp) -> Check {
        let client = match ready.access.client().await {
            Ok(client) => client.until(deadline),
            Err(reason) => {
                let token = Outcome::Failed(reason);
                let dynamics = Dynamics {
                    token,
                    ..Dynamics::default()
                };
                return Check {
                    dynamics,
                    ..Check::default()
                };
            }
        };
        let counters = Arc::new(Counters::default());
        let client = client.counting(Arc::clone(&counters));
        let mut dynamics = Dynamics::default();
        let mut answer = client.who_am_i().await;
        if answer.is_ok() {
            // Once more, now that there is a token: how long Dynamics takes, and not signing in.
            let began = self.clock.now();
            answer = client.who_am_i().await;
            let took = clock::elapsed(began, self.clock.now());
            dynamics.latency_ms = u64::try_from(took.as_millis()).ok();
        }
        ready.access.ended(answer.is_err()).await;
        match answer {
            Ok(_) => {
                dynamics.token = Outcome::Good;
                dynamics.who_am_i = Outcome::Good;
            }
            // It got no further than the token.
            Err(error) if counters.snapshot().who_am_i == 0 => {
                dynamics.token = Outcome::Failed(error.to_string());
            }
            Err(error) => {
                dynamics.token = Outcome::Good;
                dynamics.who_am_i = Outcome::Failed(error.to_string());
                dynamics.latency_ms = None;
            }
        }
        let facts = ready.access.facts().await;
        let budget = client.budget();
        Check {
            dynamics,
            credential: facts.as_ref().map(|facts| Credential {
                certificate: facts.certificate,
                // The day that Entra shows, which counts in UTC.
                expires_on: facts.expires.map(|end| end.to_zoned(TimeZone::UTC).date()),
            }),
            budget_share: Some(f64::from(budget.requests_allowed) / f64::from(REQUESTS_MAX)),
            requests_remaining: budget.remaining.requests,
            instance: facts.map(|facts| facts.instance),
            ..Check::default()
        }
    }
}
