//! A record with its parts kept apart, as somebody needs it who decides about a change of its row.
//!
//! Never in here: a write.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::error::Error;
use crate::item::Item;
use crate::record::{Stored, read_id, record_key, record_keys};
use crate::{Ended, Fields, PendingField, Store};

/// A record or tombstone, part by part. A tombstone has no values.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RecordParts {
    /// It is a tombstone.
    pub deleted: bool,
    /// The generation it was last written under.
    pub generation: u64,
    /// The row's `versionnumber` as last read; 0 if none of this generation was.
    pub version: i64,
    /// When the row was last written in Dynamics, where the table says so.
    pub modified_on: Option<Timestamp>,
    /// What Dynamics had as last read.
    pub dynamics: Fields,
    /// What is wanted and not confirmed, by field.
    pub pending: BTreeMap<String, PendingField>,
    /// Values that were written to Dynamics, and then read from it as something else.
    pub returned: Fields,
    /// Fields that were written to Dynamics while something later was wanted already, and not read since.
    pub written: BTreeSet<String>,
    /// The version of the row that Dynamics has and that could not be read; 0 if that is unknown.
    pub unverified: Option<i64>,
    /// The other streams that hide it.
    pub hidden_by: BTreeSet<String>,
    /// What expiries of streams overwrote in Dynamics, by stream.
    pub ended: BTreeMap<String, Ended>,
}

impl RecordParts {
    /// The values before anything hides them: Dynamics' own overlaid by what is pending.
    pub fn wanted(&self) -> Fields {
        let pending = self.pending.iter();
        let pending = pending.map(|(name, want)| (name.clone(), want.value.clone()));
        self.dynamics.clone().into_iter().chain(pending).collect()
    }

    fn of(stored: Stored) -> Self {
        Self {
            deleted: stored.deleted,
            generation: stored.generation,
            version: stored.version,
            modified_on: stored.modified_on,
            dynamics: stored.dynamics,
            pending: stored.asserted.pending,
            returned: stored.asserted.returned,
            written: stored.asserted.written.into_keys().collect(),
            unverified: stored.unverified,
            hidden_by: stored.hidden_by.into_keys().collect(),
            ended: stored.ended,
        }
    }
}

impl Store {
    /// One record or tombstone; `None` if there is neither.
    ///
    /// # Errors
    /// When DynamoDB fails or the record is damaged.
    pub async fn record_parts(&self, stream: &str, id: &str) -> Result<Option<RecordParts>, Error> {
        let item = self.record_item(stream, id).await?;
        let stored = item.map(|item| self.whole(stream, &item, Stored::read));
        Ok(stored.transpose()?.map(RecordParts::of))
    }

    /// Those of these records and tombstones that there are, by id.
    ///
    /// # Errors
    /// When DynamoDB fails. Each record may be damaged, which says nothing about the others.
    pub async fn records_by_id(
        &self,
        stream: &str,
        ids: &[String],
    ) -> Result<HashMap<String, Result<RecordParts, Error>>, Error> {
        let keys = record_keys(stream, ids);
        let records = &self.tables.records;
        let found = self
            .batch(records, keys, None, || self.read_failure(stream))
            .await?;
        let one = |item: Item| {
            let record = self.whole(stream, &item, Stored::read);
            Some((read_id(&item)?, record.map(RecordParts::of)))
        };
        Ok(found.into_iter().filter_map(one).collect())
    }

    /// The item of one record or tombstone as it is now.
    pub(crate) async fn record_item(&self, stream: &str, id: &str) -> Result<Option<Item>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.records)
            .set_key(Some(record_key(stream, id)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.read_failure(stream).sdk(error))?;
        Ok(answer.item)
    }
}
