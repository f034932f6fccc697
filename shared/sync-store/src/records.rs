//! Reading the copy, and how fresh it is.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{Stream, StreamExt, stream};
use jiff::Timestamp;

use crate::error::{Error, Failure};
use crate::item::{Item, instant, number, parsed};
use crate::record::{PARTITIONS, Record};
use crate::tables::{PARTITION_KEY, RECORD_ID};
use crate::{Lease, Store};

/// How fresh a stream's copy is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AsOf {
    /// The copy holds everything that Dynamics had at this time, by Dynamics' own clock.
    pub as_of: Timestamp,
    /// The run that made it so.
    pub run_id: String,
    /// The generation it was read under.
    pub generation: u64,
}

impl Store {
    /// All records of a stream that are not tombstones, ordered by id, read page by page.
    ///
    /// # Errors
    /// Each item of the stream may fail as [`Store::cursor`] does.
    pub fn records(&self, stream: &str) -> impl Stream<Item = Result<Record, Error>> + use<'_> {
        let name = stream.to_owned();
        stream::iter(PARTITIONS).flat_map(move |digit| {
            let name = name.clone();
            let query = self
                .in_partition(&name, digit)
                .filter_expression("attribute_not_exists(deleted)");
            self.items(&name, query)
                .map(move |item| self.whole(&name, &item?, Record::read))
        })
    }

    /// Notes, before a load writes its first record, under which generation the stream's records are
    /// written. It lives beside them, so that it is not lost together with the cursor: without it, a
    /// stream whose cursor vanished could not be told from one that was never loaded.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn begin_generation(&self, lease: &Lease, generation: u64) -> Result<(), Error> {
        let stream = lease.stream();
        self.know_stream(stream).await?;
        self.client
            .update_item()
            .table_name(&self.tables.records)
            .set_key(Some(as_of_key(stream)))
            .update_expression("SET generation = :generation")
            .expression_attribute_values(":generation", number(generation))
            .send()
            .await
            .map_err(|error| self.as_of_failure(stream).sdk(error))?;
        Ok(())
    }

    /// Under which generation the stream's records were last written; `None` if it was never loaded.
    ///
    /// # Errors
    /// When DynamoDB fails or the item is damaged.
    pub async fn generation(&self, stream: &str) -> Result<Option<u64>, Error> {
        let Some(item) = self.as_of_item(stream).await? else {
            return Ok(None);
        };
        let generation = parsed(&item, "generation");
        generation
            .map(Some)
            .ok_or_else(|| self.as_of_failure(stream).damaged("the item", "incomplete"))
    }

    /// Says how fresh the stream's copy is, for every reader of the records table. An earlier time
    /// never replaces a later one, unless that lies in the future of `now`: no clock may make a dead
    /// sync look fresh. Nor does a generation that is over replace the present one, or anything a stream
    /// that was forgotten.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn set_as_of(&self, stream: &str, as_of: &AsOf, now: Timestamp) -> Result<(), Error> {
        let result = self
            .client
            .put_item()
            .table_name(&self.tables.records)
            .set_item(Some(as_of_key(stream)))
            .item("as_of", instant(as_of.as_of))
            .item("run_id", AttributeValue::S(as_of.run_id.clone()))
            .item("generation", number(as_of.generation))
            .condition_expression(
                "generation <= :generation \
                 AND (attribute_not_exists(as_of) OR as_of <= :as_of OR as_of > :now)",
            )
            .expression_attribute_values(":generation", number(as_of.generation))
            .expression_attribute_values(":as_of", instant(as_of.as_of))
            .expression_attribute_values(":now", instant(now))
            .send()
            .await;
        match result {
            Err(error) if !error.as_service_error().is_some_and(is_refused_condition) => {
                Err(self.as_of_failure(stream).sdk(error))
            }
            _ => Ok(()),
        }
    }

    /// How fresh the stream's copy is; `None` until a first load has ended.
    ///
    /// # Errors
    /// When DynamoDB fails or the item is damaged.
    pub async fn as_of(&self, stream: &str) -> Result<Option<AsOf>, Error> {
        let Some(item) = self.as_of_item(stream).await? else {
            return Ok(None);
        };
        let Some(as_of) = item.get("as_of") else {
            return Ok(None);
        };
        let read = || {
            Some(AsOf {
                as_of: as_of.as_s().ok()?.parse().ok()?,
                run_id: item.get("run_id")?.as_s().ok()?.clone(),
                generation: parsed(&item, "generation")?,
            })
        };
        read()
            .map(Some)
            .ok_or_else(|| self.as_of_failure(stream).damaged("the item", "incomplete"))
    }

    async fn as_of_item(&self, stream: &str) -> Result<Option<Item>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.records)
            .set_key(Some(as_of_key(stream)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.as_of_failure(stream).sdk(error))?;
        Ok(answer.item)
    }

    fn as_of_failure(&self, stream: &str) -> Failure {
        Failure::new(
            format!("note how fresh stream `{stream}` is in"),
            &self.tables.records,
        )
    }
}

fn is_refused_condition(error: &PutItemError) -> bool {
    error.is_conditional_check_failed_exception()
}

fn as_of_key(stream: &str) -> Item {
    HashMap::from([
        (
            PARTITION_KEY.to_owned(),
            AttributeValue::S(format!("{stream}#as_of")),
        ),
        (RECORD_ID.to_owned(), AttributeValue::S("as_of".to_owned())),
    ])
}
