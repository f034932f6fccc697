//! Deleting many items: page by page, so that memory is bounded, and again from the start after a kill,
//! so that nothing needs to be remembered.
//!
//! Never in here: a delete that a run which lost its stream could still make.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use clock::Clock;
use futures::{StreamExt, TryStreamExt, stream};

use crate::error::{Error, Failure};
use crate::item::{Item, number, text};
use crate::tables::PARTITION_KEY;
use crate::{Lease, Store};

/// Items a page: they are deleted well within a lease.
pub(crate) const PAGE: usize = 500;
/// Deletes in flight.
pub(crate) const SIDE_BY_SIDE: usize = 16;

/// Items of one partition.
pub(crate) struct Items<'a> {
    pub(crate) table: &'a str,
    pub(crate) sort_key: &'static str,
    /// As which index has them, and the name of its partition key: it may be some seconds old.
    pub(crate) index: Option<(&'static str, &'static str)>,
    pub(crate) partition: String,
    /// Only those whose sort key begins so.
    pub(crate) prefix: Option<String>,
    /// Of a failure; see [`Failure::new`].
    pub(crate) action: String,
}

/// Who deletes, and may do so only as long as nobody else has the stream.
#[derive(Clone, Copy)]
pub(crate) struct Holder<'a> {
    pub(crate) lease: &'a Lease,
    pub(crate) clock: &'a dyn Clock,
    /// The generation of the records, the cursor being gone: whoever takes the stream next begins a later
    /// one. It lets records go whose fencing number was given out before the state table was lost.
    pub(crate) generation: u64,
}

/// The item was not written by a later holder.
const OURS: &str = "attribute_not_exists(fence) OR fence <= :fence OR generation <= :generation";

impl Store {
    /// Deletes the items and tells how many there were, tombstones not counted. A holder's lease is
    /// renewed before each page, and nothing is deleted that was written under a later one.
    pub(crate) async fn remove(
        &self,
        items: &Items<'_>,
        holder: Option<Holder<'_>>,
    ) -> Result<u64, Error> {
        let condition = match items.prefix {
            Some(_) => "#of = :partition AND begins_with(#sort, :prefix)",
            None => "#of = :partition",
        };
        let (index, partition_key) = items.index.unzip();
        let mut query = self
            .client
            .query()
            .table_name(items.table)
            .set_index_name(index.map(ToOwned::to_owned))
            .key_condition_expression(condition)
            .projection_expression("#pk, #sort, deleted")
            .expression_attribute_names("#of", partition_key.unwrap_or(PARTITION_KEY))
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#sort", items.sort_key)
            .expression_attribute_values(":partition", text(&items.partition))
            .consistent_read(index.is_none())
            .limit(i32::try_from(PAGE).unwrap_or(i32::MAX));
        if let Some(prefix) = &items.prefix {
            query = query.expression_attribute_values(":prefix", text(prefix));
        }
        let mut pages = query.into_paginator().send();
        let mut removed = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| items.failure().sdk(error))?;
            let page = page.items.unwrap_or_default();
            if page.is_empty() {
                continue;
            }
            if let Some(Holder { lease, clock, .. }) = holder {
                self.renew(lease, clock.now()).await?;
            }
            removed += self.remove_page(items, holder, page).await?;
        }
        Ok(removed)
    }

    async fn remove_page(
        &self,
        items: &Items<'_>,
        holder: Option<Holder<'_>>,
        page: Vec<Item>,
    ) -> Result<u64, Error> {
        stream::iter(page)
            .map(|item| self.remove_one(items, holder, item))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_fold(0, async |sum, one| Ok(sum + one))
            .await
    }

    /// 0 for a tombstone, else 1.
    async fn remove_one(
        &self,
        items: &Items<'_>,
        holder: Option<Holder<'_>>,
        mut key: Item,
    ) -> Result<u64, Error> {
        let counts = u64::from(key.remove("deleted").is_none());
        let mut delete = self
            .client
            .delete_item()
            .table_name(items.table)
            .set_key(Some(key));
        if let Some(holder) = holder {
            delete = delete
                .condition_expression(OURS)
                .expression_attribute_values(":fence", number(holder.lease.fence()))
                .expression_attribute_values(":generation", number(holder.generation));
        }
        match delete.send().await {
            Ok(_) => Ok(counts),
            Err(error) => Err(match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => {
                    items.failure().lease_lost()
                }
                _ => items.failure().sdk(error),
            }),
        }
    }
}

impl Items<'_> {
    fn failure(&self) -> Failure {
        Failure::new(self.action.clone(), self.table)
    }
}
