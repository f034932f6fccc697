//! What the app asserts of a record: wanted values that Dynamics has not confirmed yet, and those that it
//! gave back as something else.
//!
//! Never in here: what the app is shown of it, which also depends on what hides the record.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::change::{Change, NewChange, Operation, Origin, Wanted};
use crate::item::{Item, number, parsed, text};
use crate::record::{map_of, read_map};
use crate::{Fields, Value};

/// What is wanted of one field and not yet confirmed by Dynamics.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PendingField {
    /// The wanted value.
    pub value: Value,
    /// The change that wants it.
    pub change: String,
    /// That change's place in the order of acceptance; see [`Change::sequence`].
    pub sequence: u64,
    /// Once it was written to Dynamics: from which generation and version of the row on reading it confirms
    /// that.
    pub sent: Option<(u64, i64)>,
}

/// The attributes `pending` and `returned` of a record.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Asserted {
    pub(crate) pending: BTreeMap<String, PendingField>,
    /// Confirmed, and then read from Dynamics as something else: the values that were written.
    pub(crate) returned: Fields,
    /// Written to Dynamics while something later is wanted already; with the generation and version from
    /// which on reading the row confirms it.
    pub(crate) written: BTreeMap<String, (u64, i64)>,
}

impl Asserted {
    /// `None` if it cannot be read.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let pending = match item.get("pending") {
            Some(pending) => pending.as_m().ok()?.iter().map(read_one).collect(),
            None => Some(BTreeMap::new()),
        };
        Some(Self {
            pending: pending?,
            returned: item.get("returned").map_or(Some(Fields::new()), read_map)?,
            written: item
                .get("written")
                .map_or(Some(BTreeMap::new()), read_written)?,
        })
    }

    /// The attributes, `None` where one is absent from the record.
    pub(crate) fn attributes(&self) -> [(&'static str, Option<AttributeValue>); 3] {
        let pending = self.pending.iter().map(|(name, want)| {
            let mut item = Item::from([
                ("value".to_owned(), want.value.to_attribute()),
                ("change".to_owned(), text(&want.change)),
                ("sequence".to_owned(), number(want.sequence)),
            ]);
            if let Some((generation, version)) = want.sent {
                item.insert("sent".to_owned(), number(version));
                item.insert("sent_generation".to_owned(), number(generation));
            }
            (name.clone(), AttributeValue::M(item))
        });
        let (pending, returned) = (pending.collect(), map_of(&self.returned));
        [
            (
                "pending",
                (!self.pending.is_empty()).then_some(AttributeValue::M(pending)),
            ),
            ("returned", (!self.returned.is_empty()).then_some(returned)),
            (
                "written",
                (!self.written.is_empty()).then(|| written_attribute(&self.written)),
            ),
        ]
    }

    /// The values of Dynamics overlaid by what is pending.
    pub(crate) fn over(&self, dynamics: &Fields) -> Fields {
        let pending = self
            .pending
            .iter()
            .map(|(name, want)| (name.clone(), want.value.clone()));
        dynamics.clone().into_iter().chain(pending).collect()
    }

    /// Takes up what a change that now waits wants, unless a later one wants something else.
    pub(crate) fn take_up(&mut self, change: &Change) {
        for (name, value) in shown_at_once(&change.wanted) {
            let later = |want: &PendingField| want.sequence > change.sequence;
            if self.pending.get(name).is_some_and(later) {
                continue;
            }
            self.returned.remove(name);
            let want = PendingField {
                value: value.clone(),
                change: change.wanted.id.clone(),
                sequence: change.sequence,
                sent: None,
            };
            self.pending.insert(name.clone(), want);
        }
    }

    /// Gives up what the change wants, as far as nothing later replaced it.
    pub(crate) fn give_up(&mut self, change: &str) {
        self.pending.retain(|_, want| want.change != change);
    }

    /// What the change wants was written to Dynamics, but for the fields that it `lost`; in the form in which
    /// it says so by now, which is how Dynamics will say it. All that was `written`, whoever wanted it, is pending until Dynamics is read again: what differs there before is
    /// our own doing.
    pub(crate) fn send(
        &mut self,
        change: &Change,
        lost: &[String],
        written: &Fields,
        confirmed_from: (u64, i64),
    ) {
        let id = &change.wanted.id;
        self.pending
            .retain(|name, want| want.change != *id || !lost.contains(name));
        for (name, want) in &mut self.pending {
            if want.change == *id {
                want.sent = Some(confirmed_from);
                if let Some(Wanted::Value(value)) = change.wanted.fields.get(name) {
                    want.value.clone_from(value);
                }
            }
        }
        for (name, value) in written {
            let later = |want: &PendingField| want.sequence > change.sequence;
            if self.pending.get(name).is_some_and(later) {
                self.written.insert(name.clone(), confirmed_from);
            } else {
                let want = PendingField {
                    value: value.clone(),
                    change: id.clone(),
                    sequence: change.sequence,
                    sent: Some(confirmed_from),
                };
                self.pending.insert(name.clone(), want);
            }
        }
    }

    /// This is what Dynamics says as of this generation and version of the row.
    pub(crate) fn confirm(&mut self, read: (u64, i64), dynamics: &Fields) {
        self.returned
            .retain(|name, value| !says(dynamics, name, value));
        self.written.retain(|_, from| read < *from);
        for (name, want) in std::mem::take(&mut self.pending) {
            if want.sent.is_none_or(|from| read < from) {
                self.pending.insert(name, want);
            } else if dynamics.contains_key(&name) && !says(dynamics, &name, &want.value) {
                self.returned.insert(name, want.value);
            }
        }
    }
}

