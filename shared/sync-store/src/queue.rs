//! The changes that wait, in the order in which they were accepted: a pointer to each, which is there
//! exactly while it waits.
//!
//! Never in here: a pointer removed whose change still waits.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;

use crate::Store;
use crate::change::{Change, ChangeState};
use crate::change_item::{change_key, read_change_id};
use crate::error::{Error, Failure};
use crate::item::{Item, item_key, number, parsed, parsed_text, text};
use crate::tables::{PARTITION_KEY, SORT_KEY};

/// Attribute of a pointer: the change's id.
pub(crate) const POINTS_TO: &str = "change";
/// Attribute of the item that counts: the last number given out.
const LAST: &str = "last";

/// Changes read in one request: with items of 400 KB each they fit into one answer.
const CHANGES_A_REQUEST: usize = 40;
/// No further changes are read at once when their values take so many bytes.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Changes that wait.
#[derive(Debug, Default)]
pub struct Waiting {
    /// In the order of their acceptance.
    pub changes: Vec<Change>,
    /// Those that cannot be read; each names its change. They keep their places.
    pub damaged: Vec<Error>,
    /// Places in the queue without a change that waits there, with the change's id.
    pub strays: Vec<(u64, String)>,
    /// After which sequence to go on; `None` at the end.
    pub next: Option<u64>,
}

/// The partition of a stream's queue.
pub(crate) fn partition(stream: &str) -> String {
    format!("queue#{stream}")
}

/// Filled up with zeros, so that text order is the order of numbers.
fn sort_key(sequence: u64) -> String {
    format!("{sequence:020}")
}

pub(crate) fn pointer_key(stream: &str, sequence: u64) -> Item {
    item_key(&partition(stream), &sort_key(sequence))
}

impl Store {
    /// The next place in the stream's order of acceptance. None is given out twice; some are never used.
    pub(crate) async fn next_sequence(
        &self,
        stream: &str,
        failure: impl Fn() -> Failure,
    ) -> Result<u64, Error> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.tables.changes)
            .set_key(Some(item_key("sequence", stream)))
            .update_expression("ADD #last :one")
            .expression_attribute_names("#last", LAST)
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| failure().sdk(error))?;
        let next = parsed(&answer.attributes.unwrap_or_default(), LAST);
        next.ok_or_else(|| failure().damaged("the stream's counter", "not a number"))
    }

    /// At most `limit` of the changes that wait, and not many more than 16 MB of their values; those first
    /// that were accepted first: all that were accepted before the call, if `after` is `None`, or those with
    /// a higher sequence.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn waiting(
        &self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Waiting, Error> {
        let pointers = self.pointers(stream, after, limit).await?;
        let mut waiting = Waiting::default();
        let mut bytes = 0;
        let mut last = None;
        for some in pointers.chunks(CHANGES_A_REQUEST) {
            if bytes >= BYTES_MAX {
                waiting.next = last;
                return Ok(waiting);
            }
            bytes += self.take_waiting(stream, some, &mut waiting).await?;
            last = some.last().map(|(sequence, _)| *sequence);
        }
        if pointers.len() == limit {
            waiting.next = last;
        }
        Ok(waiting)
    }

    /// Reads the changes that these pointers point to, and answers how many bytes their values take.
    async fn take_waiting(
        &self,
        stream: &str,
        pointers: &[(u64, String)],
        waiting: &mut Waiting,
    ) -> Result<usize, Error> {
        let ids: BTreeSet<&String> = pointers.iter().map(|(_, id)| id).collect();
        let keys = ids.into_iter().map(|id| change_key(id)).collect();
        let changes = &self.tables.changes;
        let found = self
            .batch(changes, keys, None, || self.queue_failure(stream))
            .await?;
        let found: HashMap<String, Item> = found
            .into_iter()
            .filter_map(|item| Some((read_change_id(&item)?.to_owned(), item)))
            .collect();
        let mut bytes = 0;
        for (sequence, id) in pointers {
            let waits = |change: &Change| {
                change.state == ChangeState::Waiting && change.sequence == *sequence
            };
            match found.get(id).map(|item| self.read_change(item)) {
                Some(Ok(change)) if waits(&change) => {
                    bytes += change.size();
                    waiting.changes.push(change);
                }
                Some(Err(damaged)) => waiting.damaged.push(damaged),
                _ => waiting.strays.push((*sequence, id.clone())),
            }
        }
        Ok(bytes)
    }

    /// Whether a change waits.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn is_waited_for(&self, stream: &str) -> Result<bool, Error> {
        Ok(!self.pointers(stream, None, 1).await?.is_empty())
    }

    /// Sequences and ids of changes in the queue.
    pub(crate) async fn pointers(
        &self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, String)>, Error> {
        let query = self.of_queue(stream, after);
        let query = query.limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let mut items = query.into_paginator().items().send();
        let mut pointers = Vec::new();
        while pointers.len() < limit
            && let Some(item) = items.next().await
        {
            let item = item.map_err(|error| self.queue_failure(stream).sdk(error))?;
            let pointer = parsed_text(&item, SORT_KEY).zip(parsed_text(&item, POINTS_TO));
            pointers.push(pointer.ok_or_else(|| {
                self.queue_failure(stream)
                    .damaged("a pointer", "incomplete")
            })?);
        }
        Ok(pointers)
    }

    /// A query of the changes that wait, to be narrowed.
    pub(crate) fn of_queue(&self, stream: &str, after: Option<u64>) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.changes)
            .key_condition_expression("#pk = :queue AND #sk > :after")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#sk", SORT_KEY)
            .expression_attribute_values(":queue", text(&partition(stream)))
            .expression_attribute_values(":after", text(&sort_key(after.unwrap_or(0))))
            .consistent_read(true)
    }

    /// Takes a stray place out of the queue, whose change is gone or moved on; see [`Waiting::strays`].
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn remove_stray(
        &self,
        stream: &str,
        (sequence, id): &(u64, String),
    ) -> Result<(), Error> {
        let parts = vec![
            self.unless_waiting(id, *sequence),
            self.delete_pointer(stream, *sequence),
        ];
        // If it waits after all, it is met the next time.
        self.transact(parts, || self.queue_failure(stream))
            .await
            .map(|_| ())
    }

    pub(crate) fn queue_failure(&self, stream: &str) -> Failure {
        Failure::new(
            format!("read the queue of stream `{stream}` in"),
            &self.tables.changes,
        )
    }
}
