//! Which row a change is for, and what that row says now: from the copy where it has it, else from
//! Dynamics.
//!
//! Never in here: what is to become of the change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sync_store::{Change, ChangeKey, Ended, Fields, Operation, Origin, RecordParts, Value, Wanted};
use uuid::Uuid;

use crate::Failure;
use crate::push::Judging;
use crate::push::current::Current;
use crate::push::judge::WantedValues;
use crate::push::lookup::Found;
use crate::push::lookup_many::LookedUp;
use crate::push::states::RowState;
use crate::push::writing::kept;

/// Which changes are looked for by their keys in Dynamics.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Look {
    /// Where that cannot be left to the write: one that creates fails if Dynamics itself keeps the key
    /// unique.
    WhereNeeded,
    /// All of them: such a write has failed.
    Everywhere,
}

pub(crate) const OUTSIDE: &str =
    "the row does not meet the stream's `where` (any more), so it is not the app's to change";

/// The `statecode` of what is inactive, in every standard table.
pub(crate) const INACTIVE: i64 = 1;

/// A change with all that must be known to judge it.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) change: Change,
    /// The row's GUID: found, or the one it will be created with.
    pub(crate) row: Uuid,
    pub(crate) wanted: WantedValues,
    /// The row as it is, if it is there.
    pub(crate) current: Option<Current>,
    /// Whether the row was there once.
    pub(crate) known: bool,
    /// The row can only be one that this change created.
    pub(crate) own: bool,
    /// The key by which the row was looked up, which a new one says too.
    pub(crate) key: Fields,
    /// What else waits for the row, as far as it is in the copy.
    pub(crate) pending: Fields,
    /// The streams that hide its record.
    pub(crate) hidden_by: BTreeSet<String>,
    /// What expiries overwrote in Dynamics, by the stream with the expiry.
    pub(crate) ended: BTreeMap<String, Ended>,
}

impl Subject {
    /// The row, if there is or was one: a change that is refused is not to be held to an id that it made up.
    pub(crate) fn seen_row(&self) -> Option<Uuid> {
        (self.current.is_some() || self.known).then_some(self.row)
    }

    /// The row's values once everything that waits for it is written.
    pub(crate) fn after_what_waits(&self, current: &Current) -> Fields {
        let mut fields = current.fields.clone();
        fields.extend(self.pending.clone());
        fields
    }
}

/// Why a change cannot be judged.
#[derive(Clone)]
pub(crate) enum Unfit {
    /// It never will be as it is.
    Refused(String),
    /// Not yet: what it is about cannot be read.
    Later(String),
}

/// Which row a change is for.
struct Place {
    row: Uuid,
    wanted: WantedValues,
    key: Fields,
    /// Whether Dynamics may have the row: else it is yet to be created.
    may_be_there: bool,
}

