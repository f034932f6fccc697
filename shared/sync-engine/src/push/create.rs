//! Creates the rows that are to be created, and finds out about those that are there already.
//!
//! What is created has an id that follows from its change, so that one which an earlier try created is known
//! for that. Never in here: a row found by anything but its id or key.

use dynamics_client::{Error, ErrorKind};
use sync_store::{ChangeKey, Fields, Operation};
use uuid::Uuid;

use crate::Failure;
use crate::push::carry_out::{Kind, Task};
use crate::push::judge::{EXISTS, Loses};
use crate::push::rows::{Look, Subject, Unfit};
use crate::push::{Judging, Push};

/// What is said of a key that is taken by no row that can be seen.
const UNSEEN: &str = "No active row with the stream's own key is in the application user's sight.";

impl Push<'_> {
    /// Creates them. Answers those whose row turned out to be there, to be judged again.
    pub(crate) async fn create(&mut self, tasks: Vec<Task>) -> Result<Vec<Subject>, Failure> {
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        if !self.may_create().await? {
            for Task { subject, .. } in tasks {
                self.wait(&subject.change, Some(subject.row), "");
            }
            return Ok(Vec::new());
        }
        let (mut subjects, mut records) = (Vec::new(), Vec::new());
        for task in tasks {
            if let Kind::Create(record) = task.write {
                records.push(record);
                subjects.push(task.subject);
            }
        }
        let results = {
            let Judging { client, plan, .. } = &self.judging;
            client.create_multiple(&plan.table, &records).await
        };
        let mut duplicates = Vec::new();
        for (subject, result) in subjects.into_iter().zip(results) {
            match result {
                Ok(_) => self.applied(&subject, Loses::default(), Fields::new(), None),
                Err(error) if error.kind() == ErrorKind::DuplicateKey => {
                    duplicates.push((subject, error));
                }
                Err(error) => self.failed(&subject, error)?,
            }
        }
        self.duplicates(duplicates).await
    }

    /// There are rows with the ids or keys of those that were to be created: these changes' own, of a try
    /// whose answer was lost, or somebody else's. Answers those whose row is known by now.
    async fn duplicates(
        &mut self,
        duplicates: Vec<(Subject, Error)>,
    ) -> Result<Vec<Subject>, Failure> {
        let own = duplicates.iter().filter(|(subject, _)| subject.own);
        let own: Vec<Uuid> = own.map(|(subject, _)| subject.row).collect();
        let Judging { client, plan, .. } = &self.judging;
        let existing = client.existing(&plan.table, &own).await?;
        let (mut others, mut errors) = (Vec::new(), Vec::new());
        for (subject, error) in duplicates {
            if subject.own && existing.contains(&subject.row) {
                self.applied(&subject, Loses::default(), Fields::new(), None);
            } else {
                others.push(subject.change);
                errors.push(error);
            }
        }
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.judging.subjects(others, Look::Everywhere).await?;
        let mut again = Vec::new();
        for ((change, subject), error) in found.into_iter().zip(errors) {
            match subject {
                Ok(subject) if subject.current.is_some() => {
                    let by_key = matches!(change.wanted.key, ChangeKey::Fields(_));
                    match change.wanted.operation {
                        Operation::Create if by_key => {
                            self.refuse(&change, None, EXISTS.to_owned());
                        }
                        // It says so already, or came into being after it was looked for.
                        _ => again.push(subject),
                    }
                }
                // Of another key than the stream's, or out of sight.
                Ok(_) => self.refuse(&change, None, format!("{error} {UNSEEN}")),
                Err(Unfit::Refused(why)) => self.refuse(&change, None, why),
                Err(Unfit::Later(why)) => self.wait(&change, None, &why),
            }
        }
        Ok(again)
    }
}
