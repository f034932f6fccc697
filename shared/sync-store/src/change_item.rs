//! A change's form as a DynamoDB item, and how long what it says is kept.
//!
//! Never in here: how a change comes from one state to another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::change::{Base, Change, ChangeKey, ChangeState, NewChange, Operation, Origin, Wanted};
use crate::item::{Item, expiry, instant, item_key, number, parsed, parsed_text, text};
use crate::record::{map_of, read_map};
use crate::tables::{LISTED, PARTITION_KEY, SEQUENCE};

/// How long a change stays that is over and done with.
const KEPT_CLOSED: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How long one stays that a person has to decide about.
const KEPT_OPEN: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Before a change's id in its partition key.
const CHANGE: &str = "change#";

/// The key of a change.
pub(crate) fn change_key(id: &str) -> Item {
    item_key(&format!("{CHANGE}{id}"), "change")
}

/// The partition of a stream's changes in this state, in the index of states.
pub(crate) fn listed(stream: &str, state: ChangeState) -> String {
    format!("{stream}#{}", state.name())
}

/// The id of the change that is, or should be, in the item.
pub(crate) fn read_change_id(item: &Item) -> Option<&str> {
    let key = item.get(PARTITION_KEY)?.as_s().ok()?;
    key.strip_prefix(CHANGE)
}

impl Change {
    /// The change in this state, with no more values than are needed then: of one that is over, those that
    /// did not prevail, on either side. Its row's GUID then also takes the place of its key, which may be an
    /// e-mail address.
    pub(crate) fn now_in(mut self, state: ChangeState, now: Timestamp) -> Self {
        self.state = state;
        self.updated_at = now;
        if state.is_open() {
            return self;
        }
        self.base = None;
        if matches!(state, ChangeState::Applied | ChangeState::Superseded) {
            let (lost, theirs) = (&self.lost, &self.theirs);
            let fields = &mut self.wanted.fields;
            fields.retain(|name, _| lost.contains(name) || theirs.contains_key(name));
        } else {
            self.wanted.fields.clear();
            self.theirs.clear();
        }
        if let Some(row) = &self.row {
            self.wanted.key = ChangeKey::Id(row.clone());
        }
        self
    }

    /// Until when it stays; `None` while it waits.
    fn kept_until(&self) -> Option<Timestamp> {
        match self.state {
            ChangeState::Waiting => None,
            ChangeState::Held | ChangeState::Refused => {
                Some(clock::after(self.updated_at, KEPT_OPEN))
            }
            ChangeState::Applied
            | ChangeState::Superseded
            | ChangeState::Dropped
            | ChangeState::Dissolved => Some(clock::after(self.updated_at, KEPT_CLOSED)),
        }
    }

    pub(crate) fn item(&self) -> Item {
        let wanted = &self.wanted;
        let mut item = change_key(&wanted.id);
        let texts = |texts: &mut dyn Iterator<Item = &String>| {
            AttributeValue::L(texts.map(|one| text(one)).collect())
        };
        let required = [
            ("stream", text(&wanted.stream)),
            ("operation", text(wanted.operation.name())),
            ("key", key_attribute(&wanted.key)),
            ("fields", wanted_attribute(&wanted.fields)),
            ("names", texts(&mut self.names.iter())),
            ("changed_at", instant(wanted.changed_at)),
            ("accepted_at", instant(wanted.accepted_at)),
            ("origin", origin_attribute(&wanted.origin)),
            ("digest", text(&wanted.digest)),
            (SEQUENCE, number(self.sequence)),
            ("state", text(self.state.name())),
            (LISTED, text(&listed(&wanted.stream, self.state))),
            ("attempts", number(self.attempts)),
            ("updated_at", instant(self.updated_at)),
            ("lost", texts(&mut self.lost.iter())),
            ("theirs", map_of(&self.theirs)),
            ("force", AttributeValue::Bool(self.force)),
        ];
        let optional = [
            ("base_version", wanted.base_version.map(number)),
            ("row", self.row.as_deref().map(text)),
            ("base", self.base.as_ref().map(base_attribute)),
            ("reason", self.reason.as_deref().map(text)),
        ];
        let optional = optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let attributes = required
            .into_iter()
            .chain(optional)
            .chain(self.kept_until().map(expiry));
        item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
        item
    }

    /// `None` if the item is not a whole change.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let operation = item.get("operation")?.as_s().ok()?;
        let state = item.get("state")?.as_s().ok()?;
        Some(Self {
            wanted: NewChange {
                id: read_change_id(item)?.to_owned(),
                stream: parsed_text(item, "stream")?,
                operation: Operation::ALL
                    .into_iter()
                    .find(|one| one.name() == operation)?,
                key: read_key(item.get("key")?)?,
                fields: read_wanted(item.get("fields")?)?,
                base_version: optional(item, "base_version", parsed)?,
                changed_at: parsed_text(item, "changed_at")?,
                accepted_at: parsed_text(item, "accepted_at")?,
                origin: read_origin(item.get("origin")?)?,
                digest: parsed_text(item, "digest")?,
            },
            names: read_texts(item, "names")?,
            sequence: parsed(item, SEQUENCE)?,
            row: optional(item, "row", parsed_text)?,
            base: optional(item, "base", |item, name| read_base(item.get(name)?))?,
            state: ChangeState::ALL
                .into_iter()
                .find(|one| one.name() == state)?,
            reason: optional(item, "reason", parsed_text)?,
            attempts: parsed(item, "attempts")?,
            updated_at: parsed_text(item, "updated_at")?,
            lost: read_texts(item, "lost")?,
            theirs: read_map(item.get("theirs")?)?,
            force: *item.get("force")?.as_bool().ok()?,
        })
    }
}

