//! Takes note of what became of a round's changes, in the changes table and on their records: side by side,
//! because each is of another row.
//!
//! Never in here: a value in a reason.

use futures::{StreamExt, TryStreamExt, stream};
use sync_store::{Change, ChangeState, Fields, Memo, Origin, Settlement, Value};
use uuid::Uuid;

use crate::Failure;
use crate::push::current::ByUs;
use crate::push::judge::{Loses, same};
use crate::push::rows::Subject;
use crate::push::{Push, Pushed, RowName};

/// What became of a change, to be kept.
pub(crate) enum Outcome {
    Settled(Change, Settlement),
    /// It was tried in vain, and why.
    Waits(Change, String),
}

/// What came of keeping an outcome.
enum Kept {
    As(ChangeState),
    /// Nothing is left to be counted.
    Meanwhile,
    /// Its record is damaged.
    Damaged(Box<Change>, String),
}

impl Pushed {
    fn count(&mut self, state: ChangeState) {
        match state {
            ChangeState::Applied => self.applied += 1,
            ChangeState::Superseded => self.superseded += 1,
            ChangeState::Held => self.held += 1,
            ChangeState::Refused => self.refused += 1,
            ChangeState::Dissolved => self.dissolved += 1,
            ChangeState::Waiting | ChangeState::Dropped => {}
        }
    }
}

impl Push<'_> {
    /// The row was written; it has this version now, if that was told.
    pub(crate) fn applied(
        &mut self,
        subject: &Subject,
        loses: Loses,
        written: Fields,
        version: Option<i64>,
    ) {
        let by_us = ByUs::of(subject.current.as_ref(), written.clone());
        self.judging.written.insert(subject.row, by_us);
        self.tally.written += 1;
        let before = subject
            .current
            .as_ref()
            .map_or(0, |current| current.version);
        // Any version above the one that was judged has it.
        let confirmed_from = version.unwrap_or(before + 1);
        let memo = memo_of_written(subject, &written);
        let settlement = Settlement {
            written,
            confirmed_from: Some((self.judging.generation, confirmed_from)),
            memo,
            ..self.settlement(ChangeState::Applied, Some(subject.row), loses, None)
        };
        self.outcomes
            .push(Outcome::Settled(subject.change.clone(), settlement));
    }

    /// Dynamics says what the change wants already.
    pub(crate) fn settled(&mut self, subject: &Subject, loses: Loses) {
        // Written by an earlier try whose answer was lost.
        if let Some(current) = subject.current.as_ref().filter(|current| current.ours) {
            let by_us = ByUs::of(Some(current), subject.wanted.clone());
            self.judging.written.insert(subject.row, by_us);
        }
        let known = subject
            .current
            .as_ref()
            .map_or(0, |current| current.version);
        let settlement = Settlement {
            confirmed_from: Some((self.judging.generation, known)),
            memo: memo_of_found(subject),
            ..self.settlement(ChangeState::Applied, Some(subject.row), loses, None)
        };
        self.outcomes
            .push(Outcome::Settled(subject.change.clone(), settlement));
    }

    pub(crate) fn supersede(&mut self, subject: &Subject, loses: Loses, why: &str) {
        let row = Some(subject.row);
        let settlement = self.settlement(ChangeState::Superseded, row, loses, Some(why.to_owned()));
        self.outcomes
            .push(Outcome::Settled(subject.change.clone(), settlement));
    }

    /// A person has to decide; the record shows what Dynamics has until then.
    pub(crate) fn hold(&mut self, subject: &Subject, loses: Loses) {
        let fields: Vec<&str> = loses.theirs.keys().map(String::as_str).collect();
        let why = match fields.is_empty() {
            true => "the row was changed in Dynamics since; decide which side stands".to_owned(),
            false => format!(
                "both sides changed {}; decide which side stands",
                fields.join(", ")
            ),
        };
        let settlement = self.settlement(ChangeState::Held, Some(subject.row), loses, Some(why));
        self.outcomes
            .push(Outcome::Settled(subject.change.clone(), settlement));
    }

    pub(crate) fn dissolve(&mut self, subject: &Subject) {
        let why = Some("it was no longer so when it was to be written".to_owned());
        let row = Some(subject.row);
        let settlement = self.settlement(ChangeState::Dissolved, row, Loses::default(), why);
        self.outcomes
            .push(Outcome::Settled(subject.change.clone(), settlement));
    }

    pub(crate) fn refuse(&mut self, change: &Change, row: Option<Uuid>, why: String) {
        let settlement = self.settlement(ChangeState::Refused, row, Loses::default(), Some(why));
        self.outcomes
            .push(Outcome::Settled(change.clone(), settlement));
    }

    /// The change goes on waiting, and with it all later ones of its row. No `why`: it was not tried.
    pub(crate) fn wait(&mut self, change: &Change, row: Option<Uuid>, why: &str) {
        self.blocked.insert(RowName::of(change));
        self.blocked
            .extend(row.map(|row| RowName::Id(row.to_string())));
        self.tally.waiting += 1;
        if !why.is_empty() {
            let why = why.to_owned();
            self.tally.waiting_reason.get_or_insert_with(|| why.clone());
            self.outcomes.push(Outcome::Waits(change.clone(), why));
        }
    }

    /// Keeps the outcomes of the round.
    pub(crate) async fn keep_outcomes(&mut self) -> Result<(), Failure> {
        let outcomes = std::mem::take(&mut self.outcomes);
        let in_flight = self.judging.invocation.engine.limits.writes;
        let kept: Vec<Kept> = {
            let this = &*self;
            stream::iter(outcomes)
                .map(|outcome| this.keep(outcome))
                .buffer_unordered(in_flight)
                .try_collect()
                .await?
        };
        for kept in kept {
            match kept {
                Kept::As(state) => self.tally.count(state),
                Kept::Meanwhile => {}
                Kept::Damaged(change, why) => self.wait(&change, None, &why),
            }
        }
        Ok(())
    }

    async fn keep(&self, outcome: Outcome) -> Result<Kept, Failure> {
        self.keeper.ensure().await?;
        let store = self.judging.store;
        let (change, settlement) = match outcome {
            Outcome::Settled(change, settlement) => (change, settlement),
            Outcome::Waits(change, why) => {
                store
                    .note_attempt(&change, &why, self.judging.now())
                    .await?;
                return Ok(Kept::Meanwhile);
            }
        };
        let rule = self.judging.rule();
        let hiding = |wanted: &Fields, unverified| rule.hiding(wanted, unverified);
        let settled = store.settle(&change, &settlement, &hiding).await;
        match settled.map_err(Failure::from) {
            Ok(true) => Ok(Kept::As(settlement.state)),
            // A person has dropped it.
            Ok(false) => Ok(Kept::Meanwhile),
            // It goes on waiting, and the next run finds that Dynamics says so already.
            Err(failure) if failure.is_damage() => {
                Ok(Kept::Damaged(Box::new(change), failure.to_string()))
            }
            Err(failure) => Err(failure),
        }
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
            written: Fields::new(),
            confirmed_from: None,
            memo: None,
            now: self.judging.now(),
        }
    }
}

