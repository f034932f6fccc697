//! What a person does to a stream by command: start it again, or remove it.
//!
//! Never in here: anything that happens while a run has the stream.

use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use clock::Clock;
use jiff::Timestamp;

use crate::cursor::{FORMAT, cursor_key};
use crate::error::{Error, ErrorKind};
use crate::guard::{WITHOUT_EXPIRY_GUARD, WITHOUT_GUARD};
use crate::item::{number, refused_item, text};
use crate::lease::{FREE, absurd, milliseconds};
use crate::record::partitions;
use crate::removal::{Holder, Items};
use crate::tables::{RECORD_ID, SORT_KEY};
use crate::{Acquired, Store, listing, quarantine};

/// As whom [`Store::forget_stream`] holds the stream.
const FORGETTER: &str = "forget";

/// What came of resetting a cursor.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reset {
    /// The cursor is gone. The next run finds records without one and begins a new generation.
    Done,
    /// There was no cursor.
    NothingToReset,
    /// A run has the stream; nothing was changed.
    Held {
        /// The run.
        owner: String,
        /// When its lease ends unless renewed.
        until: Timestamp,
    },
}

/// What came of removing a stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Forgotten {
    /// Nothing is stored of it any more but its fencing number.
    Done {
        /// How many records this call deleted, tombstones not counted. After a kill that is what the
        /// earlier call had left.
        records: u64,
        /// How many changes it deleted that were still to be made in Dynamics; likewise.
        changes: u64,
    },
    /// A run has the stream; nothing was deleted.
    Held {
        /// The run.
        owner: String,
        /// When its lease ends unless renewed.
        until: Timestamp,
    },
}

impl Store {
    /// Removes a stream's cursor, damaged or not, with what the guards stopped. The fencing number stays,
    /// and a run that lost its lease without noticing cannot bring the cursor back.
    ///
    /// # Errors
    /// When DynamoDB fails, or the cursor is of a newer release.
    pub async fn reset_cursor(&self, stream: &str, now: Timestamp) -> Result<Reset, Error> {
        let result = self
            .client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(cursor_key(stream)))
            // Without the owner its late checkpoint is refused, although the fencing number is still its.
            .update_expression(format!(
                "{WITHOUT_GUARD}, {WITHOUT_EXPIRY_GUARD}, #cursor, #format, lease_owner, lease_expires"
            ))
            // A format that is no number is damage, and no newer release's.
            .condition_expression(format!(
                "(attribute_exists(#cursor) OR attribute_exists(#format) OR attribute_exists(guarded) \
                 OR attribute_exists(expiry_guarded)) AND {FREE} AND (attribute_not_exists(#format) \
                 OR NOT attribute_type(#format, :number) OR #format <= :format)"
            ))
            .expression_attribute_names("#cursor", "cursor")
            .expression_attribute_names("#format", "format")
            .expression_attribute_values(":number", text("N"))
            .expression_attribute_values(":format", number(FORMAT))
            .expression_attribute_values(":now", milliseconds(now))
            .expression_attribute_values(":absurd", absurd(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = result else {
            return Ok(Reset::Done);
        };
        let Some(item) = refused_item(error.as_service_error()) else {
            return Err(self.lease_failure("reset", stream).sdk(error));
        };
        self.refuse_newer(stream, &item)?;
        if ["cursor", "format", "guarded", "expiry_guarded"]
            .iter()
            .all(|name| !item.contains_key(*name))
        {
            return Ok(Reset::NothingToReset);
        }
        let (owner, until) = self.holder(stream, &item)?;
        Ok(Reset::Held { owner, until })
    }

    /// Removes a stream with everything that is stored of it: its changes, records and tombstones, how
    /// fresh they are, what is quarantined or listed, its cursor. Only its fencing number stays, so that a run
    /// which wakes up late still finds its own outdated, and the number of its last change. May be killed at any point and repeated.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if it was interrupted for so long that a run took the
    /// stream; when DynamoDB fails, or the cursor is of a newer release. Repeat it then.
    pub async fn forget_stream(&self, stream: &str, clock: &dyn Clock) -> Result<Forgotten, Error> {
        // First the cursor: a run that comes upon half of the records must not trust it.
        if let Reset::Held { owner, until } = self.reset_cursor(stream, clock.now()).await? {
            return Ok(Forgotten::Held { owner, until });
        }
        let lease = match self.acquire(stream, FORGETTER, clock.now()).await? {
            Acquired::Granted { lease, .. } => lease,
            Acquired::Held { owner, until } => return Ok(Forgotten::Held { owner, until }),
        };
        let generation = match self.generation(stream).await {
            Ok(generation) => generation.unwrap_or(0),
            // What is to be deleted need not be whole; and until it is gone, no run writes a record.
            Err(error) if error.kind() == ErrorKind::Damaged => u64::MAX,
            Err(error) => return Err(error),
        };
        let holder = Holder {
            lease: &lease,
            clock,
            generation,
        };
        let records = self.remove_all(holder).await?;
        let changes = self.remove_changes(holder).await?;
        self.unknow_stream(stream).await?;
        self.release(lease).await?;
        Ok(Forgotten::Done { records, changes })
    }

    async fn remove_all(&self, holder: Holder<'_>) -> Result<u64, Error> {
        let stream = holder.lease.stream();
        let holder = Some(holder);
        let items = |table, sort_key, partition| Items {
            table,
            sort_key,
            index: None,
            partition,
            prefix: None,
            action: format!("delete what is stored of stream `{stream}` in"),
        };
        let mut records = 0;
        for partition in partitions(stream) {
            let items = items(&self.tables.records, RECORD_ID, partition);
            records += self.remove(&items, holder).await?;
        }
        for partition in [quarantine::partition(stream), listing::partition(stream)] {
            let items = items(&self.tables.state, SORT_KEY, partition);
            self.remove(&items, holder).await?;
        }
        self.remove_expiring(stream).await?;
        self.remove_contract(stream).await?;
        // Last, because it holds the records' generation: a run that comes upon records without it would
        // begin again at 1, and write none of those that are left.
        let as_of = items(&self.tables.records, RECORD_ID, format!("{stream}#as_of"));
        self.remove(&as_of, holder).await?;
        Ok(records)
    }
}
