//! What came of carrying a change out: it leaves the queue, and its record says so, all at once or not at
//! all.
//!
//! Never in here: a change settled that somebody else has settled otherwise.

use jiff::Timestamp;

use crate::accept::Found;
use crate::change::{Change, ChangeState, Origin};
use crate::change_item::change_key;
use crate::ended::{Memo, ended_attribute, forget};
use crate::error::{Error, ErrorKind};
use crate::hiding::{HidingRule, Shown};
use crate::item::{instant, number, text};
use crate::revision::{Rewrite, TRIES, changed_too_often};
use crate::tables::SEQUENCE;
use crate::transaction::{Part, Unmet};
use crate::{Fields, Store};

/// What came of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// How it stands now.
    pub state: ChangeState,
    /// See [`Change::reason`].
    pub reason: Option<String>,
    /// Its row's GUID, where that is known; else what was known before stays.
    pub row: Option<String>,
    /// See [`Change::lost`].
    pub lost: Vec<String>,
    /// See [`Change::theirs`].
    pub theirs: Fields,
    /// For one that was applied: the values that were written to Dynamics.
    pub written: Fields,
    /// For one that was applied: from which generation and version of the row on reading it says what
    /// Dynamics made of it. `None`: from the next version on that differs from the copy's.
    pub confirmed_from: Option<(u64, i64)>,
    /// When that was.
    pub now: Timestamp,
    /// What its record is to remember, or not any more.
    pub memo: Option<Memo>,
}

impl Settlement {
    /// Nothing more to say than that.
    pub fn new(state: ChangeState, now: Timestamp) -> Self {
        Self {
            state,
            reason: None,
            row: None,
            lost: Vec::new(),
            theirs: Fields::new(),
            written: Fields::new(),
            confirmed_from: None,
            now,
            memo: None,
        }
    }
}

/// What came of settling a change.
pub(crate) enum Settled {
    /// It stands so now.
    Done(Change),
    /// It was not any more as it was given; `None` if it is gone.
    Meanwhile(Option<Change>),
}

