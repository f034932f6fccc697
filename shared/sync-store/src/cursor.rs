//! How far a stream has been read.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::{Error, ErrorKind, Failure};
use crate::tables::{PARTITION_KEY, SORT_KEY};

/// The version of the stored form below. A higher one in the table was written by a newer release.
pub(crate) const FORMAT: u64 = 1;

const CURSOR: &str = "cursor";

/// How far a stream has been read, and for which meaning of its rows.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cursor {
    /// Rises when stored versions or meanings cannot be compared with new ones any more. The first
    /// load is generation 1.
    pub generation: u64,
    /// The Dataverse organization that was read (WhoAmI's `OrganizationId`).
    pub organization: String,
    /// Hash of everything that a stored link or record was made from: table, columns, mapping,
    /// row filter. A link has its column list baked in.
    pub fingerprint: String,
    /// Rows per page. A next link demands the size it was started with.
    pub page_size: u32,
    /// Where to go on.
    pub position: Position,
}

/// Where the next read goes on. Links are opaque.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Position {
    /// Nothing was read yet.
    Start,
    /// In the middle of a first load.
    Loading {
        /// The next page.
        next: String,
        /// When Dynamics served the first page.
        since: Timestamp,
    },
    /// The first load has ended. What changed while it ran is still to be read once more, because
    /// nothing documents whether the delta token means the load's start or its end.
    Overlap {
        /// Where change tracking goes on afterwards.
        delta: String,
        /// The next page of what changed; `None` before the first.
        next: Option<String>,
        /// When Dynamics served the load's first page.
        since: Timestamp,
    },
    /// Everything that change tracking had was read.
    Settled {
        /// The next delta read.
        delta: String,
    },
    /// In the middle of a delta of several pages.
    Reading {
        /// The delta read that this is.
        delta: String,
        /// The next page.
        next: String,
        /// When Dynamics served the delta's first page.
        since: Timestamp,
    },
}

impl Store {
    /// A stream's cursor, or `None` if the stream was never read.
    ///
    /// # Errors
    /// A failed read is an error and never taken for "never read": that would start again from
    /// nothing and lose what lies between. Likewise a damaged item, or one of a newer release.
    pub async fn cursor(&self, stream: &str) -> Result<Option<Cursor>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.state)
            .set_key(Some(cursor_key(stream)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.failure(stream).sdk(error))?;
        answer
            .item
            .map_or(Ok(None), |item| self.read_cursor(stream, &item))
    }

    /// Reads a cursor item; `None` while it holds only a lease.
    pub(crate) fn read_cursor(
        &self,
        stream: &str,
        item: &HashMap<String, AttributeValue>,
    ) -> Result<Option<Cursor>, Error> {
        if let Some(format) = item.get("format") {
            let format = format.as_n().ok().and_then(|n| n.parse::<u64>().ok());
            let damaged = || {
                self.failure(stream)
                    .damaged("the cursor's format", "not a number")
            };
            if format.ok_or_else(damaged)? > FORMAT {
                return Err(self.failure(stream).because(
                    ErrorKind::NewerRelease,
                    format!("the cursor has a newer form than this release's {FORMAT}"),
                ));
            }
        }
        item.get(CURSOR)
            .map(|cursor| serde_dynamo::from_attribute_value(cursor.clone()))
            .transpose()
            .map_err(|error| self.failure(stream).damaged("the cursor", error))
    }

    fn failure(&self, stream: &str) -> Failure {
        Failure::new(
            format!("read the cursor of stream `{stream}` from"),
            &self.tables.state,
        )
    }
}

/// The key of the item that holds a stream's cursor and lease.
pub(crate) fn cursor_key(stream: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([
        (
            PARTITION_KEY.to_owned(),
            AttributeValue::S(format!("stream#{stream}")),
        ),
        (SORT_KEY.to_owned(), AttributeValue::S(CURSOR.to_owned())),
    ])
}

pub(crate) fn cursor_attribute(cursor: &Cursor) -> Result<AttributeValue, serde_dynamo::Error> {
    serde_dynamo::to_attribute_value(cursor)
}
