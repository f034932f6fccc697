//! Sending a batch, and what is left of it, until nothing is left.

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;

use super::Unit;
use super::judge::{Judged, judge};
use super::print::{self, Boundaries};
use crate::call::{Aim, Call, Repeat, Target};
use crate::change::Prepared;
use crate::classify::Failure;
use crate::client::{DynamicsClient, address};
use crate::counters::RequestClass;
use crate::error::{Error, ErrorKind, History, Outcome};
use crate::pipeline::Done;
use crate::size::Size;
use crate::written::Written;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// What came of a unit.
pub(super) type UnitResult = Result<Vec<Written>, Error>;

/// A unit that has no result yet.
struct Pending {
    index: usize,
    unit: Unit,
    /// Whether an earlier try may have been applied.
    doubted: bool,
    tries: u32,
}

impl Pending {
    /// When all of it may be sent again.
    fn repeat(&self) -> Repeat {
        let blind = |part: &Prepared| part.repeat == Repeat::OnlyIfNotApplied;
        if self.unit.parts().iter().any(blind) {
            Repeat::OnlyIfNotApplied
        } else {
            Repeat::Always
        }
    }

    fn operation(&self) -> String {
        match &self.unit {
            Unit::One(part) => part.operation.clone(),
            Unit::Set(parts) => format!("write a change set of {} rows", parts.len()),
        }
    }
}

impl DynamicsClient {
    /// Sends `units`, each with its index, until each has a result.
    pub(super) async fn send_units(
        &self,
        units: Vec<(usize, Unit)>,
        size: &mut Size,
    ) -> Vec<(usize, UnitResult)> {
        let pending = units
            .into_iter()
            .map(|(index, unit)| Pending {
                index,
                unit,
                doubted: false,
                tries: 0,
            })
            .collect();
        let mut results = Vec::new();
        self.rounds(pending, size, &mut results).await;
        results
    }

