//! Dynamics' side of a dry run: what would become of the changes that wait.
//!
//! Several changes of one row are judged one after the other, as if those before had been written.

use std::collections::HashMap;
use std::sync::Arc;

use dynamics_client::Counters;
use streams::ToDynamics;
use sync_store::{Change, Fields};
use uuid::Uuid;

use crate::Failure;
use crate::dry_run::{DryRun, Plans, Side, What, changed};
use crate::expiries::Wished;
use crate::plan::Plan;
use crate::push::{CHUNK, Current, Judging, Look, RowName, Subject, Unfit, Verdict};
use crate::report::StreamReport;

/// What rows would be after the changes that were judged; `None`: gone.
type After = HashMap<Uuid, Option<Current>>;

impl DryRun<'_> {
    /// Judges what waits; `false` when time runs out.
    pub(crate) async fn changes(
        &self,
        plan: &Plan,
        report: &mut StreamReport,
    ) -> Result<bool, Failure> {
        let (store, stream) = (&self.invocation.engine.store, self.invocation.stream);
        if !stream.direction.pushes() {
            return Ok(true);
        }
        if stream.suppress_flows {
            let note = "what is written to Dynamics starts none of its flows (`suppress_flows`)";
            report.notes.push(note.to_owned());
        }
        if let Some(team) = &stream.owner_team {
            let note =
                format!("rows that are created in Dynamics belong to team {team} (`owner_team`)");
            report.notes.push(note);
        }
        if !store.is_waited_for(&stream.name).await? {
            return Ok(true);
        }
        let plans = Plans::new();
        let others = self.invocation.plans_of_lookups(plan, &plans).await?;
        let cursor = store.cursor(&stream.name).await?;
        let generation = cursor.map_or(0, |cursor| cursor.generation);
        let (counters, wished) = (Arc::new(Counters::default()), Wished::default());
        let judging =
            self.invocation
                .judging(plan, (&plans, &others, &wished), generation, &counters);
        let judging = Judging {
            // The pull that comes before a push was not made.
            copy_is_fresh: false,
            ..judging.await?
        };
        let (mut after, mut rows, mut created) = (None, After::new(), HashMap::new());
        report
            .notes
            .push("values that are asserted again are not told".to_owned());
        loop {
            let waiting = store.waiting(&stream.name, after, CHUNK).await?;
            for (change, subject) in judging.subjects(waiting.changes, Look::WhereNeeded).await? {
                self.judge(
                    &judging,
                    &change,
                    subject,
                    (&mut rows, &mut created),
                    report,
                );
            }
            after = waiting.next;
            let in_time = !self.out_of_time();
            if after.is_some() && in_time {
                continue;
            }
            let creates = !created.is_empty();
            if creates && let Some(failure) = judging.without_owner_team().await? {
                return Err(failure);
            }
            return Ok(after.is_none());
        }
    }

    fn judge(
        &self,
        judging: &Judging<'_>,
        change: &Change,
        subject: Result<Subject, Unfit>,
        (rows, created): (&mut After, &mut HashMap<RowName, Uuid>),
        report: &mut StreamReport,
    ) {
        let left = |why: &str| What::Left(format!("change {}: {why}", change.wanted.id));
        let mut subject = match subject {
            Ok(subject) => subject,
            Err(Unfit::Refused(why)) => {
                report.refused += 1;
                let row = change.row.as_deref().unwrap_or_default();
                return self.tell(row, Side::Dynamics, left(&why));
            }
            Err(Unfit::Later(why)) => {
                report.waiting += 1;
                let row = change.row.as_deref().unwrap_or_default();
                return self.tell(row, Side::Dynamics, left(&why));
            }
        };
        // A row that an earlier change would create is found by its key.
        let name = RowName::of(change);
        if let Some(row) = created.get(&name) {
            subject.row = *row;
        }
        if let Some(after) = rows.get(&subject.row) {
            subject.current.clone_from(after);
        }
        let was = subject.current.clone();
        let from = was.as_ref().map(|current| current.fields.clone());
        let from = from.unwrap_or_default();
        let what = match judging.verdict(&subject) {
            Verdict::Create(fields) => {
                report.pushed += 1;
                rows.insert(subject.row, Some(Current::ours(fields.clone(), None)));
                created.insert(name, subject.row);
                What::Created(fields)
            }
            Verdict::Update { fields, loses } => {
                report.pushed += 1;
                report.conflicts += u64::from(!loses.theirs.is_empty());
                let mut to: Fields = from.clone();
                to.extend(fields);
                rows.insert(subject.row, Some(Current::ours(to.clone(), was.as_ref())));
                What::Changed(changed(&from, &to))
            }
            Verdict::Remove(how) => {
                report.pushed += 1;
                if how == ToDynamics::Delete {
                    rows.insert(subject.row, None);
                }
                What::Removed
            }
            Verdict::Settled(_) => {
                report.pushed += 1;
                return;
            }
            Verdict::Superseded { why, .. } => {
                report.superseded += 1;
                left(why)
            }
            Verdict::Held(_) => {
                report.held += 1;
                report.conflicts += 1;
                left("both sides changed the same fields; a person would have to decide")
            }
            Verdict::Refused(why) => {
                report.refused += 1;
                left(&why)
            }
            Verdict::Dissolved => {
                report.dissolved += 1;
                left("it is no longer so")
            }
            Verdict::NotNow(why) => {
                report.waiting += 1;
                left(why)
            }
        };
        self.tell(&subject.row.to_string(), Side::Dynamics, what);
    }
}
