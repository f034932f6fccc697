//! What a run would write, on either side, without writing anything: no lease is taken, no cursor moves, and
//! the history does not tell of it.
//!
//! It is told row by row and field by field, with values, to whoever asks on a terminal; the report has
//! counts, as of any run. Never in here: a write.

mod copy;
mod expiries;
mod judged;

use std::collections::BTreeMap;
use std::sync::Arc;

use dynamics_client::{Counters, DynamicsClient, WhoAmI};
use jiff::Timestamp;
use streams::Stream;
use sync_store::{Fields, Value};

use crate::invocation::Invocation;
use crate::plan::Plan;
use crate::report::{RunReport, StreamReport};
use crate::request::RunRequest;
use crate::run::RunError;
use crate::status::StreamStatus;
use crate::{Engine, Failure, Progress, nearest_names};

/// Something that a run would write.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The stream.
    pub stream: String,
    /// The row's GUID.
    pub row: String,
    /// Where it would be written.
    pub side: Side,
    /// What would become of it there.
    pub what: What,
}

/// One of the two sides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The copy that the app reads.
    Copy,
    /// Dynamics.
    Dynamics,
}

/// What would become of a record or a row.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It would be new, with these values.
    Created(Fields),
    /// These fields would change: from what to what.
    Changed(BTreeMap<String, (Value, Value)>),
    /// It would be gone.
    Removed,
    /// The app would not see it any more, because its last valid day is over.
    Hidden,
    /// The app would see it again.
    Shown,
    /// A change would not be carried out, for this reason.
    Left(String),
}

/// Whoever is told of each difference.
pub type Tell<'a> = &'a (dyn Fn(Difference) + Sync);

/// What the dry run of one stream has.
pub(crate) struct DryRun<'a> {
    pub(crate) invocation: Invocation<'a>,
    pub(crate) tell: Tell<'a>,
}

impl Engine {
    /// Tells what a run would write, and writes nothing. The answer counts it; what is not read for it is
    /// said in the notes.
    ///
    /// # Errors
    /// When the request names an unknown stream.
    pub async fn dry_run(
        &self,
        request: &RunRequest,
        deadline: Timestamp,
        tell: Tell<'_>,
    ) -> Result<RunReport, RunError> {
        let streams = self.chosen(&request.streams)?;
        let preparing = Arc::new(Counters::default());
        let connected = self.connected(deadline, &preparing).await;
        let mut reports = Vec::new();
        for stream in streams {
            let mut report = StreamReport::nothing_to_read(stream);
            match &connected {
                Ok((client, identity)) => {
                    let common = (request, &preparing, deadline);
                    self.dry_run_of(stream, (client, identity), common, tell, &mut report)
                        .await;
                }
                Err(failure) => {
                    reports.push(self.not_begun(stream, failure).await);
                    continue;
                }
            }
            report.lag_seconds = self.lag(&stream.name, None).await;
            reports.push(report);
        }
        let requests = preparing.snapshot().requests();
        let notes = vec!["a dry run: nothing was written".to_owned()];
        Ok(RunReport::new(
            request.run_id.clone(),
            requests,
            notes,
            reports,
        ))
    }

    async fn dry_run_of(
        &self,
        stream: &Stream,
        (client, identity): (&DynamicsClient, &WhoAmI),
        (request, preparing, deadline): (&RunRequest, &Arc<Counters>, Timestamp),
        tell: Tell<'_>,
        report: &mut StreamReport,
    ) {
        let silent = |_: Progress<'_>| {};
        let dry = DryRun {
            invocation: Invocation {
                engine: self,
                run_id: &request.run_id,
                mode: request.mode,
                stream,
                identity,
                client,
                preparing,
                deadline,
                progress: &silent,
            },
            tell,
        };
        match dry.both_sides(report).await {
            Ok(true) => {}
            Ok(false) => report.status = StreamStatus::Continue,
            Err(failure) => {
                report.status = failure.status();
                report.reason = Some(nearest_names::told(dry.invocation, failure).await);
            }
        }
    }
}

impl DryRun<'_> {
    /// `false` when time runs out.
    async fn both_sides(&self, report: &mut StreamReport) -> Result<bool, Failure> {
        let (plan, in_time) = match self.planned_copy(report).await {
            Err(failure) if self.invocation.stream.direction.pulls() => {
                return Err(self.invocation.meaning(failure, report).await);
            }
            read => read?,
        };
        Ok(in_time && self.changes(&plan, report).await?)
    }

    /// How the stream reads its table, and what that brings into the copy; `false` when time runs out.
    async fn planned_copy(&self, report: &mut StreamReport) -> Result<(Plan, bool), Failure> {
        let stream = self.invocation.stream;
        let plan = self.invocation.plan(stream).await?;
        report.entity = Some(plan.table.logical_name.clone());
        let in_time = !stream.direction.pulls() || self.copy(&plan, report).await?;
        Ok((plan, in_time))
    }

    pub(crate) fn tell(&self, row: &str, side: Side, what: What) {
        self.tell_of(&self.invocation.stream.name, row, side, what);
    }

    /// The same of a row of another stream.
    pub(crate) fn tell_of(&self, stream: &str, row: &str, side: Side, what: What) {
        (self.tell)(Difference {
            stream: stream.to_owned(),
            row: row.to_owned(),
            side,
            what,
        });
    }

    pub(crate) fn out_of_time(&self) -> bool {
        self.invocation.engine.clock.now() >= self.invocation.deadline
    }
}

/// How values would change; empty if they would not.
pub(crate) fn changed(from: &Fields, to: &Fields) -> BTreeMap<String, (Value, Value)> {
    let names = from.keys().chain(to.keys());
    let one = |name: &String| {
        let (was, is) = (
            from.get(name).unwrap_or(&Value::Null),
            to.get(name).unwrap_or(&Value::Null),
        );
        (!crate::push::same(was, is)).then(|| (name.clone(), (was.clone(), is.clone())))
    };
    names.filter_map(one).collect()
}

/// The plan of a stream, for those that are looked up by its key.
pub(crate) type Plans = BTreeMap<String, Plan>;
