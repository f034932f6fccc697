//! A record of the copy, and its form as a DynamoDB item.
//!
//! A record has parts that are kept apart: `dynamics` (as last read), `pending` (what the app or an
//! expiry wants and Dynamics has not confirmed) and `fields`, which is what the app reads: `dynamics`
//! overlaid by `pending` overlaid by what hides the record. A pull replaces only `dynamics`, so no edit
//! elsewhere undoes what is pending or shows what is hidden.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::ended::{EndedBy, read_ended};
use crate::hiding::{HiddenByStreams, Shown, read_hidden_by};
use crate::item::{Item, instant, number, parsed, parsed_text};
use crate::pending::Asserted;
use crate::tables::{BUSINESS_KEY, PARTITION_KEY, RECORD_ID};
use crate::{Fields, Lease, Value};

/// A row as a pull read it, ready to be stored.
#[derive(Clone, Debug)]
pub struct DynamicsRow {
    /// The Dataverse GUID in lower case with hyphens.
    pub id: String,
    /// The stream's generation under which it was read.
    pub generation: u64,
    /// The row's `versionnumber`.
    pub version: i64,
    /// The row's `modifiedon`, where the table has one.
    pub modified_on: Option<Timestamp>,
    /// Values by the app's names.
    pub fields: Fields,
    /// By what the app finds it, where the stream has a business key and the row has values for it.
    pub business_key: Option<String>,
    /// It was just read by its own id, so it is there: a tombstone of the same version gives way.
    pub revives: bool,
}

/// A record as the app reads it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// The Dataverse GUID.
    pub id: String,
    /// What the app shows: Dynamics' values overlaid by pending ones and by what hides the record.
    pub fields: Fields,
    /// Generation and version of the row in `dynamics`.
    pub generation: u64,
    /// The row's `versionnumber` as last read.
    pub version: i64,
    /// When the row was last written in Dynamics, where the table says so.
    pub modified_on: Option<Timestamp>,
    /// When the record was last written by a sync.
    pub synced_at: Timestamp,
    /// The row is gone from Dynamics (or from the stream's `where`); it has no fields any more.
    pub deleted: bool,
}

/// The partition a record lives in: its stream and the first hex digit of its id, because one
/// partition takes only 1,000 writes a second.
pub(crate) fn partition(stream: &str, id: &str) -> String {
    format!("{stream}#{}", id.get(..1).unwrap_or_default())
}

/// A stream's partitions, by the first hex digit of the ids in them.
pub(crate) const PARTITIONS: Range<u8> = 0..16;

/// One of the stream's [`PARTITIONS`].
pub(crate) fn partition_of(stream: &str, digit: u8) -> String {
    format!("{stream}#{digit:x}")
}

/// All partitions of a stream, in the order of the ids in them.
pub(crate) fn partitions(stream: &str) -> impl Iterator<Item = String> + use<> {
    let stream = stream.to_owned();
    PARTITIONS.map(move |digit| partition_of(&stream, digit))
}

pub(crate) fn record_key(stream: &str, id: &str) -> Item {
    HashMap::from([
        (
            PARTITION_KEY.to_owned(),
            AttributeValue::S(partition(stream, id)),
        ),
        (RECORD_ID.to_owned(), AttributeValue::S(id.to_owned())),
    ])
}

/// The keys of these records, each once.
pub(crate) fn record_keys(stream: &str, ids: &[String]) -> Vec<Item> {
    let ids: BTreeSet<&String> = ids.iter().collect();
    ids.into_iter().map(|id| record_key(stream, id)).collect()
}

pub(crate) fn map_of(fields: &Fields) -> AttributeValue {
    let values = fields
        .iter()
        .map(|(name, value)| (name.clone(), value.to_attribute()));
    AttributeValue::M(values.collect())
}

/// `None` if it is no map of values.
pub(crate) fn read_map(attribute: &AttributeValue) -> Option<Fields> {
    let read_one = |(name, value): (&String, &AttributeValue)| {
        Some((name.clone(), Value::from_attribute(value)?))
    };
    attribute.as_m().ok()?.iter().map(read_one).collect()
}

pub(crate) fn read_id(item: &Item) -> Option<String> {
    item.get(RECORD_ID)?.as_s().ok().cloned()
}