impl Store {
    /// Settles a waiting change. On its record what it wanted is not pending any more or, if it was applied,
    /// as soon as Dynamics confirms it; `rule` is the stream's own. `false` if it does not wait any more as
    /// it was given: a person has dropped it meanwhile. The same settlement may be repeated.
    ///
    /// A change that is to go on waiting is not settled ([`Store::note_attempt`]): `false`.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn settle(
        &self,
        change: &Change,
        settlement: &Settlement,
        rule: HidingRule<'_>,
    ) -> Result<bool, Error> {
        if settlement.state == ChangeState::Waiting {
            return Ok(false);
        }
        Ok(match self.finish(change, settlement, rule).await? {
            Settled::Done(_) => true,
            // An earlier call of this did it, and its answer was lost.
            Settled::Meanwhile(Some(now)) => {
                (now.state, now.sequence) == (settlement.state, change.sequence)
            }
            Settled::Meanwhile(None) => false,
        })
    }

    /// The same for a change in any state.
    pub(crate) async fn finish(
        &self,
        change: &Change,
        settlement: &Settlement,
        rule: HidingRule<'_>,
    ) -> Result<Settled, Error> {
        let failure = || self.change_failure("settle", &change.wanted.id);
        let stream = &change.wanted.stream;
        let mut settled = change.clone().settled(settlement);
        for _ in 0..TRIES {
            let mut parts = vec![
                self.put_change(&settled, Some(change)),
                self.delete_pointer(stream, change.sequence),
            ];
            let row = settled.row.as_ref();
            // Where the app was shown it, if that turned out to be another row.
            let shown_on = change
                .row
                .as_ref()
                .filter(|shown_on| Some(*shown_on) != row);
            for id in row.into_iter().chain(shown_on) {
                let found = self.find_live(stream, id).await?;
                let settlement = (Some(id) == row).then_some(settlement);
                parts.extend(found.and_then(|found| self.record(change, &found, settlement, rule)));
            }
            let written = match self.transact(parts, failure).await {
                // With what Dynamics has it is larger than an item may be, and must not stay for that.
                Err(error)
                    if error.kind() == ErrorKind::Refused && settled.has_more_than_wanted() =>
                {
                    settled.base = None;
                    settled.theirs.clear();
                    continue;
                }
                written => written?,
            };
            match written {
                Ok(()) => return Ok(Settled::Done(settled)),
                Err(Unmet::First(item)) if item.is_empty() => return Ok(Settled::Meanwhile(None)),
                Err(Unmet::First(item)) => {
                    return Ok(Settled::Meanwhile(Some(self.read_change(&item)?)));
                }
                Err(Unmet::Other) => {}
            }
        }
        Err(changed_too_often(failure()))
    }

    /// What becomes of the change's record; without a settlement it is not the change's any more. `None` if
    /// that is nothing.
    fn record(
        &self,
        change: &Change,
        Found { id, stored }: &Found,
        settlement: Option<&Settlement>,
        rule: HidingRule<'_>,
    ) -> Option<Part> {
        let (mut asserted, mut ended) = (stored.asserted.clone(), stored.ended.clone());
        let wanted = &change.wanted;
        match settlement {
            Some(settlement) if settlement.state == ChangeState::Applied => {
                let next = (stored.generation, stored.version.saturating_add(1));
                let from = settlement.confirmed_from.unwrap_or(next);
                asserted.send(change, &settlement.lost, &settlement.written, from);
                asserted.confirm((stored.generation, stored.version), &stored.dynamics);
                // What the app says since stands, also where it says what the expiry did.
                if matches!(wanted.origin, Origin::App { .. }) {
                    let lost = |name: &&String| settlement.lost.contains(*name);
                    let said = change.names.iter().filter(|name| !lost(name));
                    forget(&mut ended, said);
                }
            }
            _ => asserted.give_up(&wanted.id),
        }
        if let Some(memo) = settlement.and_then(|settlement| settlement.memo.as_ref()) {
            memo.note_in(&mut ended, &wanted.id);
        }
        if asserted == stored.asserted && ended == stored.ended {
            return None;
        }
        let wants = asserted.over(&stored.dynamics);
        let shown = Shown::of(wants, stored.unverified.is_some(), rule, &stored.hidden_by);
        let rewrite = Rewrite::default()
            .asserted(&asserted)
            .put("ended", ended_attribute(&ended))
            .shown(&shown);
        Some(self.rewrite_record((&wanted.stream, id), stored, rewrite))
    }

    /// Notes that a waiting change was tried in vain. It goes on waiting; one that does not is left.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn note_attempt(
        &self,
        change: &Change,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let result = self
            .client
            .update_item()
            .table_name(&self.tables.changes)
            .set_key(Some(change_key(&change.wanted.id)))
            .update_expression(
                "SET attempts = attempts + :one, reason = :reason, updated_at = :now",
            )
            .condition_expression("#state = :waiting AND #sequence = :sequence")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#sequence", SEQUENCE)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":waiting", text(ChangeState::Waiting.name()))
            .expression_attribute_values(":sequence", number(change.sequence))
            .send()
            .await;
        match result {
            Err(error) if crate::item::refused_item(error.as_service_error()).is_none() => {
                Err(self
                    .change_failure("note an attempt of", &change.wanted.id)
                    .sdk(error))
            }
            _ => Ok(()),
        }
    }
}

impl Change {
    fn settled(mut self, settlement: &Settlement) -> Self {
        self.reason.clone_from(&settlement.reason);
        self.row = settlement.row.clone().or(self.row);
        self.lost.clone_from(&settlement.lost);
        self.theirs.clone_from(&settlement.theirs);
        self.now_in(settlement.state, settlement.now)
    }

    fn has_more_than_wanted(&self) -> bool {
        self.base.is_some() || !self.theirs.is_empty()
    }
}
