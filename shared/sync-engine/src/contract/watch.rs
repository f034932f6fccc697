//! Holds a stream's table against what its runs remember of it, before anything is read.
//!
//! What the table's definition tells is compared in every run and costs no request more. The rest is asked for
//! once a day; besides when nothing is remembered, the stream file or the environment is another, the
//! definition tells something new, and once in a run that reads more than what changed.
//!
//! Never in here: a reason to stop.

use dynamics_client::{Error, ErrorKind, TableDescription};
use sync_store::{Lease, Store};

use super::compare::{Comparison, told, told_as_meant};
use super::mapping::mapping;
use super::memory::{Looker, Memory, Verdict};
use super::{CHANGED, Contract};
use crate::Failure;
use crate::invocation::Invocation;
use crate::plan::Plan;
use crate::report::StreamReport;
use crate::request::Mode;

/// What is remembered.
enum Recalled {
    /// Nothing that could be read; it is learnt anew.
    Nothing,
    Known(Box<Memory>),
    /// Something that may be whole, and is left alone.
    OutOfReach,
}

/// What a look came to.
struct Looked {
    memory: Memory,
    /// How many changes there are; `None` if none was found and not everything could be looked at.
    changes: Option<usize>,
    told: Option<String>,
}

impl Invocation<'_> {
    /// How the stream reads its table, as [`plan`](Self::plan), and what was changed in the table since it
    /// was last as expected: in the reason if the stream cannot go on, else in its notes. One request for the
    /// table's definition, or two, and what [`Contract::ask`] takes, once a day.
    pub(crate) async fn watched_plan(
        self,
        lease: &Lease,
        report: &mut StreamReport,
    ) -> Result<Plan, Failure> {
        let stream = self.stream;
        let recalled = self.recall(report).await;
        let columns = Plan::columns(stream);
        let client = self.preparing_client();
        let described = client.table_and_labels(&stream.table, &columns).await;
        let described = described.inspect_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                self.note_gone(&recalled, report);
            }
        })?;
        let bound = Plan::bind(stream, &described.table, &self.engine.streams);
        let before = match recalled {
            Recalled::Nothing => None,
            Recalled::Known(memory) => Some(*memory),
            Recalled::OutOfReach => return bound,
        };
        let Some(looked) = self.look(before.clone(), &described, bound.is_ok()).await else {
            return bound;
        };
        if before.as_ref() != Some(&looked.memory) {
            self.remember(lease, &looked.memory).await;
        }
        report.schema_changes = looked
            .changes
            .and_then(|changes| u64::try_from(changes).ok());
        match (bound, looked.told) {
            (Err(failure), Some(told)) => Err(failure.with_changes(told)),
            (bound, Some(told)) => {
                report.note(told);
                bound
            }
            (bound, None) => bound,
        }
    }

    /// The table is not there any more, if it was.
    fn note_gone(self, recalled: &Recalled, report: &mut StreamReport) {
        if let Recalled::Known(memory) = recalled
            && memory.is_of_table(&self.place(), &self.stream.table)
        {
            report.schema_changes = Some(1);
            let (seen, table) = (memory.seen, &self.stream.table);
            report.note(format!("{CHANGED}{seen:.0}: `{table}` is gone"));
        }
    }

    /// The environment.
    fn place(self) -> String {
        self.identity.organization_id.to_string()
    }

    /// `None`: there is nothing to compare, and nothing worth remembering.
    async fn look(
        self,
        before: Option<Memory>,
        described: &TableDescription,
        binds: bool,
    ) -> Option<Looked> {
        let stream = self.stream;
        let mut looker = Looker {
            run_id: self.run_id,
            organization: self.place(),
            table: &stream.table,
            mapping: mapping(stream),
            at: self.engine.clock.now(),
            asked: false,
        };
        let known = described.column_labels.keys().cloned().collect();
        let mut now = Contract::of(stream, described);
        let comparable = before
            .filter(|memory| memory.is_of_table(&looker.organization, looker.table))
            .filter(|memory| memory.is_of_mapping(&looker) || !binds);
        let Some(mut memory) = comparable else {
            if !binds {
                return None;
            }
            // There is nothing to compare anyway.
            looker.asked = self.ask(&mut now, described).await.is_ok();
            return Some(Looked {
                memory: Memory::new(looker, now, known),
                changes: Some(0),
                told: None,
            });
        };
        now.carry(memory.latest());
        let due = memory.is_due(&looker, self.mode != Mode::Delta);
        let mut untold = None;
        // Columns that are not there cannot be asked about.
        if binds && (due || now != *memory.latest()) {
            match self.ask(&mut now, described).await {
                Ok(()) => looker.asked = true,
                Err(error) => {
                    untold = Some(format!(
                        "changes of the table may go untold until the next run asks again: {error}"
                    ));
                }
            }
        }
        let comparison = Comparison {
            stream,
            expected: &memory.expected,
            now: &now,
            known: &memory.known,
            labels: &described.column_labels,
        };
        let changes = comparison.changes();
        let seen = memory.seen;
        // A stream file that does not fit has nothing to be remembered for.
        let verdict = match memory.is_of_mapping(&looker) {
            true => memory.look(looker, now, known, (!changes.is_empty(), binds)),
            false if changes.is_empty() => Verdict::AsExpected,
            false => Verdict::Changed,
        };
        let (changes, told) = match verdict {
            Verdict::AsExpected if untold.is_some() => (None, untold),
            Verdict::AsExpected => (Some(0), None),
            Verdict::Changed => (Some(changes.len()), Some(told(&changes, seen))),
            Verdict::TakenAsMeant => (Some(0), Some(told_as_meant(&changes))),
        };
        Some(Looked {
            memory,
            changes,
            told,
        })
    }

    /// Asks for what the definition does not tell; what was not told is asked for by the next run.
    async fn ask(self, now: &mut Contract, described: &TableDescription) -> Result<(), Error> {
        let mut asked = now.clone();
        let client = self.preparing_client();
        let outcome = asked.ask(&client, self.stream, &described.table).await;
        match &outcome {
            Ok(()) => *now = asked,
            Err(error) => {
                let (run_id, stream) = (self.run_id, &self.stream.name);
                tracing::warn!(run_id, stream, %error, "changes of the table not looked for");
            }
        }
        outcome
    }

    async fn recall(self, report: &mut StreamReport) -> Recalled {
        let (run_id, stream) = (self.run_id, &self.stream.name);
        let error = match self.engine.store.contract(stream).await {
            Ok(None) => return Recalled::Nothing,
            Ok(Some(memory)) => return Recalled::Known(Box::new(memory)),
            Err(error) => error,
        };
        tracing::warn!(run_id, stream, %error, "what the table was like is not known");
        let (note, recalled) = match error.kind() {
            sync_store::ErrorKind::Damaged => (
                "what was remembered of the table is damaged and is learnt anew; what was changed in it since the last run is not told",
                Recalled::Nothing,
            ),
            sync_store::ErrorKind::NewerRelease => (
                "what is remembered of the table was written by a newer release and is left as it is; what is changed in the table is not told until that release is used",
                Recalled::OutOfReach,
            ),
            _ => (
                "what is remembered of the table could not be read; the next run tells what was changed in it",
                Recalled::OutOfReach,
            ),
        };
        report.note(note.to_owned());
        recalled
    }

    /// A run that cannot keep it finds the same again in the next.
    async fn remember(self, lease: &Lease, memory: &Memory) {
        let store: &Store = &self.engine.store;
        if let Err(error) = store.note_contract(lease, memory).await {
            let (run_id, stream) = (self.run_id, &self.stream.name);
            tracing::warn!(run_id, stream, %error, "what the table is like not remembered");
        }
    }
}
