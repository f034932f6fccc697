//! How far a stream has been read.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::{Error, ErrorKind, Failure};
use crate::item::{Item, item_key, parsed};

/// The version of the stored form below. A higher one in the table was written by a newer release.
pub(crate) const FORMAT: u64 = 1;

const CURSOR: &str = "cursor";
const FORMAT_ATTRIBUTE: &str = "format";

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
    /// How later changes are told.
    pub kind: CursorKind,
    /// Rows per page. A next link demands the size it was started with.
    pub page_size: u32,
    /// The run that was asked to read everything again and began this generation for it, so that its
    /// further invocations go on instead of beginning another.
    pub full_by: Option<String>,
    /// Whether no record of an older generation is left.
    pub swept: bool,
    /// The last walk over all keys that was begun.
    pub walk: Option<KeyWalk>,
    /// The row with the highest version when the cursor was last settled: should Dynamics ever show it
    /// with a lower one, the environment was restored.
    pub witness: Option<Witness>,
    /// How many records became tombstones since the cursor was last at rest, or were about to.
    pub vanished: u64,
    /// How many records there were when that began to be counted; `None` before it mattered.
    pub live: Option<u64>,
    /// Where to go on.
    pub position: Position,
}

/// How a stream's changes are told.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CursorKind {
    /// By Dataverse's change tracking, deletes included.
    ChangeTracking,
    /// By `modifiedon`; deletes and rows that went out of sight by a walk over all keys.
    ModifiedOn,
}

/// A walk over all keys of a table.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeyWalk {
    /// The run that began it.
    pub run_id: String,
    /// When it began.
    pub begun: Timestamp,
    /// Whether it went to its end and the records were compared with it.
    pub ended: bool,
}

/// A row whose version is known.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Witness {
    /// The Dataverse GUID in lower case with hyphens.
    pub id: String,
    /// Its `versionnumber`.
    pub version: i64,
}

/// From where changes are read next.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// A delta link of change tracking; opaque.
    Delta(String),
    /// What was modified at or after this time, less an overlap.
    Watermark(Timestamp),
}

/// Where the next read goes on. Links are opaque. `since` is always when Dynamics served the first page
/// of what the position belongs to: the copy is that fresh once it is settled.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Position {
    /// Nothing of this generation was read yet.
    Start,
    /// In the middle of the first read of the whole table.
    Loading {
        /// The next page.
        next: String,
        /// See above.
        since: Timestamp,
    },
    /// The whole table was read once. What changed while that ran is still to be read, because nothing
    /// documents whether a delta token means the load's start or its end.
    Overlap {
        /// Where changes are read from afterwards.
        mark: Mark,
        /// The next page of what changed; `None` before the first.
        next: Option<String>,
        /// See above.
        since: Timestamp,
    },
    /// Everything was read. Records of older generations are being turned into tombstones; that they are
    /// not too many was checked before.
    Sweeping {
        /// Where changes are read from afterwards.
        mark: Mark,
        /// See above.
        since: Timestamp,
        /// The partition that comes next, 0 to 15.
        partition: u8,
    },
    /// Everything that there was is stored.
    Settled {
        /// Where changes are read from next.
        mark: Mark,
    },
    /// In the middle of changes of several pages.
    Reading {
        /// Where these changes are read from.
        mark: Mark,
        /// The next page.
        next: String,
        /// See above.
        since: Timestamp,
    },
    /// In the middle of a walk over all keys.
    Listing {
        /// Where changes are read from afterwards.
        mark: Mark,
        /// See above; not the walk's own beginning, which is in [`Cursor::walk`].
        since: Timestamp,
        /// The next page of keys; `None` before the first.
        next: Option<String>,
        /// How many pages of keys are stored.
        pages: u64,
    },
    /// All keys are listed. Records are being compared with them.
    Comparing {
        /// Where changes are read from afterwards.
        mark: Mark,
        /// See above.
        since: Timestamp,
        /// How many pages of keys are stored.
        pages: u64,
        /// Whether it was checked, and counted in [`Cursor::vanished`], that not too many records will
        /// vanish.
        granted: bool,
    },
}

impl Store {
    /// A stream's cursor, or `None` if the stream was never read.
    ///
    /// # Errors
    /// A failed read is an error and never taken for "never read": that would start again from
    /// nothing and lose what lies between. Likewise a damaged item, or one of a newer release.
    pub async fn cursor(&self, stream: &str) -> Result<Option<Cursor>, Error> {
        self.cursor_item(stream)
            .await?
            .map_or(Ok(None), |item| self.read_cursor(stream, &item))
    }

    /// The whole item of a stream's cursor, lease and guard.
    pub(crate) async fn cursor_item(&self, stream: &str) -> Result<Option<Item>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.state)
            .set_key(Some(cursor_key(stream)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.cursor_failure(stream).sdk(error))?;
        Ok(answer.item)
    }

    /// Reads a cursor item; `None` while it holds only a lease.
    pub(crate) fn read_cursor(&self, stream: &str, item: &Item) -> Result<Option<Cursor>, Error> {
        self.refuse_newer(stream, item)?;
        if item.contains_key(FORMAT_ATTRIBUTE) && parsed::<u64>(item, FORMAT_ATTRIBUTE).is_none() {
            return Err(self
                .cursor_failure(stream)
                .damaged("the cursor's format", "not a number"));
        }
        item.get(CURSOR)
            .map(|cursor| serde_dynamo::from_attribute_value(cursor.clone()))
            .transpose()
            .map_err(|error| self.cursor_failure(stream).damaged("the cursor", error))
    }

    /// An error if a newer release wrote the item, whatever else there is to say about it.
    pub(crate) fn refuse_newer(&self, stream: &str, item: &Item) -> Result<(), Error> {
        match parsed::<u64>(item, FORMAT_ATTRIBUTE) {
            Some(format) if format > FORMAT => Err(self.cursor_failure(stream).because(
                ErrorKind::NewerRelease,
                format!("the cursor has a newer form than this release's {FORMAT}"),
            )),
            _ => Ok(()),
        }
    }

    fn cursor_failure(&self, stream: &str) -> Failure {
        Failure::new(
            format!("read the cursor of stream `{stream}` from"),
            &self.tables.state,
        )
    }
}

/// The key of the item that holds a stream's cursor, lease and guard.
pub(crate) fn cursor_key(stream: &str) -> Item {
    item_key(&format!("stream#{stream}"), CURSOR)
}

pub(crate) fn cursor_attribute(cursor: &Cursor) -> Result<AttributeValue, serde_dynamo::Error> {
    serde_dynamo::to_attribute_value(cursor)
}
