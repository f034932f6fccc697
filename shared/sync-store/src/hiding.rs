//! What hides a record from the app although Dynamics does not: an expiry, its own or that of records
//! which refer to it, or not knowing what the row says now.
//!
//! Never in here: what makes a record expire. The caller's rule decides on its values.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::item::{Item, instant_text, number, parsed};
use crate::record::{map_of, read_map};
use crate::{Fields, Value};

/// What a stream's expiry makes of a record.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hiding {
    /// What is laid over the record's values, if it is hidden now.
    pub values: Option<Fields>,
    /// From when on it is hidden unless it changes, where that is known.
    pub from: Option<Timestamp>,
}

/// A stream's expiry: what it makes of a record with these wanted values (Dynamics' own overlaid by what
/// is pending); `true` if Dynamics has a version of the row by now that could not be read.
pub type HidingRule<'a> = &'a (dyn Fn(&Fields, bool) -> Hiding + Sync);

/// What another stream hides of a record, in its attribute `hidden_by`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct HiddenBy {
    /// Under which lease of that other stream it was hidden.
    pub(crate) fence: u64,
    values: Fields,
}

impl HiddenBy {
    pub(crate) fn new(fence: u64, values: &Fields) -> Self {
        Self {
            fence,
            values: values.iter().map(as_stored).collect(),
        }
    }

    /// Hides the same, whoever said so.
    pub(crate) fn hides_as(&self, other: &Self) -> bool {
        self.values == other.values
    }

    fn read(attribute: &AttributeValue) -> Option<Self> {
        let item = attribute.as_m().ok()?;
        Some(Self {
            fence: parsed(item, "fence")?,
            values: read_map(item.get("values")?)?,
        })
    }
}

/// The streams that hide a record, in the order of their names.
pub(crate) type HiddenByStreams = BTreeMap<String, HiddenBy>;

/// `None` if the item's `hidden_by` cannot be read; empty if it has none.
pub(crate) fn read_hidden_by(item: &Item) -> Option<HiddenByStreams> {
    let Some(streams) = item.get("hidden_by") else {
        return Some(HiddenByStreams::new());
    };
    let read_one = |(stream, by): (&String, &_)| Some((stream.clone(), HiddenBy::read(by)?));
    streams.as_m().ok()?.iter().map(read_one).collect()
}

/// `None` if nobody hides the record: the attribute is then absent.
pub(crate) fn hidden_by_attribute(streams: &HiddenByStreams) -> Option<AttributeValue> {
    let one = |(stream, by): (&String, &HiddenBy)| {
        let by = Item::from([
            ("fence".to_owned(), number(by.fence)),
            ("values".to_owned(), map_of(&by.values)),
        ]);
        (stream.clone(), AttributeValue::M(by))
    };
    (!streams.is_empty()).then(|| AttributeValue::M(streams.iter().map(one).collect()))
}

/// What a record shows of itself: the attributes that are computed from the others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Shown {
    pub(crate) fields: Fields,
    pub(crate) suppressed: bool,
    pub(crate) suppress_from: Option<String>,
}

impl Shown {
    /// `wanted` overlaid by what hides the record.
    pub(crate) fn of(
        wanted: Fields,
        unverified: bool,
        rule: HidingRule<'_>,
        hidden_by: &HiddenByStreams,
    ) -> Self {
        let Hiding { values, from } = rule(&wanted, unverified);
        let suppressed = values.is_some() || !hidden_by.is_empty();
        let mut fields = wanted;
        fields.extend(values.iter().flatten().map(as_stored));
        for by in hidden_by.values() {
            fields.extend(by.values.clone());
        }
        Self {
            fields,
            suppressed,
            suppress_from: from.map(instant_text),
        }
    }

    /// As a live record says it; `None` if it cannot be read.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let suppress_from = match item.get("suppress_from") {
            Some(from) => Some(from.as_s().ok()?.clone()),
            None => None,
        };
        Some(Self {
            fields: read_map(item.get("fields")?)?,
            suppressed: item.contains_key("suppressed"),
            suppress_from,
        })
    }

    /// The attributes, `None` where one is absent from the record.
    pub(crate) fn attributes(&self) -> [(&'static str, Option<AttributeValue>); 3] {
        let suppressed = self.suppressed.then_some(AttributeValue::Bool(true));
        let suppress_from = self.suppress_from.clone().map(AttributeValue::S);
        [
            ("fields", Some(map_of(&self.fields))),
            ("suppressed", suppressed),
            ("suppress_from", suppress_from),
        ]
    }
}

/// Values are compared with what DynamoDB gave back, and what hides a record is the only one that does not
/// come from there itself.
fn as_stored((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.as_stored())
}