fn written_attribute(written: &BTreeMap<String, (u64, i64)>) -> AttributeValue {
    let one = |(name, (generation, version)): (&String, &(u64, i64))| {
        let from = Item::from([
            ("generation".to_owned(), number(generation)),
            ("version".to_owned(), number(version)),
        ]);
        (name.clone(), AttributeValue::M(from))
    };
    AttributeValue::M(written.iter().map(one).collect())
}

fn read_written(written: &AttributeValue) -> Option<BTreeMap<String, (u64, i64)>> {
    let one = |(name, from): (&String, &AttributeValue)| {
        let from = from.as_m().ok()?;
        let from = (parsed(from, "generation")?, parsed(from, "version")?);
        Some((name.clone(), from))
    };
    written.as_m().ok()?.iter().map(one).collect()
}

/// The values that the app is shown before Dynamics has them: what a record is to be, and not what
/// only a new one would be.
fn shown_at_once<'a>(change: &'a NewChange) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let shown = matches!(change.origin, Origin::App { .. } | Origin::Assertion)
        && matches!(change.operation, Operation::Upsert | Operation::Update);
    let value = move |(name, wanted): (&'a String, &'a Wanted)| match wanted {
        Wanted::Value(value) if shown => Some((name, value)),
        _ => None,
    };
    change.fields.iter().filter_map(value)
}

fn says(dynamics: &Fields, name: &str, value: &Value) -> bool {
    let found = dynamics.get(name);
    found.is_some_and(|found| found.as_stored() == value.as_stored())
}

fn read_one((name, want): (&String, &AttributeValue)) -> Option<(String, PendingField)> {
    let want = want.as_m().ok()?;
    let sent = match want.get("sent") {
        Some(_) => Some((parsed(want, "sent_generation")?, parsed(want, "sent")?)),
        None => None,
    };
    let field = PendingField {
        value: Value::from_attribute(want.get("value")?)?,
        change: want.get("change")?.as_s().ok()?.clone(),
        sequence: parsed(want, "sequence")?,
        sent,
    };
    Some((name.clone(), field))
}
