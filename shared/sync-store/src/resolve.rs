//! What a person does about a change: try it again, give it up, or decide whose values prevail.
//!
//! Never in here: a change that somebody else has moved on meanwhile.

use jiff::Timestamp;

use crate::change::{Change, ChangeState};
use crate::error::Error;
use crate::hiding::HidingRule;
use crate::revision::{TRIES, changed_too_often};
use crate::settle::{Settled, Settlement};
use crate::{Fields, Store};

/// What came of a person's decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// The change stands so now.
    Done(Box<Change>),
    /// There is no such change.
    NotFound,
    /// A change that stands so cannot be resolved like that.
    NotPossible(ChangeState),
}

impl Store {
    /// A refused or held change waits again, after all others, as it was handed in: what the app saw then still
    /// counts, so that a conflict stays one. `rule` is the stream's own.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn retry(
        &self,
        id: &str,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Resolved, Error> {
        let from = [ChangeState::Refused, ChangeState::Held];
        self.reopen(id, &from, false, rule, now).await
    }

    /// A held change waits again, after all others, and the app's values prevail over whatever Dynamics has.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn keep_app(
        &self,
        id: &str,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Resolved, Error> {
        self.reopen(id, &[ChangeState::Held], true, rule, now).await
    }

    /// Dynamics' values prevail over a held change.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn keep_dynamics(
        &self,
        id: &str,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Resolved, Error> {
        self.close(id, &[ChangeState::Held], rule, |change| Settlement {
            lost: change.names.iter().cloned().collect(),
            theirs: change.theirs.clone(),
            ..Settlement::new(ChangeState::Superseded, now)
        })
        .await
    }

    /// A change that waits, is held or was refused is given up. One that a run carries out at this moment
    /// may have been written to Dynamics all the same.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn drop_change(
        &self,
        id: &str,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Resolved, Error> {
        let from = [
            ChangeState::Waiting,
            ChangeState::Held,
            ChangeState::Refused,
        ];
        self.close(id, &from, rule, |change| Settlement {
            reason: change.reason.clone(),
            ..Settlement::new(ChangeState::Dropped, now)
        })
        .await
    }

    async fn reopen(
        &self,
        id: &str,
        from: &[ChangeState],
        force: bool,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Resolved, Error> {
        for _ in 0..TRIES {
            let before = match self.resolvable(id, from).await? {
                Ok(before) => before,
                Err(resolved) => return Ok(resolved),
            };
            let found = match &before.row {
                Some(row) => self.find_live(&before.wanted.stream, row).await?,
                None => None,
            };
            let mut again = before.clone();
            (again.reason, again.attempts) = (None, 0);
            (again.lost, again.theirs) = (Vec::new(), Fields::new());
            again.force = force;
            if force {
                again.wanted.base_version = None;
                again.see(found.as_ref());
            }
            let again = again.now_in(ChangeState::Waiting, now);
            if let Ok(waiting) = self.enqueue(again, Some(&before), found, rule).await? {
                return Ok(Resolved::Done(Box::new(waiting)));
            }
        }
        Err(changed_too_often(self.change_failure("resolve", id)))
    }

    async fn close(
        &self,
        id: &str,
        from: &[ChangeState],
        rule: HidingRule<'_>,
        settlement: impl Fn(&Change) -> Settlement,
    ) -> Result<Resolved, Error> {
        for _ in 0..TRIES {
            let change = match self.resolvable(id, from).await? {
                Ok(change) => change,
                Err(resolved) => return Ok(resolved),
            };
            let settled = self.finish(&change, &settlement(&change), rule).await?;
            if let Settled::Done(change) = settled {
                return Ok(Resolved::Done(Box::new(change)));
            }
        }
        Err(changed_too_often(self.change_failure("resolve", id)))
    }

    /// The change, if it is in one of these states.
    async fn resolvable(
        &self,
        id: &str,
        from: &[ChangeState],
    ) -> Result<Result<Change, Resolved>, Error> {
        Ok(match self.change(id).await? {
            None => Err(Resolved::NotFound),
            Some(change) if from.contains(&change.state) => Ok(change),
            Some(change) => Err(Resolved::NotPossible(change.state)),
        })
    }
}
