//! Reading a stream's records partition by partition, page by page.
//!
//! Never in here: a scan of the whole table, which would read every other stream too.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{Stream, StreamExt, stream};

use crate::Store;
use crate::error::{Error, Failure};
use crate::item::Item;
use crate::record::{partition_of, read_id};
use crate::tables::PARTITION_KEY;

/// How many partitions a stream's records have: one for each first hex digit of an id, because one
/// partition takes only 1,000 writes a second.
pub const PARTITIONS: u8 = 16;

impl Store {
    /// A query of one of the stream's partitions, to be narrowed.
    pub(crate) fn in_partition(&self, stream: &str, digit: u8) -> QueryFluentBuilder {
        let partition = partition_of(stream, digit);
        self.client
            .query()
            .table_name(&self.tables.records)
            .key_condition_expression("#pk = :partition")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":partition", AttributeValue::S(partition))
    }

    /// All that the query finds, one page in memory at a time.
    pub(crate) fn items(
        &self,
        stream: &str,
        query: QueryFluentBuilder,
    ) -> impl Stream<Item = Result<Item, Error>> + use<'_> {
        let name = stream.to_owned();
        let pages = query.into_paginator().items().send();
        stream::unfold(pages, |mut pages| async move {
            let item = pages.next().await?;
            Some((item, pages))
        })
        .map(move |item| item.map_err(|error| self.read_failure(&name).sdk(error)))
    }

    /// What `read` makes of the item; an error if that is nothing.
    pub(crate) fn whole<T>(
        &self,
        stream: &str,
        item: &Item,
        read: impl FnOnce(&Item) -> Option<T>,
    ) -> Result<T, Error> {
        read(item).ok_or_else(|| {
            let id = read_id(item).unwrap_or_default();
            self.read_failure(stream)
                .damaged(&format!("record {id}"), "incomplete")
        })
    }

    pub(crate) fn read_failure(&self, stream: &str) -> Failure {
        Failure::new(
            format!("read the records of stream `{stream}` from"),
            &self.tables.records,
        )
    }
}