impl Base {
    /// What the copy has, and shows, of these fields.
    pub(crate) fn of(
        names: &BTreeSet<String>,
        version: i64,
        dynamics: &crate::Fields,
        shown: &crate::Fields,
    ) -> Self {
        let of = |fields: &crate::Fields| {
            let named = |name: &String| Some((name.clone(), fields.get(name)?.clone()));
            names.iter().filter_map(named).collect()
        };
        Self {
            version,
            dynamics: of(dynamics),
            shown: of(shown),
        }
    }
}

/// `None` if the attribute is there and `read` makes nothing of it.
#[expect(clippy::option_option, reason = "damaged, or absent")]
fn optional<T>(
    item: &Item,
    name: &str,
    read: impl FnOnce(&Item, &str) -> Option<T>,
) -> Option<Option<T>> {
    match item.get(name) {
        Some(_) => read(item, name).map(Some),
        None => Some(None),
    }
}

fn read_texts<C: FromIterator<String>>(item: &Item, name: &str) -> Option<C> {
    let texts = item.get(name)?.as_l().ok()?;
    texts.iter().map(|one| one.as_s().ok().cloned()).collect()
}

/// A map with one entry, whose name says what it is.
fn tagged(name: &str, value: AttributeValue) -> AttributeValue {
    AttributeValue::M(Item::from([(name.to_owned(), value)]))
}

fn key_attribute(key: &ChangeKey) -> AttributeValue {
    match key {
        ChangeKey::Id(id) => tagged("id", text(id)),
        ChangeKey::Fields(fields) => tagged("fields", map_of(fields)),
    }
}

fn read_key(key: &AttributeValue) -> Option<ChangeKey> {
    let key = key.as_m().ok()?;
    match key.get("fields") {
        Some(fields) => read_map(fields).map(ChangeKey::Fields),
        None => parsed_text(key, "id").map(ChangeKey::Id),
    }
}

fn wanted_attribute(fields: &BTreeMap<String, Wanted>) -> AttributeValue {
    let one = |(name, wanted): (&String, &Wanted)| {
        let wanted = match wanted {
            Wanted::Value(value) => tagged("value", value.to_attribute()),
            Wanted::Row(key) => tagged("row", map_of(key)),
        };
        (name.clone(), wanted)
    };
    AttributeValue::M(fields.iter().map(one).collect())
}

fn read_wanted(fields: &AttributeValue) -> Option<BTreeMap<String, Wanted>> {
    let one = |(name, wanted): (&String, &AttributeValue)| {
        let wanted = wanted.as_m().ok()?;
        let wanted = match wanted.get("row") {
            Some(key) => Wanted::Row(read_map(key)?),
            None => Wanted::Value(crate::Value::from_attribute(wanted.get("value")?)?),
        };
        Some((name.clone(), wanted))
    };
    fields.as_m().ok()?.iter().map(one).collect()
}

fn origin_attribute(origin: &Origin) -> AttributeValue {
    match origin {
        Origin::App { key } => tagged("app", text(key)),
        Origin::Expiry { by } => tagged("expiry", text(by)),
        Origin::Renewal { by } => tagged("renewal", text(by)),
        Origin::Assertion => tagged("assertion", AttributeValue::Bool(true)),
    }
}

fn read_origin(origin: &AttributeValue) -> Option<Origin> {
    let (kind, of) = origin.as_m().ok()?.iter().next()?;
    let of = || of.as_s().ok().cloned();
    Some(match kind.as_str() {
        "app" => Origin::App { key: of()? },
        "expiry" => Origin::Expiry { by: of()? },
        "renewal" => Origin::Renewal { by: of()? },
        "assertion" => Origin::Assertion,
        _ => return None,
    })
}

fn base_attribute(base: &Base) -> AttributeValue {
    AttributeValue::M(Item::from([
        ("version".to_owned(), number(base.version)),
        ("dynamics".to_owned(), map_of(&base.dynamics)),
        ("shown".to_owned(), map_of(&base.shown)),
    ]))
}

fn read_base(base: &AttributeValue) -> Option<Base> {
    let base = base.as_m().ok()?;
    Some(Base {
        version: parsed(base, "version")?,
        dynamics: read_map(base.get("dynamics")?)?,
        shown: read_map(base.get("shown")?)?,
    })
}
