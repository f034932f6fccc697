//! What a stream's expiry overwrote in Dynamics: a note in the record, so that a renewal restores only
//! that.
//!
//! Never in here: what an expiry writes, or when.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Fields;
use crate::item::{Item, parsed_text, text};
use crate::record::{map_of, read_map};

/// What a stream's expiry overwrote.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ended {
    /// The change that did it.
    pub change: String,
    /// What Dynamics had in the fields before.
    pub before: Fields,
}

/// What is to be noted of an expiry when its change, or that of its end, is carried out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Memo {
    /// It overwrote these values.
    Keep {
        /// The stream with the expiry.
        by: String,
        /// See [`Ended::before`].
        before: Fields,
    },
    /// They were restored, or are nobody's to restore any more.
    Forget {
        /// The stream with the expiry.
        by: String,
    },
}

/// The streams whose expiry overwrote something, by name.
pub(crate) type EndedBy = BTreeMap<String, Ended>;

impl Memo {
    /// Notes it; `change` is the one that is carried out.
    pub(crate) fn note_in(&self, ended: &mut EndedBy, change: &str) {
        match self {
            Self::Keep { by, before } => {
                // What an earlier one overwrote, and nobody gave back, is still to be given back.
                let mut kept = ended
                    .remove(by)
                    .map(|earlier| earlier.before)
                    .unwrap_or_default();
                kept.extend(before.clone());
                let note = Ended {
                    change: change.to_owned(),
                    before: kept,
                };
                ended.insert(by.clone(), note);
            }
            Self::Forget { by } => {
                ended.remove(by);
            }
        }
    }
}

/// What was there in these fields before is nobody's to restore any more.
pub(crate) fn forget<'a>(ended: &mut EndedBy, fields: impl Iterator<Item = &'a String>) {
    for name in fields {
        for note in ended.values_mut() {
            note.before.remove(name);
        }
    }
}

/// `None` if the item's `ended` cannot be read; empty if it has none.
pub(crate) fn read_ended(item: &Item) -> Option<EndedBy> {
    let Some(streams) = item.get("ended") else {
        return Some(EndedBy::new());
    };
    let read_one = |(stream, note): (&String, &AttributeValue)| {
        let note = note.as_m().ok()?;
        let ended = Ended {
            change: parsed_text(note, "change")?,
            before: read_map(note.get("before")?)?,
        };
        Some((stream.clone(), ended))
    };
    streams.as_m().ok()?.iter().map(read_one).collect()
}

/// `None` if there is nothing to note: the attribute is then absent.
pub(crate) fn ended_attribute(ended: &EndedBy) -> Option<AttributeValue> {
    let one = |(stream, note): (&String, &Ended)| {
        let note = Item::from([
            ("change".to_owned(), text(&note.change)),
            ("before".to_owned(), map_of(&note.before)),
        ]);
        (stream.clone(), AttributeValue::M(note))
    };
    (!ended.is_empty()).then(|| AttributeValue::M(ended.iter().map(one).collect()))
}
