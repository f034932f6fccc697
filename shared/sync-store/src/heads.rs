//! What the copy holds, without its values: by which it is compared with what Dynamics has.
//!
//! Never in here: values of a row.

use futures::{Stream, StreamExt};

use crate::Store;
use crate::error::Error;
use crate::item::{Item, parsed};
use crate::record::{read_id, record_key};

/// A record or tombstone without its values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Head {
    /// The Dataverse GUID.
    pub id: String,
    /// The generation it was last written under.
    pub generation: u64,
    /// The row's `versionnumber` as last read; 0 if none of this generation was.
    pub version: i64,
    /// It is a tombstone.
    pub deleted: bool,
    /// Dynamics has, or had, a version of the row that could not be read.
    pub unverified: bool,
    /// The item cannot be read. Nothing of the above but the id says anything.
    pub damaged: bool,
}

/// All that a [`Head`] needs.
const PROJECTION: &str = "id, generation, version, deleted, unverified";

impl Head {
    /// `None` if the item does not even have an id.
    fn read(item: &Item) -> Option<Self> {
        let (generation, version) = (parsed(item, "generation"), parsed(item, "version"));
        Some(Self {
            id: read_id(item)?,
            damaged: generation.is_none() || version.is_none(),
            generation: generation.unwrap_or_default(),
            version: version.unwrap_or_default(),
            deleted: item.contains_key("deleted"),
            unverified: item.contains_key("unverified"),
        })
    }
}

impl Store {
    /// The heads of a stream's records and tombstones in one partition, ordered by id. `partition` is
    /// the first hex digit of their ids, 0 to 15.
    ///
    /// # Errors
    /// Each item of the stream may fail as [`Store::records`] does.
    pub fn heads(
        &self,
        stream: &str,
        partition: u8,
    ) -> impl Stream<Item = Result<Head, Error>> + use<'_> {
        let query = self
            .in_partition(stream, partition)
            .consistent_read(true)
            .projection_expression(PROJECTION);
        let stream = stream.to_owned();
        self.items(&stream, query)
            .map(move |item| self.whole(&stream, &item?, Head::read))
    }

    /// The head of one record or tombstone; `None` if there is neither.
    ///
    /// # Errors
    /// When DynamoDB fails or the record is damaged.
    pub async fn head(&self, stream: &str, id: &str) -> Result<Option<Head>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.records)
            .set_key(Some(record_key(stream, id)))
            .consistent_read(true)
            .projection_expression(PROJECTION)
            .send()
            .await
            .map_err(|error| self.read_failure(stream).sdk(error))?;
        let item = answer.item.as_ref();
        item.map(|item| self.whole(stream, item, Head::read))
            .transpose()
    }
}