/// What is to be remembered of a row whose expiry was written just now, or forgotten after its undoing.
fn memo_of_written(subject: &Subject, written: &Fields) -> Option<Memo> {
    let had = subject.current.as_ref().map(|current| &current.fields);
    memo(subject, |name| {
        let had = had.and_then(|fields| fields.get(name));
        had.filter(|_| written.contains_key(name)).cloned()
    })
}

/// The same where the row says so already: if this software was the last to write it, an earlier try did
/// (unless another change of this run), and what was there before is what was there when it was handed in.
fn memo_of_found(subject: &Subject) -> Option<Memo> {
    let current = subject.current.as_ref().filter(|current| current.ours);
    let tried = |name: &str| current.is_some_and(|current| !current.says_what_we_wrote(name));
    let base = subject.change.base.as_ref().map(|base| &base.dynamics);
    memo(subject, |name| {
        let wanted = subject.wanted.get(name)?;
        let had = base.and_then(|fields| fields.get(name));
        had.filter(|had| tried(name) && !same(had, wanted)).cloned()
    })
}

fn memo(subject: &Subject, had: impl Fn(&String) -> Option<Value>) -> Option<Memo> {
    match &subject.change.wanted.origin {
        Origin::Expiry { by } => {
            let had = |name: &String| Some((name.clone(), had(name)?));
            Some(Memo::Keep {
                by: by.clone(),
                before: subject.wanted.keys().filter_map(had).collect(),
            })
        }
        Origin::Renewal { by } => Some(Memo::Forget { by: by.clone() }),
        Origin::App { .. } | Origin::Assertion => None,
    }
}