impl Judging<'_> {
    /// Finds the row of each change, and what it says.
    pub(crate) async fn subjects(
        &self,
        changes: Vec<Change>,
        look: Look,
    ) -> Result<Vec<(Change, Result<Subject, Unfit>)>, Failure> {
        let changes = changes.into_iter().map(|change| self.as_kept(change));
        let changes: Vec<Change> = changes.collect();
        let looked_up = self
            .look_up_all(&changes, |change| self.is_looked_up(change, look))
            .await?;
        let mut placed: Vec<(Change, Result<Place, Unfit>)> = Vec::with_capacity(changes.len());
        for change in changes {
            let place = self.place(&change, look, &looked_up).await?;
            placed.push((change, place));
        }
        let rows = placed
            .iter()
            .filter_map(|(_, place)| place.as_ref().ok().map(|place| place.row.to_string()));
        let mut records = self.records(rows.collect()).await?;
        let mut to_read = BTreeSet::new();
        for (change, place) in &placed {
            let Ok(place) = place else { continue };
            let record = records.get(&place.row.to_string());
            let lives = matches!(record, Some(Ok(record)) if !record.deleted);
            // The copy does not tell who wrote a row: asked for where that matters.
            let good = matches!(record, Some(Ok(record)) if self.is_good(place.row, record));
            if (place.may_be_there && asks_who_wrote(change))
                || !good && (place.may_be_there || lives)
            {
                to_read.insert(place.row);
            }
        }
        let to_read: Vec<Uuid> = to_read.into_iter().collect();
        let states = self.read_rows(&to_read).await?;
        let subject = |(change, place): (Change, Result<Place, Unfit>)| {
            let subject = place.and_then(|place| {
                let record = records.remove(&place.row.to_string()).transpose();
                let record = record.map_err(|damaged| Unfit::Later(damaged.to_string()))?;
                let state = states.get(&place.row).cloned();
                self.subject(change.clone(), place, record, state)
            });
            (change, subject)
        };
        Ok(placed.into_iter().map(subject).collect())
    }

    /// The change with its values as their columns keep them: what is wanted, and what the app saw.
    fn as_kept(&self, mut change: Change) -> Change {
        let keep = |name: &String, value: &mut Value| {
            if let Some(field) = self.plan.field(name) {
                *value = kept(&field.reading, value);
            }
        };
        for (name, wanted) in &mut change.wanted.fields {
            if let Wanted::Value(value) = wanted {
                keep(name, value);
            }
        }
        if let Some(base) = &mut change.base {
            let saw = base.dynamics.iter_mut().chain(&mut base.shown);
            saw.for_each(|(name, value)| keep(name, value));
        }
        change
    }

    fn subject(
        &self,
        change: Change,
        Place {
            row, wanted, key, ..
        }: Place,
        record: Option<RecordParts>,
        state: Option<RowState>,
    ) -> Result<Subject, Unfit> {
        let named = matches!(change.wanted.key, ChangeKey::Id(_));
        let known = record.is_some() || change.base.is_some() || (change.row.is_some() && !named);
        let current = match (state, &record) {
            (Some(RowState::Unreadable(why)), _) => return Err(Unfit::Later(why)),
            (Some(state), _) if state.is_deactivated_for(&change, &self.plan.stream) => None,
            (Some(RowState::Outside { .. }), _) => {
                return Err(Unfit::Refused(OUTSIDE.to_owned()));
            }
            (Some(RowState::There(current)), _) => Some(current),
            (None, Some(record)) if self.is_good(row, record) => Some(Current {
                fields: record.dynamics.clone(),
                version: record.version,
                modified_on: record.modified_on,
                ours: false,
                by_us: None,
            }),
            (None, _) => None,
        };
        let record = record.unwrap_or_default();
        // What is sent is in the row by now.
        let pending = record
            .pending
            .into_iter()
            .filter(|(_, want)| want.sent.is_none());
        Ok(Subject {
            own: row == own_id(&change),
            key,
            change,
            row,
            wanted,
            current,
            known,
            pending: pending.map(|(name, want)| (name, want.value)).collect(),
            hidden_by: record.hidden_by,
            ended: record.ended,
        })
    }

    /// Whether the copy says what the row says, as far as is known.
    fn is_good(&self, row: Uuid, record: &RecordParts) -> bool {
        !record.deleted
            && record.unverified.is_none()
            && record.generation == self.generation
            && !self.is_stale(row)
    }

    /// The records with these ids, tombstones too.
    async fn records(
        &self,
        ids: Vec<String>,
    ) -> Result<HashMap<String, Result<RecordParts, sync_store::Error>>, Failure> {
        let stream = &self.plan.stream;
        Ok(match stream.direction.pulls() {
            true => self.store.records_by_id(&stream.name, &ids).await?,
            false => HashMap::new(),
        })
    }

    /// Whether the row of a change is looked up by its key.
    fn is_looked_up(&self, change: &Change, look: Look) -> bool {
        let creates = change.wanted.operation == Operation::Create;
        let told_by_write = creates && self.key_is_enforced && look == Look::WhereNeeded;
        change.row.is_none() && !told_by_write
    }

    /// The row of a change, and what it wants with its lookups looked up.
    async fn place(
        &self,
        change: &Change,
        look: Look,
        looked_up: &LookedUp,
    ) -> Result<Result<Place, Unfit>, Failure> {
        let mut wanted = WantedValues::new();
        for (name, want) in &change.wanted.fields {
            let value = match want {
                Wanted::Value(value) => value.clone(),
                Wanted::Row(key) => match self.referred(name, key, looked_up).await? {
                    Ok(value) => value,
                    Err(unfit) => return Ok(Err(unfit)),
                },
            };
            wanted.insert(name.clone(), value);
        }
        let creates = change.wanted.operation == Operation::Create;
        let (row, may_be_there) = match (&change.row, &change.wanted.key) {
            (Some(id), _) | (None, ChangeKey::Id(id)) => {
                (parse(id), !creates || look == Look::Everywhere)
            }
            (None, ChangeKey::Fields(key)) => {
                let found = match self.is_looked_up(change, look) {
                    true => looked_up.get(self.plan, key),
                    false => Found::Nothing,
                };
                match found {
                    Found::Nothing => (Ok(own_id(change)), false),
                    Found::Row(row) => (Ok(row), true),
                    Found::Unfit(unfit) => (Err(unfit), false),
                }
            }
        };
        let key = match &change.wanted.key {
            ChangeKey::Fields(key) => key.clone(),
            ChangeKey::Id(_) => Fields::new(),
        };
        Ok(row.map(|row| Place {
            row,
            wanted,
            key,
            may_be_there,
        }))
    }
}

/// Whether it matters who last wrote the row: what the app never saw, what is to be deleted, and what an
/// expiry overwrites.
fn asks_who_wrote(change: &Change) -> bool {
    let by_expiry = matches!(
        change.wanted.origin,
        Origin::Expiry { .. } | Origin::Renewal { .. }
    );
    change.base.is_none() || change.wanted.operation == Operation::Delete || by_expiry
}

/// The id that a row which this change creates has: the same however often it is tried.
pub(crate) fn own_id(change: &Change) -> Uuid {
    let name = format!("row of change {}", change.wanted.id);
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

fn parse(id: &str) -> Result<Uuid, Unfit> {
    id.parse()
        .map_err(|_| Unfit::Refused("its key is not the GUID of a row".to_owned()))
}
