//! How a record becomes a tombstone: a record without fields that remembers its version, so that nothing
//! older revives it, and expires by itself.
//!
//! Never in here: anything that keeps a value. A tombstone says nothing about the person.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::error::Error;
use crate::item::{expiry, instant, number, parsed};
use crate::record::{DROPPED_BY_TOMBSTONE, Stored};
use crate::record_writes::{Applied, FENCED};
use crate::revision::Update;
use crate::tables::PARTITION_KEY;
use crate::{Lease, Store};

/// How long a tombstone stays, so that a late older version cannot revive the row: far longer than
/// any run or retry.
const TOMBSTONE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How a tombstone comes to its version.
#[derive(Clone, Copy)]
enum Grave {
    /// The report of the delete names none: the last known one stays.
    Unversioned,
    /// The row is gone for the stream as of this version; 0 where an older generation's record is
    /// buried, because its version cannot be compared with this generation's.
    Version(i64),
}

impl Store {
    /// Turns a record into a tombstone because Dynamics reported the row deleted. Such a report names
    /// no version: the tombstone keeps the last known one, so that only a higher version revives it.
    ///
    /// # Errors
    /// As [`Store::put_row`].
    pub async fn bury(
        &self,
        lease: &Lease,
        id: &str,
        generation: u64,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let applied = self
            .bury_as(lease, id, generation, Grave::Unversioned, now)
            .await?;
        match applied {
            Ok(applied) => Ok(applied),
            Err(stored) if stored.generation < generation => {
                self.bury_version(lease, id, (generation, 0), now).await
            }
            Err(stored) if stored.deleted => Ok(Applied::StillBuried {
                was: stored.version,
            }),
            Err(_) => Ok(Applied::Stale),
        }
    }

    /// Turns a record into a tombstone because the row, at this version, no longer meets the stream's
    /// `where`.
    ///
    /// # Errors
    /// As [`Store::put_row`].
    pub async fn bury_version(
        &self,
        lease: &Lease,
        id: &str,
        (generation, version): (u64, i64),
        now: Timestamp,
    ) -> Result<Applied, Error> {
        match self
            .bury_as(lease, id, generation, Grave::Version(version), now)
            .await?
        {
            Ok(applied) => Ok(applied),
            Err(stored) if (stored.generation, stored.version) == (generation, version) => {
                Ok(Applied::Unchanged)
            }
            Err(_) => Ok(Applied::Stale),
        }
    }

    /// The inner error is the record that did not meet the condition.
    async fn bury_as(
        &self,
        lease: &Lease,
        id: &str,
        generation: u64,
        grave: Grave,
        now: Timestamp,
    ) -> Result<Result<Applied, Stored>, Error> {
        let stream = lease.stream();
        let (condition, version) = match grave {
            Grave::Unversioned => (
                "generation = :generation AND attribute_not_exists(deleted)",
                ("if_not_exists(version, :version)", number(0)),
            ),
            Grave::Version(version) => (
                "(generation < :generation OR (generation = :generation AND version < :version))",
                (":version", number(version)),
            ),
        };
        let (expires_at, expires) = expiry(clock::after(now, TOMBSTONE));
        let expression = format!(
            "SET deleted = :true, generation = :generation, version = {}, synced_at = :synced_at, \
             revision = if_not_exists(revision, :zero) + :one, fence = :fence, \
             {expires_at} = :expires {DROPPED_BY_TOMBSTONE}",
            version.0
        );
        let names = [("#pk", PARTITION_KEY), ("#fields", "fields")];
        let values = [
            (":true", AttributeValue::Bool(true)),
            (":generation", number(generation)),
            (":version", version.1),
            (":synced_at", instant(now)),
            (":expires", expires),
            (":zero", number(0)),
            (":one", number(1)),
            (":fence", number(lease.fence())),
        ];
        let update = Update {
            expression,
            condition: format!("attribute_not_exists(#pk) OR ({FENCED} AND {condition})"),
            names: HashMap::from(names.map(|(name, of)| (name.to_owned(), of.to_owned()))),
            values: HashMap::from(values.map(|(name, value)| (name.to_owned(), value))),
        };
        match self.update((stream, id), update).await? {
            Ok(before) if before.contains_key("fields") => {
                let was = parsed(&before, "version").unwrap_or(0);
                Ok(Ok(Applied::Buried { was }))
            }
            Ok(_) => Ok(Ok(Applied::Barred)),
            Err(item) => {
                let stored = self.stored(stream, id, &item)?;
                self.check_fence(lease, id, generation, &stored)?;
                Ok(Err(stored))
            }
        }
    }
}
