//! Which row a change is for, and what that row says now: from the copy where it has it, else from
//! Dynamics.
//!
//! Never in here: what is to become of the change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dynamics_client::{Entry, Filter, PageRequest, Query, Row};
use futures::{StreamExt, TryStreamExt, stream};
use sync_store::{
    Change, ChangeKey, DynamicsRow, Ended, Fields, Operation, Origin, RecordParts, Wanted,
};
use uuid::Uuid;

use crate::Failure;
use crate::plan::MODIFIED_BY;
use crate::push::Judging;
use crate::push::judge::{Current, WantedValues};
use crate::push::lookup::Found;
use crate::row_reader::{ReadRow, RowReader};
use crate::second_look::row_of;

/// Rows asked for by their ids in one request: their conditions must fit into an address.
const IDS_A_REQUEST: usize = 50;
/// Keys looked up side by side.
const LOOKUPS_AT_ONCE: usize = 8;
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
    ) -> Result<Vec<(Change, Result<Subject, Unfit>)>, Failure> {
        let placed: Vec<(Change, Result<Place, Unfit>)> = stream::iter(changes)
            .map(|change| async move {
                let place = match self.place(&change).await {
                    // What one change cannot be looked up by stops no other.
                    Err(failure) if failure.is_lasting() => Err(Unfit::Later(failure.to_string())),
                    place => place?,
                };
                Ok::<_, Failure>((change, place))
            })
            .buffered(LOOKUPS_AT_ONCE)
            .try_collect()
            .await?;
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
            (Some(RowState::Outside), _) => {
                return Err(Unfit::Refused(OUTSIDE.to_owned()));
            }
            (Some(RowState::There(current)), _) => Some(current),
            (None, Some(record)) if self.is_good(row, record) => Some(Current {
                fields: record.dynamics.clone(),
                version: record.version,
                modified_on: record.modified_on,
                ours: false,
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

    /// The row of a change, and what it wants with its lookups looked up.
    async fn place(&self, change: &Change) -> Result<Result<Place, Unfit>, Failure> {
        let mut wanted = WantedValues::new();
        for (name, want) in &change.wanted.fields {
            let value = match want {
                Wanted::Value(value) => value.clone(),
                Wanted::Row(key) => match self.referred(name, key).await? {
                    Ok(value) => value,
                    Err(unfit) => return Ok(Err(unfit)),
                },
            };
            wanted.insert(name.clone(), value);
        }
        let creates = change.wanted.operation == Operation::Create;
        let (row, may_be_there) = match (&change.row, &change.wanted.key) {
            (Some(id), _) | (None, ChangeKey::Id(id)) => (parse(id), !creates),
            (None, ChangeKey::Fields(key)) => {
                // Where Dynamics keeps the key unique, creating tells whether there is such a row.
                let found = match creates && self.key_is_enforced {
                    true => Found::Nothing,
                    false => self.look_up(self.plan, &self.writing, key).await?,
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

    /// The rows with these ids as Dynamics has them now; those that are not there are left out.
    pub(crate) async fn read_rows(
        &self,
        rows: &[Uuid],
    ) -> Result<HashMap<Uuid, RowState>, Failure> {
        let reader = RowReader::new(self.plan, self.generation);
        let mut states = HashMap::new();
        for chunk in rows.chunks(IDS_A_REQUEST) {
            let key = &self.plan.primary_id;
            let conditions = chunk.iter().map(|id| Filter::eq_guid(key, *id));
            let Some(filter) = conditions.reduce(Filter::or) else {
                continue;
            };
            let query = self.plan.query_with_author().filter(filter);
            let page = self.client.page(&PageRequest::from(query)).await?;
            for entry in &page.entries {
                let Entry::Row(row) = entry else { continue };
                let Some(id) = row.guid(key) else { continue };
                states.insert(id, self.state_of(&reader, row, id));
            }
        }
        Ok(states)
    }

    fn state_of(&self, reader: &RowReader<'_>, row: &Row, id: Uuid) -> RowState {
        let mut state = RowState::of(reader, row, id);
        if let RowState::There(current) = &mut state
            && row.guid(&format!("_{MODIFIED_BY}_value")) == Some(self.invocation.identity.user_id)
        {
            current.ours = true;
            // Our own write is no reason to take the row for newer than it was.
            if let Some(by_others) = self.written.get(&id) {
                current.modified_on = *by_others;
            }
        }
        state
    }

    /// Whether Dynamics has a row with this id.
    pub(crate) async fn exists(&self, row: Uuid) -> Result<bool, Failure> {
        let key = &self.plan.primary_id;
        let query = Query::new(&self.plan.stream.table).select([key]);
        Ok(row_of(&self.client, query, key, row).await?.is_some())
    }
}

/// What is known of a row.
#[derive(Clone, Debug)]
pub(crate) enum RowState {
    There(Current),
    /// It does not meet the stream's `where`.
    Outside,
    /// It cannot be read, and why.
    Unreadable(String),
}

impl RowState {
    fn of(reader: &RowReader<'_>, row: &Row, id: Uuid) -> Self {
        match reader.read(row, &id.to_string()) {
            Ok(ReadRow::Member(row)) => Self::There(Current::of(row)),
            Ok(ReadRow::Leaver { .. }) => Self::Outside,
            Err(unreadable) => {
                Self::Unreadable(format!("its row cannot be read: {}", unreadable.reason))
            }
        }
    }
}

impl Current {
    pub(crate) fn of(row: DynamicsRow) -> Self {
        Self {
            fields: row.fields,
            version: row.version,
            modified_on: row.modified_on,
            ours: false,
        }
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
