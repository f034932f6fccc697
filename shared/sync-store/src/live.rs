//! How many records are live, of all or of some: what the guard against mass deletion measures by.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{KeysAndAttributes, Select};
use futures::{StreamExt, TryStreamExt, stream};

use crate::Store;
use crate::error::{Error, ErrorKind};
use crate::record::{PARTITIONS, record_key};

/// Partitions counted side by side.
const PARTITIONS_AT_ONCE: usize = 8;
/// Keys in one request, by DynamoDB's own limit.
const KEYS: usize = 100;
/// How often is asked for the rest of them: an answer ends at 16 MB, counted in whole records, or where
/// the table throttles.
const ROUNDS: u32 = 10;

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
    /// [`ErrorKind::Throttled`] if DynamoDB keeps answering only a part; else when it fails.
    pub async fn live_among(&self, stream: &str, ids: &[String]) -> Result<u64, Error> {
        // DynamoDB refuses a request that names a key twice.
        let ids: Vec<&String> = ids.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut live = 0;
        for ids in ids.chunks(KEYS) {
            live += self.live_in_batch(stream, ids).await?;
        }
        Ok(live)
    }

    async fn live_in_batch(&self, stream: &str, ids: &[&String]) -> Result<u64, Error> {
        let table = &self.tables.records;
        let keys = ids.iter().map(|id| record_key(stream, id)).collect();
        let mut asked = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .projection_expression("id, deleted")
            .build()
            .map_err(|error| self.read_failure(stream).damaged("the request", error))?;
        let mut live = 0;
        for _ in 0..ROUNDS {
            let answer = self
                .client
                .batch_get_item()
                .request_items(table, asked)
                .send()
                .await
                .map_err(|error| self.read_failure(stream).sdk(error))?;
            let found = answer.responses.iter().flatten().flat_map(|(_, of)| of);
            for item in found {
                live += u64::from(!item.contains_key("deleted"));
            }
            let rest = answer.unprocessed_keys.unwrap_or_default();
            match rest.into_values().next() {
                Some(rest) if !rest.keys.is_empty() => asked = rest,
                _ => return Ok(live),
            }
        }
        Err(self.read_failure(stream).because(
            ErrorKind::Throttled,
            format!("{ROUNDS} answers in a row left records out"),
        ))
    }
}
