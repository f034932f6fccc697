//! Keys and versions of a whole table, as a walk over all keys finds them page by page, so that the walk
//! can go on in another process and be compared with the records afterwards, one partition at a time.
//!
//! Each page leaves an item for every first digit of an id, also for those that it has no id of: an item
//! that is missing later (they expire) is then told from "no such rows", which would make tombstones of
//! records that are there.
//!
//! Never in here: the decision that a row is gone.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;
use jiff::Timestamp;

use crate::Store;
use crate::error::{Error, Failure};
use crate::item::{Item, expiry, item_key, text};
use crate::removal::Items;
use crate::tables::{PARTITION_KEY, SORT_KEY};

/// How long a walk may take from its first page to the end of the comparison.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const ROWS: &str = "rows";

/// Bytes of a row: its GUID, then its version, both big endian.
const ID: usize = 16;
const VERSION: usize = 8;

pub(crate) fn partition(stream: &str) -> String {
    format!("listing#{stream}")
}

/// Sort keys of a walk's pages begin so, and those of one digit with the digit after it.
fn walk_prefix(walk: Timestamp) -> String {
    format!("{}#", walk.as_millisecond())
}

fn digit_prefix(walk: Timestamp, digit: u8) -> String {
    format!("{}{digit:x}#", walk_prefix(walk))
}

impl Store {
    /// Keeps a page of keys (GUID as a number, `versionnumber`) of the walk that began at `walk`. Pages
    /// count from 0, and none is left out. Storing a page again changes nothing.
    ///
    /// A page of Dataverse's has at most 5,000 rows, 120 KB even if all their ids begin alike: an item
    /// holds 400.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn put_listing(
        &self,
        stream: &str,
        walk: Timestamp,
        page: u64,
        rows: &[(u128, i64)],
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut by_digit: [Vec<u8>; 16] = Default::default();
        for (id, version) in rows {
            let digit = usize::try_from(id >> 124).unwrap_or_default();
            if let Some(bytes) = by_digit.get_mut(digit) {
                bytes.extend(id.to_be_bytes());
                bytes.extend(version.to_be_bytes());
            }
        }
        let writes = (0_u8..).zip(by_digit).map(|(digit, bytes)| {
            let sort = format!("{}{page:08}", digit_prefix(walk, digit));
            let (expires_at, expires) = expiry(clock::after(now, KEPT));
            self.client
                .put_item()
                .table_name(&self.tables.state)
                .set_item(Some(item_key(&partition(stream), &sort)))
                .item(ROWS, AttributeValue::B(Blob::new(bytes)))
                .item(expires_at, expires)
                .send()
        });
        try_join_all(writes)
            .await
            .map_err(|error| self.listing_failure("write", stream).sdk(error))?;
        Ok(())
    }

    /// The walk's keys whose first digit is `digit` (0 to 15), with their versions: the highest of each,
    /// because a row may be found on two pages. `None` unless all of the walk's `pages` are there, because
    /// it took longer than a week or never began: it has to begin again.
    ///
    /// # Errors
    /// When DynamoDB fails or a page is damaged.
    pub async fn listing(
        &self,
        stream: &str,
        walk: Timestamp,
        digit: u8,
        pages: u64,
    ) -> Result<Option<HashMap<u128, i64>>, Error> {
        let prefix = digit_prefix(walk, digit);
        let mut items = self
            .client
            .query()
            .table_name(&self.tables.state)
            .key_condition_expression("#pk = :listing AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#sk", SORT_KEY)
            .expression_attribute_values(":listing", text(&partition(stream)))
            .expression_attribute_values(":prefix", text(&prefix))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut rows = HashMap::new();
        let mut found = 0_u64;
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| self.listing_failure("read", stream).sdk(error))?;
            if page_of(&item, &prefix) != Some(found) {
                return Ok(None);
            }
            found += 1;
            collect(&item, &mut rows).ok_or_else(|| {
                self.listing_failure("read", stream)
                    .damaged("a page of keys", "incomplete")
            })?;
        }
        Ok((found == pages).then_some(rows))
    }

    /// Deletes what the walk found.
    ///
    /// # Errors
    /// When DynamoDB fails; repeat it, or leave it to expire.
    pub async fn drop_listing(&self, stream: &str, walk: Timestamp) -> Result<(), Error> {
        let items = Items {
            table: &self.tables.state,
            sort_key: SORT_KEY,
            index: None,
            partition: partition(stream),
            prefix: Some(walk_prefix(walk)),
            action: format!("drop the keys of stream `{stream}` in"),
        };
        self.remove(&items, None).await?;
        Ok(())
    }

    fn listing_failure(&self, action: &str, stream: &str) -> Failure {
        Failure::new(
            format!("{action} the keys of stream `{stream}` in"),
            &self.tables.state,
        )
    }
}

fn page_of(item: &Item, prefix: &str) -> Option<u64> {
    let sort = item.get(SORT_KEY)?.as_s().ok()?;
    sort.strip_prefix(prefix)?.parse().ok()
}

/// `None` if the item is no whole page.
fn collect(item: &Item, rows: &mut HashMap<u128, i64>) -> Option<()> {
    let bytes = item.get(ROWS)?.as_b().ok()?.as_ref();
    let (whole, rest) = bytes.as_chunks::<{ ID + VERSION }>();
    if !rest.is_empty() {
        return None;
    }
    for row in whole {
        let (id, version) = row.split_first_chunk::<ID>()?;
        let id = u128::from_be_bytes(*id);
        let version = i64::from_be_bytes(*version.first_chunk::<VERSION>()?);
        let known = rows.entry(id).or_insert(version);
        *known = version.max(*known);
    }
    Some(())
}
