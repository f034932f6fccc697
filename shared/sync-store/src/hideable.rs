//! The pass of an expiry over a stream's records: each is hidden or shown as the rule now says, though
//! its row did not change.
//!
//! Never in here: a write of a record that already shows what it should, or a value of Dynamics'.

use std::collections::BTreeMap;

use futures::{Stream, StreamExt};
use jiff::Timestamp;

use crate::error::Error;
use crate::hiding::{HidingRule, Shown};
use crate::item::{Item, number};
use crate::record::{Stored, read_id};
use crate::revision::{Decision, Rewrite};
use crate::{Applied, Ended, Fields, Lease, Store};

/// A live record as an expiry looks at it.
#[derive(Clone, Debug)]
pub struct Hideable {
    /// The Dataverse GUID.
    pub id: String,
    /// Its values before anything hides them: Dynamics' own overlaid by what is pending.
    pub wanted: Fields,
    /// Dynamics has a version of the row that could not be read.
    pub unverified: bool,
    /// It is hidden now, by its own stream or another.
    pub suppressed: bool,
    /// What Dynamics had as last read.
    pub dynamics: Fields,
    /// The row's `versionnumber` as last read; 0 if none of its generation was.
    pub version: i64,
    /// When the row was last written in Dynamics, where the table says so.
    pub modified_on: Option<Timestamp>,
    /// Values that were written to Dynamics, and then read from it as something else.
    pub returned: Fields,
    /// What expiries of streams overwrote in Dynamics, by stream.
    pub ended: BTreeMap<String, Ended>,
    stored: Stored,
}

impl Hideable {
    /// Other streams hide it, whatever its own says.
    pub fn is_hidden_by_others(&self) -> bool {
        !self.stored.hidden_by.is_empty()
    }

    /// `None` if the item is not a whole, live record.
    fn read(item: &Item) -> Option<Self> {
        let stored = Stored::read(item)?;
        Some(Self {
            id: read_id(item)?,
            wanted: stored.wanted(),
            unverified: stored.unverified.is_some(),
            suppressed: stored.shown.as_ref()?.suppressed,
            dynamics: stored.dynamics.clone(),
            version: stored.version,
            modified_on: stored.modified_on,
            returned: stored.asserted.returned.clone(),
            ended: stored.ended.clone(),
            stored,
        })
    }
}

impl Store {
    /// The live records of a stream in one partition, ordered by id. `partition` is the first hex digit
    /// of their ids, 0 to 15.
    ///
    /// # Errors
    /// Each item of the stream may fail as [`Store::records`] does.
    pub fn hideable(
        &self,
        stream: &str,
        partition: u8,
    ) -> impl Stream<Item = Result<Hideable, Error>> + use<'_> {
        let query = self
            .in_partition(stream, partition)
            .consistent_read(true)
            .filter_expression("attribute_not_exists(deleted)");
        let stream = stream.to_owned();
        self.items(&stream, query)
            .map(move |item| self.whole(&stream, &item?, Hideable::read))
    }

    /// Hides or shows a record as `rule` says now. [`Applied::Unchanged`] if it does already, or is gone
    /// by now; nothing is written then. If somebody else wrote it since it was read, the rule decides
    /// again.
    ///
    /// # Errors
    /// As [`Store::put_row`].
    pub async fn rehide(
        &self,
        lease: &Lease,
        record: &Hideable,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let place = (lease.stream(), record.id.as_str());
        let applied = self
            .under_revision(place, &record.stored, |stored| {
                let Some(shows) = &stored.shown else {
                    return Ok(Decision::Leave(Applied::Unchanged));
                };
                let unverified = stored.unverified.is_some();
                let shown = Shown::of(stored.wanted(), unverified, rule, &stored.hidden_by);
                if shown == *shows {
                    return Ok(Decision::Leave(Applied::Unchanged));
                }
                // It does not lift the record into another generation, so its own counts.
                self.check_fence(lease, place.1, stored.generation, stored)?;
                let rewrite = Rewrite::new(now)
                    .set("fence", number(lease.fence()))
                    .shown(&shown);
                Ok(Decision::Write(rewrite))
            })
            .await?;
        Ok(applied.unwrap_or(Applied::Unchanged))
    }
}
