//! Carries out what was judged, in as few requests as may be, and takes note of each outcome.
//!
//! Updates name the version that was judged, so that nothing newer is overwritten. Never in here: a write
//! whose verdict is older than its row.

use dynamics_client::{
    Change as Write, ETag, Error, ErrorKind, IfMatch, Outcome, Record, RowKey, Written,
};
use streams::ToDynamics;
use sync_store::{Fields, Value};

use crate::Failure;
use crate::plan::STATE;
use crate::push::judge::{Loses, Verdict};
use crate::push::rows::{INACTIVE, Subject};
use crate::push::{Push, Writing};

/// A row that is to be written.
pub(crate) struct Task {
    pub(crate) subject: Subject,
    /// The values that are written.
    fields: Fields,
    loses: Loses,
    pub(crate) write: Kind,
}

pub(crate) enum Kind {
    Create(Record),
    Update(Record),
    Delete,
}

impl Push<'_> {
    /// Judges and carries out. Answers those whose row was changed by somebody else meanwhile.
    pub(crate) async fn carry_out(
        &mut self,
        subjects: Vec<Subject>,
    ) -> Result<Vec<Subject>, Failure> {
        // A run that takes over judges for itself.
        self.keeper.ensure().await?;
        let (mut creates, mut others) = (Vec::new(), Vec::new());
        for subject in subjects {
            if let Some(task) = self.task(subject) {
                match task.write {
                    Kind::Create(_) => creates.push(task),
                    _ => others.push(task),
                }
            }
        }
        let mut again = self.create(creates).await?;
        again.extend(self.update(others).await?);
        Ok(again)
    }

    /// What is to be written for a change; `None` if that is nothing, which is settled then.
    fn task(&mut self, subject: Subject) -> Option<Task> {
        let verdict = self.judging.verdict(&subject);
        let is_conflict = |loses: &Loses| !loses.theirs.is_empty();
        let (fields, loses, creates) = match verdict {
            Verdict::Create(fields) => (fields, Loses::default(), true),
            Verdict::Update { fields, loses } => {
                self.tally.conflicts += u64::from(is_conflict(&loses));
                (fields, loses, false)
            }
            Verdict::Remove(ToDynamics::Delete) => {
                let write = Kind::Delete;
                let loses = Loses::default();
                return Some(Task {
                    subject,
                    fields: Fields::new(),
                    loses,
                    write,
                });
            }
            Verdict::Remove(_) => {
                let write = Kind::Update(Record::new().integer(STATE, INACTIVE));
                let loses = Loses::default();
                return Some(Task {
                    subject,
                    fields: Fields::new(),
                    loses,
                    write,
                });
            }
            Verdict::Settled(loses) => {
                self.settled(&subject, loses);
                return None;
            }
            Verdict::Superseded { loses, why } => {
                self.tally.conflicts += u64::from(is_conflict(&loses));
                self.supersede(&subject, loses, why);
                return None;
            }
            Verdict::Held(loses) => {
                self.tally.conflicts += 1;
                self.hold(&subject, loses);
                return None;
            }
            Verdict::Refused(why) => {
                self.refuse(&subject.change, subject.seen_row(), why);
                return None;
            }
            Verdict::Dissolved => {
                self.dissolve(&subject);
                return None;
            }
            Verdict::NotNow(why) => {
                self.wait(&subject.change, Some(subject.row), why);
                return None;
            }
        };
        let record = match self.record(&subject, &fields, creates) {
            Ok(record) => record,
            Err(why) => {
                self.refuse(&subject.change, subject.seen_row(), why);
                return None;
            }
        };
        let write = match creates {
            true => Kind::Create(record),
            false => Kind::Update(record),
        };
        Some(Task {
            subject,
            fields,
            loses,
            write,
        })
    }

    /// The columns of the row to be written.
    fn record(&self, subject: &Subject, fields: &Fields, creates: bool) -> Result<Record, String> {
        let mut fields = fields.clone();
        let (plan, zone) = (
            self.judging.plan,
            &self.judging.invocation.engine.streams.time_zone,
        );
        for field in plan.fields.iter().filter(|field| field.field.stamp) {
            let stamp = Writing::stamp(field, self.judging.now(), zone);
            fields.insert(field.name().to_owned(), stamp);
        }
        if creates {
            fields.retain(|_, value| *value != Value::Null);
        }
        let mut record = self.judging.writing.record(&fields)?;
        if creates {
            record = record.id(subject.row);
            if let Some(team) = plan
                .stream
                .owner_team
                .as_deref()
                .and_then(|id| id.parse().ok())
            {
                record = record.bind("ownerid", "teams", team);
            }
        }
        Ok(record)
    }

    async fn update(&mut self, tasks: Vec<Task>) -> Result<Vec<Subject>, Failure> {
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<(RowKey, IfMatch)> = tasks
            .iter()
            .map(|task| (RowKey::Id(task.subject.row), if_match(&task.subject)))
            .collect();
        let table = &self.judging.plan.table;
        let writes: Vec<Write<'_>> = tasks
            .iter()
            .zip(&keys)
            .map(|(task, (key, if_match))| match &task.write {
                Kind::Delete => Write::delete(table, key, if_match),
                Kind::Create(record) | Kind::Update(record) => {
                    Write::update(table, key, record, if_match)
                }
            })
            .collect();
        let results = self.judging.client.batch(&writes).await;
        let mut again = Vec::new();
        for (task, result) in tasks.into_iter().zip(results) {
            match result {
                Ok(written) => self.updated(task, &written),
                Err(error) if error.kind() == ErrorKind::VersionMismatch => {
                    again.push(task.subject);
                }
                // It may have been deleted since it was judged.
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let mut subject = task.subject;
                    (subject.current, subject.known) = (None, true);
                    again.push(subject);
                }
                Err(error) => self.failed(&task.subject, error)?,
            }
        }
        Ok(again)
    }

    fn updated(&mut self, task: Task, written: &Written) {
        let version = match task.write {
            Kind::Delete => None,
            _ => written.row.as_ref().and_then(dynamics_client::Row::version),
        };
        self.applied(&task.subject, task.loses, task.fields, version);
    }

    /// A row that could not be written: refused for good, or to be tried again by the next run. What stops
    /// every row stops the push.
    pub(crate) fn failed(&mut self, subject: &Subject, error: Error) -> Result<(), Failure> {
        match error.kind() {
            // The environment or the time, not the row.
            ErrorKind::Deadline | ErrorKind::Credentials => return Err(error.into()),
            // Only what Dynamics itself said of the row is said for good: an answer that proves nothing, or
            // one about the application user's role, which a person mends, is not.
            ErrorKind::BadRequest | ErrorKind::DuplicateKey | ErrorKind::TooLarge
                if error.outcome() == Outcome::Refused =>
            {
                self.refuse(&subject.change, subject.seen_row(), error.to_string());
            }
            _ => {
                self.passing += 1;
                self.wait(&subject.change, Some(subject.row), &error.to_string());
            }
        }
        Ok(())
    }
}

/// The version that was judged.
fn if_match(subject: &Subject) -> IfMatch {
    subject
        .current
        .as_ref()
        .and_then(|current| ETag::parse(&format!("W/\"{}\"", current.version)))
        .map_or(IfMatch::Any, IfMatch::ETag)
}
