//! A change is taken in: it is stored, it waits, and the app sees on its record what it wants, all at once
//! or not at all.
//!
//! Never in here: whether a change may be made.

use crate::change::{Base, Change, ChangeKey, ChangeState, NewChange};
use crate::error::Error;
use crate::hiding::{HidingRule, Shown};
use crate::item::{Item, text};
use crate::record::{Stored, read_id};
use crate::revision::{Rewrite, TRIES, changed_too_often};
use crate::tables::{BUSINESS_KEY, BUSINESS_KEY_INDEX};
use crate::transaction::Unmet;
use crate::{BUSINESS_KEY_BYTES_MAX, Store};

/// What came of handing in a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// It waits.
    New(Change),
    /// It was handed in before; this is how it stands.
    Known(Change),
    /// Another change was handed in under this id.
    Other(Change),
}

/// A live record of the copy.
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) stored: Stored,
}

impl Store {
    /// Takes in a change. If the copy has its row, named by its id or by this business key, the record shows
    /// what the app wants of it in the same write; `rule` is the stream's own. A stream that does not `pulls`
    /// has no copy.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) if the change, or its record with it, is too large;
    /// [`ErrorKind::Throttled`](crate::ErrorKind::Throttled) if the record never kept still;
    /// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) if the record, or a change with this id, cannot be
    /// read; else when DynamoDB fails. Nothing is stored then, unless the answer was lost: the same change
    /// handed in again is the same one.
    pub async fn accept(
        &self,
        change: &NewChange,
        business_key: Option<&str>,
        rule: HidingRule<'_>,
        pulls: bool,
    ) -> Result<Accepted, Error> {
        for _ in 0..TRIES {
            let found = match pulls {
                true => self.find(change, business_key).await?,
                false => None,
            };
            let waiting = Change::waiting(change.clone(), found.as_ref());
            match self.enqueue(waiting, None, found, rule).await? {
                Ok(waiting) => return Ok(Accepted::New(waiting)),
                Err(Unmet::First(item)) => {
                    let known = self.read_change(&item)?;
                    let same = known.wanted.digest == change.digest;
                    return Ok(if same {
                        Accepted::Known(known)
                    } else {
                        Accepted::Other(known)
                    });
                }
                Err(Unmet::Other) => {}
            }
        }
        Err(changed_too_often(self.change_failure("accept", &change.id)))
    }

    /// Stores a change that is to wait, in the last place of the order, with what it wants of the record that
    /// was found. It is new, or still as it was `before`.
    ///
    /// The place is asked for after the record was read: whoever changes the record later, and so has to
    /// read it again, comes later in the order too.
    pub(crate) async fn enqueue(
        &self,
        mut waiting: Change,
        before: Option<&Change>,
        found: Option<Found>,
        rule: HidingRule<'_>,
    ) -> Result<Result<Change, Unmet>, Error> {
        let (stream, id) = (&waiting.wanted.stream, &waiting.wanted.id);
        let failure = || self.change_failure("accept", id);
        waiting.sequence = self.next_sequence(stream, failure).await?;
        let mut parts = vec![
            self.put_change(&waiting, before),
            self.put_pointer(&waiting),
        ];
        if let Some(Found { id, stored }) = found {
            let mut asserted = stored.asserted.clone();
            asserted.take_up(&waiting);
            if asserted != stored.asserted {
                let wanted = asserted.over(&stored.dynamics);
                let unverified = stored.unverified.is_some();
                let shown = Shown::of(wanted, unverified, rule, &stored.hidden_by);
                let rewrite = Rewrite::default().asserted(&asserted).shown(&shown);
                parts.push(self.rewrite_record((stream, &id), &stored, rewrite));
            }
        }
        let written = self.transact(parts, failure).await?;
        Ok(written.map(|()| waiting))
    }

    async fn find(
        &self,
        change: &NewChange,
        business_key: Option<&str>,
    ) -> Result<Option<Found>, Error> {
        let stream = &change.stream;
        let (id, business_key) = match (&change.key, business_key) {
            (ChangeKey::Id(id), _) => (Some(id.clone()), None),
            (ChangeKey::Fields(_), Some(key)) if key.len() <= BUSINESS_KEY_BYTES_MAX => {
                (self.id_by_business_key(stream, key).await?, Some(key))
            }
            (ChangeKey::Fields(_), _) => (None, None),
        };
        let Some(id) = id else { return Ok(None) };
        let Some(item) = self.record_item(stream, &id).await? else {
            return Ok(None);
        };
        // The index may be some seconds old.
        let has = |key: &str| item.get(BUSINESS_KEY) == Some(&text(key));
        if business_key.is_some_and(|key| !has(key)) {
            return Ok(None);
        }
        self.live(stream, id, &item)
    }

    /// The record with this id, unless it is a tombstone.
    pub(crate) async fn find_live(&self, stream: &str, id: &str) -> Result<Option<Found>, Error> {
        match self.record_item(stream, id).await? {
            Some(item) => self.live(stream, id.to_owned(), &item),
            None => Ok(None),
        }
    }

    fn live(&self, stream: &str, id: String, item: &Item) -> Result<Option<Found>, Error> {
        let stored = self.whole(stream, item, Stored::read)?;
        Ok((!stored.deleted).then_some(Found { id, stored }))
    }

    /// `None` also if there are several: which one is meant is for the push to find out.
    async fn id_by_business_key(&self, stream: &str, key: &str) -> Result<Option<String>, Error> {
        let answer = self
            .client
            .query()
            .table_name(&self.tables.records)
            .index_name(BUSINESS_KEY_INDEX)
            .key_condition_expression("#key = :key")
            .projection_expression("id")
            .expression_attribute_names("#key", BUSINESS_KEY)
            .expression_attribute_values(":key", text(key))
            .limit(2)
            .send()
            .await
            .map_err(|error| self.read_failure(stream).sdk(error))?;
        Ok(match answer.items.unwrap_or_default().as_slice() {
            [one] => read_id(one),
            _ => None,
        })
    }
}

impl Change {
    /// A new one, before it has its place.
    fn waiting(wanted: NewChange, found: Option<&Found>) -> Self {
        let row = match (&wanted.key, found) {
            (ChangeKey::Id(id), _) => Some(id.clone()),
            (ChangeKey::Fields(_), found) => found.map(|found| found.id.clone()),
        };
        let mut change = Self {
            names: wanted.fields.keys().cloned().collect(),
            sequence: 0,
            row,
            base: None,
            state: ChangeState::Waiting,
            reason: None,
            attempts: 0,
            updated_at: wanted.accepted_at,
            lost: Vec::new(),
            theirs: crate::Fields::new(),
            force: false,
            wanted,
        };
        change.see(found);
        change
    }

    /// Takes the record that was found as what the app saw.
    pub(crate) fn see(&mut self, found: Option<&Found>) {
        self.base = found.and_then(|Found { stored, .. }| {
            let shown = &stored.shown.as_ref()?.fields;
            Some(Base::of(
                &self.names,
                stored.version,
                &stored.dynamics,
                shown,
            ))
        });
    }
}