impl DynamicsRow {
    /// The whole item of a record that has nothing pending. Its revision starts again at 0: together
    /// with the version, which rose, the triple (generation, version, revision) never repeats.
    pub(crate) fn item(&self, lease: &Lease, shown: &Shown, synced_at: Timestamp) -> Item {
        let mut item = record_key(lease.stream(), &self.id);
        for (name, value) in shown.attributes() {
            item.extend(value.map(|value| (name.to_owned(), value)));
        }
        item.extend([
            ("dynamics".to_owned(), map_of(&self.fields)),
            ("generation".to_owned(), number(self.generation)),
            ("version".to_owned(), number(self.version)),
            ("revision".to_owned(), number(0)),
            ("fence".to_owned(), number(lease.fence())),
            ("synced_at".to_owned(), instant(synced_at)),
        ]);
        if let Some(modified_on) = self.modified_on {
            item.insert("modified_on".to_owned(), instant(modified_on));
        }
        if let Some(key) = &self.business_key {
            item.insert(BUSINESS_KEY.to_owned(), AttributeValue::S(key.clone()));
        }
        item
    }

    /// An upper estimate of the record's size as DynamoDB counts it, in bytes.
    pub fn size(&self) -> usize {
        /// Names and values of everything but the fields, and what hides a record.
        const REST: usize = 1_024;
        let fields: usize = self
            .fields
            .iter()
            .map(|(name, value)| name.len() + value.size() + 1)
            .sum();
        REST + 2 * fields + self.business_key.as_ref().map_or(0, String::len)
    }
}

/// What a stored record says about itself, as far as a writer must know.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) generation: u64,
    pub(crate) version: i64,
    pub(crate) revision: u64,
    /// Under which lease it was last written by a pull.
    pub(crate) fence: u64,
    pub(crate) deleted: bool,
    /// The version of the row that could not be read.
    pub(crate) unverified: Option<i64>,
    pub(crate) hidden_by: HiddenByStreams,
    /// `None` for a tombstone.
    pub(crate) shown: Option<Shown>,
    pub(crate) modified_on: Option<Timestamp>,
    pub(crate) dynamics: Fields,
    pub(crate) asserted: Asserted,
    pub(crate) ended: EndedBy,
}

impl Stored {
    /// `None` if the item is not a whole record.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let deleted = item.contains_key("deleted");
        let (shown, dynamics) = if deleted {
            (None, Fields::new())
        } else {
            (Some(Shown::read(item)?), read_map(item.get("dynamics")?)?)
        };
        let unverified = item.get("unverified");
        Some(Self {
            generation: parsed(item, "generation")?,
            version: parsed(item, "version")?,
            revision: parsed(item, "revision")?,
            fence: parsed(item, "fence").unwrap_or(0),
            deleted,
            unverified: match unverified {
                Some(_) => Some(parsed(item, "unverified")?),
                None => None,
            },
            hidden_by: read_hidden_by(item)?,
            shown,
            modified_on: read_modified_on(item)?,
            dynamics,
            asserted: Asserted::read(item)?,
            ended: read_ended(item)?,
        })
    }

    /// The values before anything hides them: `dynamics` overlaid by what is pending.
    pub(crate) fn wanted(&self) -> Fields {
        self.asserted.over(&self.dynamics)
    }
}

/// `None` if it cannot be read.
#[expect(clippy::option_option, reason = "damaged, or absent")]
fn read_modified_on(item: &Item) -> Option<Option<Timestamp>> {
    match item.get("modified_on") {
        Some(_) => parsed_text(item, "modified_on").map(Some),
        None => Some(None),
    }
}

impl Record {
    /// `None` if the item is not a whole record.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let deleted = item.contains_key("deleted");
        let fields = match item.get("fields") {
            Some(fields) => read_map(fields)?,
            None if deleted => Fields::new(),
            None => return None,
        };
        Some(Self {
            id: read_id(item)?,
            fields,
            generation: parsed(item, "generation")?,
            version: parsed(item, "version")?,
            modified_on: read_modified_on(item)?,
            synced_at: item.get("synced_at")?.as_s().ok()?.parse().ok()?,
            deleted,
        })
    }
}

/// The attributes that a tombstone drops: everything that says something about the row. `hidden_by` says
/// nothing about it, and a row that comes back comes back hidden.
pub(crate) const DROPPED_BY_TOMBSTONE: &str = "REMOVE #fields, dynamics, pending, returned, written, ended, business_key, modified_on, suppressed, suppress_from, unverified";