    /// Boxed: a batch that takes too long goes on as two.
    fn rounds<'a>(
        &'a self,
        mut pending: Vec<Pending>,
        size: &'a mut Size,
        results: &'a mut Vec<(usize, UnitResult)>,
    ) -> BoxFuture<'a, ()> {
        async move {
            let started = self.core.clock.now();
            let mut retries = self.core.rounds(Repeat::Always);
            while !pending.is_empty() {
                let call = match self.batch_call(&pending) {
                    Ok(call) => call,
                    Err(error) => return fail(pending, &error, results),
                };
                let sent = self.core.clock.now();
                match self.send_once(&call, &pending).await {
                    Ok(done) => {
                        size.took(clock::elapsed(sent, self.core.clock.now()));
                        let left = self.sort(pending, done, started, results).await;
                        let worst = left
                            .iter()
                            .map(|(_, _, failure)| failure)
                            .max_by_key(|failure| (failure.asked_to_wait(), failure.passing));
                        let again = match worst {
                            None => return,
                            Some(worst) => {
                                self.core
                                    .another_round(&self.scope, &call, &mut retries, worst)
                                    .await
                            }
                        };
                        pending = Vec::new();
                        for (unit, operation, failure) in left {
                            if again {
                                pending.push(unit);
                            } else {
                                let result = self.finish(&unit, &operation, failure, started).await;
                                results.push((unit.index, result));
                            }
                        }
                    }
                    Err(error) => {
                        let before = pending.len();
                        pending = keep_repeatable(pending, &error, results);
                        if error.outcome() == Outcome::Unknown {
                            pending.iter_mut().for_each(|unit| unit.doubted = true);
                        }
                        let too_much =
                            matches!(error.kind(), ErrorKind::TooSlow | ErrorKind::TooLarge);
                        if too_much && pending.len() > 1 {
                            size.shrink();
                            let rest = pending.split_off(pending.len() / 2);
                            self.rounds(pending, size, results).await;
                            self.rounds(rest, size, results).await;
                            return;
                        }
                        // What could not be repeated was in the way of what can.
                        let freed =
                            pending.len() < before && error.kind() == ErrorKind::Unavailable;
                        if !freed {
                            return fail(pending, &error, results);
                        }
                    }
                }
            }
        }
        .boxed()
    }

    async fn send_once(
        &self,
        call: &Call,
        pending: &[Pending],
    ) -> Result<Done<Vec<Judged>>, Error> {
        let units: Vec<&Unit> = pending.iter().map(|unit| &unit.unit).collect();
        let read = |answer: &_| {
            let judged = judge(call.asked(), answer, &units, self.core.clock.now())?;
            let failures = judged.iter().filter_map(|part| part.as_ref().err());
            let failures = failures.map(|(_, failure)| failure);
            self.core.heed_parts(&self.scope, failures);
            Ok(judged)
        };
        self.core.carry_out_told(&self.scope, call, &read).await
    }

    fn batch_call(&self, pending: &[Pending]) -> Result<Call, Error> {
        let operation = match pending {
            [only] => only.operation(),
            several => format!("write a batch of {} rows", several.len()),
        };
        let fail = |problem| Error::new(&operation, problem);
        let api = self.core.config.instance.api();
        let boundaries = Boundaries::new(self.core.random.request_id());
        let units = pending.iter().map(|unit| &unit.unit);
        let body = print::body(&boundaries, api.path(), units);
        let content_type = HeaderValue::from_str(&boundaries.content_type());
        let mut headers = HeaderMap::new();
        headers.insert(PREFER, HeaderValue::from_static("odata.continue-on-error"));
        let blind = |unit: &Pending| unit.repeat() == Repeat::OnlyIfNotApplied;
        Ok(Call {
            class: RequestClass::Write,
            repeat: if pending.iter().any(blind) {
                Repeat::OnlyIfNotApplied
            } else {
                Repeat::Always
            },
            target: Target::Write {
                method: Method::POST,
                url: address(&api, "$batch").map_err(fail)?,
                headers,
                content_type: content_type
                    .unwrap_or_else(|_| HeaderValue::from_static("multipart/mixed")),
                body: Bytes::from(body),
                aim: Aim::Many,
            },
            operation,
        })
    }

    /// Notes the results, and hands back what failed in passing and may be sent again.
    async fn sort(
        &self,
        pending: Vec<Pending>,
        done: Done<Vec<Judged>>,
        started: Timestamp,
        results: &mut Vec<(usize, UnitResult)>,
    ) -> Vec<(Pending, String, Failure)> {
        let mut left = Vec::new();
        for (mut unit, judged) in pending.into_iter().zip(done.value) {
            unit.tries += 1;
            unit.doubted |= done.earlier == Outcome::Unknown;
            let (operation, failure) = match judged {
                Ok(written) => {
                    results.push((unit.index, Ok(written)));
                    continue;
                }
                Err(failed) => failed,
            };
            let certain = failure.outcome != Outcome::Unknown;
            if failure.passing && (certain || unit.repeat() == Repeat::Always) {
                unit.doubted |= !certain;
                left.push((unit, operation, failure));
            } else {
                let result = self.finish(&unit, &operation, failure, started).await;
                results.push((unit.index, result));
            }
        }
        left
    }

    /// The result of a unit whose last try failed.
    async fn finish(
        &self,
        unit: &Pending,
        operation: &str,
        failure: Failure,
        started: Timestamp,
    ) -> UnitResult {
        let history = History {
            outcome: if unit.doubted {
                Outcome::Unknown
            } else {
                failure.outcome
            },
            tries: unit.tries,
            elapsed: clock::elapsed(started, self.core.clock.now()),
            context: Vec::new(),
        };
        let error = Error::after(operation, failure.problem, history);
        match &unit.unit {
            Unit::One(part) => self
                .judged_by_itself(&part.expected, error)
                .await
                .map(|written| vec![written]),
            Unit::Set(_) => Err(error),
        }
    }
}

/// Ends what must not be sent again after `error`.
fn keep_repeatable(
    pending: Vec<Pending>,
    error: &Error,
    results: &mut Vec<(usize, UnitResult)>,
) -> Vec<Pending> {
    if error.outcome() != Outcome::Unknown {
        return pending;
    }
    let (keep, end) = pending
        .into_iter()
        .partition(|unit| unit.repeat() == Repeat::Always);
    fail(end, error, results);
    keep
}

fn fail(pending: Vec<Pending>, error: &Error, results: &mut Vec<(usize, UnitResult)>) {
    for unit in pending {
        let mut error = error.clone().of(&unit.operation());
        if unit.doubted {
            error = error.with_outcome(Outcome::Unknown);
        }
        results.push((unit.index, Err(error)));
    }
}
