//! Takes note of what became of a change, in the changes table and on its record.
//!
//! Never in here: a value in a reason.

use sync_store::{Change, ChangeState, Fields, Memo, Origin, Settlement};
use uuid::Uuid;

use crate::Failure;
use crate::push::judge::{Loses, same};
use crate::push::rows::Subject;
use crate::push::{Push, RowName};

impl Push<'_> {
    /// The row was written; it has this version now, if that was told.
    pub(crate) async fn applied(
        &mut self,
        subject: &Subject,
        loses: Loses,
        version: Option<i64>,
    ) -> Result<(), Failure> {
        let by_others = subject
            .current
            .as_ref()
            .and_then(|current| current.modified_on);
        self.judging.written.entry(subject.row).or_insert(by_others);
        self.tally.written += 1;
        let before = subject
            .current
            .as_ref()
            .map_or(0, |current| current.version);
        // Any version above the one that was judged has it.
        let confirmed_from = version.unwrap_or(before + 1);
        self.settled(subject, loses, Some(confirmed_from)).await
    }

    /// Dynamics says what the change wants: because it was written, or by itself.
    pub(crate) async fn settled(
        &mut self,
        subject: &Subject,
        loses: Loses,
        confirmed_from: Option<i64>,
    ) -> Result<(), Failure> {
        let known = subject
            .current
            .as_ref()
            .map_or(0, |current| current.version);
        let settlement = Settlement {
            confirmed_from: Some((self.judging.generation, confirmed_from.unwrap_or(known))),
            memo: self.memo(subject),
            ..self.settlement(ChangeState::Applied, Some(subject.row), loses, None)
        };
        self.tally.applied += u64::from(self.settle(&subject.change, settlement).await?);
        Ok(())
    }

    pub(crate) async fn supersede(
        &mut self,
        subject: &Subject,
        loses: Loses,
        why: &str,
    ) -> Result<(), Failure> {
        let row = Some(subject.row);
        let settlement = self.settlement(ChangeState::Superseded, row, loses, Some(why.to_owned()));
        self.tally.superseded += u64::from(self.settle(&subject.change, settlement).await?);
        Ok(())
    }

    /// A person has to decide; the record shows what Dynamics has until then.
    pub(crate) async fn hold(&mut self, subject: &Subject, loses: Loses) -> Result<(), Failure> {
        let fields: Vec<&str> = loses.theirs.keys().map(String::as_str).collect();
        let why = match fields.is_empty() {
            true => "the row was changed in Dynamics since; decide which side stands".to_owned(),
            false => format!(
                "both sides changed {}; decide which side stands",
                fields.join(", ")
            ),
        };
        let settlement = self.settlement(ChangeState::Held, Some(subject.row), loses, Some(why));
        self.tally.held += u64::from(self.settle(&subject.change, settlement).await?);
        Ok(())
    }

    pub(crate) async fn dissolve(&mut self, subject: &Subject) -> Result<(), Failure> {
        let why = Some("it was no longer so when it was to be written".to_owned());
        let row = Some(subject.row);
        let settlement = self.settlement(ChangeState::Dissolved, row, Loses::default(), why);
        self.tally.dissolved += u64::from(self.settle(&subject.change, settlement).await?);
        Ok(())
    }

    pub(crate) async fn refuse(
        &mut self,
        change: &Change,
        row: Option<Uuid>,
        why: String,
    ) -> Result<(), Failure> {
        let settlement = self.settlement(ChangeState::Refused, row, Loses::default(), Some(why));
        self.tally.refused += u64::from(self.settle(change, settlement).await?);
        Ok(())
    }

    /// The change goes on waiting, and with it all later ones of its row. No `why`: it was not tried.
    pub(crate) async fn wait(&mut self, change: &Change, why: &str) -> Result<(), Failure> {
        self.blocked.insert(RowName::of(change));
        self.tally.waiting += 1;
        if why.is_empty() {
            return Ok(());
        }
        self.tally
            .waiting_reason
            .get_or_insert_with(|| why.to_owned());
        Ok(self
            .judging
            .store
            .note_attempt(change, why, self.judging.now())
            .await?)
    }

    fn settlement(
        &self,
        state: ChangeState,
        row: Option<Uuid>,
        loses: Loses,
        reason: Option<String>,
    ) -> Settlement {
        Settlement {
            state,
            reason,
            row: row.map(|row| row.to_string()),
            lost: loses.fields,
            theirs: loses.theirs,
            confirmed_from: None,
            memo: None,
            now: self.judging.now(),
        }
    }

    /// `false` if a person has dropped the change meanwhile, or its record is damaged: then it goes on waiting,
    /// and the next run finds that Dynamics says so already.
    async fn settle(&mut self, change: &Change, settlement: Settlement) -> Result<bool, Failure> {
        self.keeper.ensure().await?;
        let rule = self.judging.rule();
        let hiding = |wanted: &Fields, unverified| rule.hiding(wanted, unverified);
        let settled = self
            .judging
            .store
            .settle(change, &settlement, &hiding)
            .await;
        match settled.map_err(Failure::from) {
            Err(failure) if failure.is_damage() => {
                self.wait(change, &failure.to_string()).await?;
                Ok(false)
            }
            settled => settled,
        }
    }

    /// What is to be remembered of a row whose expiry was written, or forgotten after its undoing.
    fn memo(&self, subject: &Subject) -> Option<Memo> {
        match &subject.change.wanted.origin {
            Origin::Expiry { by } => {
                let base = subject.change.base.as_ref().map(|base| &base.dynamics);
                let now = subject.current.as_ref().map(|current| &current.fields);
                // What was judged, and where that has the expiry's values already (its answer was lost),
                // what was there when it was handed in.
                let mut before = Fields::new();
                for (name, set) in &subject.wanted {
                    let had = [now, base]
                        .into_iter()
                        .flatten()
                        .filter_map(|fields| fields.get(name));
                    let had = had.clone().find(|value| !same(value, set));
                    before.extend(had.map(|value| (name.clone(), value.clone())));
                }
                Some(Memo::Keep {
                    by: by.clone(),
                    before,
                })
            }
            Origin::Renewal { by } => Some(Memo::Forget { by: by.clone() }),
            Origin::App { .. } | Origin::Assertion => None,
        }
    }
}
