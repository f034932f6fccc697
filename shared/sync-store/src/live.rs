//! How many records are live, of all or of some: what the guard against mass deletion measures by.

use aws_sdk_dynamodb::types::Select;
use futures::{StreamExt, TryStreamExt, stream};

use crate::Store;
use crate::error::Error;
use crate::record::{PARTITIONS, record_keys};

/// Partitions counted side by side.
const PARTITIONS_AT_ONCE: usize = 8;

impl Store {
    /// How many records of a stream are not tombstones.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn count_live(&self, stream: &str) -> Result<u64, Error> {
        stream::iter(PARTITIONS)
            .map(|digit| self.count_partition(stream, digit))
            .buffer_unordered(PARTITIONS_AT_ONCE)
            .try_fold(0, async |sum, count| Ok(sum + count))
            .await
    }

    async fn count_partition(&self, stream: &str, digit: u8) -> Result<u64, Error> {
        let mut pages = self
            .in_partition(stream, digit)
            .consistent_read(true)
            .filter_expression("attribute_not_exists(deleted)")
            .select(Select::Count)
            .into_paginator()
            .send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.read_failure(stream).sdk(error))?;
            count += u64::try_from(page.count).unwrap_or(0);
        }
        Ok(count)
    }

    /// How many of these ids have a record that is not a tombstone. An id given twice counts once.
    ///
    /// # Errors
    /// [`ErrorKind::Throttled`](crate::ErrorKind::Throttled) if DynamoDB keeps answering only a part; else
    /// when it fails.
    pub async fn live_among(&self, stream: &str, ids: &[String]) -> Result<u64, Error> {
        let records = &self.tables.records;
        let found = self
            .batch(
                records,
                record_keys(stream, ids),
                Some("id, deleted"),
                || self.read_failure(stream),
            )
            .await?;
        let live = found.iter().filter(|item| !item.contains_key("deleted"));
        Ok(u64::try_from(live.count()).unwrap_or(u64::MAX))
    }
}
