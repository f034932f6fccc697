//! The phases of a run in which its streams go side by side: first all are pulled, and when the expiry of
//! the copy has been decided on what came, what waits for Dynamics is pushed.

use std::collections::BTreeMap;
use std::sync::Arc;

use dynamics_client::{Counters, DynamicsClient, WhoAmI};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use streams::Stream;
use tracing::Instrument;

use crate::expiries::Wished;
use crate::invocation::Invocation;
use crate::plan::Plan;
use crate::report::StreamReport;
use crate::request::RunRequest;
use crate::run::{before, span_of};
use crate::{Engine, Progress};

/// Kept free after the pulls for the expiry of the copy, where a stream has one: what expired must vanish
/// also in a run that has more to read than time.
const TIME_TO_EXPIRE: SignedDuration = SignedDuration::from_secs(20);

/// What the phases have in common.
pub(crate) struct Phases<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) request: &'a RunRequest,
    pub(crate) streams: &'a [&'a Stream],
    pub(crate) preparing: &'a Arc<Counters>,
    pub(crate) progress: &'a (dyn Fn(Progress<'_>) + Sync),
}

/// What the pulls came to.
pub(crate) struct Pulled {
    /// One a stream, in the order of the streams.
    pub(crate) reports: Vec<StreamReport>,
    /// Of the streams that are up to date, by name.
    plans: BTreeMap<String, Plan>,
}

impl Pulled {
    /// Dynamics could not be asked.
    pub(crate) fn nothing(reports: Vec<StreamReport>) -> Self {
        Self {
            reports,
            plans: BTreeMap::new(),
        }
    }
}

impl Phases<'_> {
    /// Pulls the streams.
    pub(crate) async fn pull(
        &self,
        (client, identity): &(DynamicsClient, WhoAmI),
        deadline: Timestamp,
    ) -> Pulled {
        let all = &self.engine.streams.streams;
        let deadline = match all.iter().any(|stream| stream.expiry.is_some()) {
            true => before(deadline, TIME_TO_EXPIRE),
            false => deadline,
        };
        let client = client.until(deadline);
        let pulls = self.streams.iter().map(|stream| {
            let invocation = self.invocation(stream, &client, identity, deadline);
            let pull = async move {
                match stream.direction.pulls() {
                    true => invocation.pull().await,
                    false => (StreamReport::nothing_to_read(stream), None),
                }
            };
            pull.instrument(span_of(&stream.name))
        });
        // Collected first: a lazy iterator of borrowing futures is not known to be `Send`.
        let pulls: Vec<_> = pulls.collect();
        let pulled: Vec<_> = stream::iter(pulls)
            .buffered(self.engine.limits.streams)
            .collect()
            .await;
        let (reports, plans): (Vec<_>, Vec<_>) = pulled.into_iter().unzip();
        let plans = plans.into_iter().flatten();
        Pulled {
            reports,
            plans: plans.map(|plan| (plan.stream.name.clone(), plan)).collect(),
        }
    }

    /// Pushes what waits, in the streams that are up to date: what is not read yet may be newer. Answers
    /// whether anything came of it.
    pub(crate) async fn push(
        &self,
        (client, identity): &(DynamicsClient, WhoAmI),
        deadline: Timestamp,
        wished: &Wished,
        pulled: &mut Pulled,
    ) -> bool {
        let plans = &pulled.plans;
        let pushes = self.streams.iter().zip(&mut pulled.reports);
        let pushes = pushes.filter(|(stream, _)| {
            let up_to_date = !stream.direction.pulls() || plans.contains_key(&stream.name);
            stream.direction.pushes() && up_to_date
        });
        // Streams of one table one after the other: what one creates, the next finds.
        let mut tables: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (stream, report) in pushes {
            let invocation = self.invocation(stream, client, identity, deadline);
            let table = tables.entry(stream.table.as_str()).or_default();
            table.push((invocation, report));
        }
        let tables: Vec<_> = tables
            .into_values()
            .map(|pushes| async move {
                let mut any = false;
                for (invocation, report) in pushes {
                    let span = span_of(&invocation.stream.name);
                    let push = invocation.push((plans, wished), report);
                    any |= push.instrument(span).await;
                }
                any
            })
            .collect();
        stream::iter(tables)
            .buffer_unordered(self.engine.limits.streams)
            .fold(false, async |any, pushed| any | pushed)
            .await
    }

    fn invocation<'s>(
        &'s self,
        stream: &'s Stream,
        client: &'s DynamicsClient,
        identity: &'s WhoAmI,
        deadline: Timestamp,
    ) -> Invocation<'s> {
        Invocation {
            engine: self.engine,
            run_id: &self.request.run_id,
            mode: self.request.mode,
            stream,
            identity,
            client,
            preparing: self.preparing,
            deadline,
            progress: self.progress,
        }
    }
}
