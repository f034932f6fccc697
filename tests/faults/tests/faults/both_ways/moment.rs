//! Both sides and all changes at a moment, as they are stored: read past the product, so that nothing of
//! it can hide here.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value as Json, json};

use super::streams::{Of, RowId, in_dynamics};
use crate::frozen::{Item, items_of};
use crate::world::World;

/// By the app's names, as Dynamics has them; what is empty is null.
pub(super) type Values = BTreeMap<String, Json>;

#[derive(Clone, Debug, Default)]
pub(super) struct Moment {
    pub(super) rows: BTreeMap<RowId, Row>,
    pub(super) records: BTreeMap<RowId, Record>,
    pub(super) changes: BTreeMap<String, Stand>,
}

/// A row of Dynamics'.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) active: bool,
    pub(super) version: i64,
    pub(super) values: Values,
}

/// A live record of the copy.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) version: i64,
    pub(super) dynamics: Values,
    pub(super) pending: Values,
    pub(super) shown: Values,
    pub(super) unverified: bool,
    /// What the expiries of other streams lay over it.
    pub(super) hidden: Values,
}

/// How a change stands.
#[derive(Clone, Debug)]
pub(super) struct Stand {
    pub(super) of: Of,
    pub(super) origin: Origin,
    pub(super) operation: String,
    pub(super) state: String,
    pub(super) sequence: u64,
    pub(super) row: Option<String>,
    pub(super) names: BTreeSet<String>,
    pub(super) lost: BTreeSet<String>,
    pub(super) reason: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Origin {
    App,
    Expiry,
    Renewal,
}

impl Moment {
    pub(super) async fn of(world: &World) -> Self {
        let mut moment = Self::default();
        for of in Of::ALL {
            for row in world.simulator.truth(of.table()).unwrap() {
                let id = row[of.primary_key()].as_str().unwrap().to_owned();
                let values = of
                    .fields()
                    .iter()
                    .map(|(name, property)| ((*name).to_owned(), in_dynamics("", &row[*property])));
                let row = Row {
                    active: row["statecode"] != json!(1),
                    version: row["versionnumber"].as_i64().unwrap(),
                    values: values.collect(),
                };
                moment.rows.insert((of, id), row);
            }
        }
        let client = world.dynamodb();
        for item in items_of(&client, "records").await {
            let (stream, _) = item["pk"].as_s().unwrap().split_once('#').unwrap();
            let id = item["id"].as_s().unwrap();
            if id != "as_of" && !item.contains_key("deleted") {
                let row = (Of::of_stream(stream), id.clone());
                moment.records.insert(row, Record::of(&item));
            }
        }
        for item in items_of(&client, "changes").await {
            if let Some(id) = item["pk"].as_s().unwrap().strip_prefix("change#") {
                moment.changes.insert(id.to_owned(), Stand::of(&item));
            }
        }
        moment
    }

    /// The rows with this key, as Dynamics compares it.
    pub(super) fn with_key(&self, of: Of, key: &str) -> Vec<&RowId> {
        let rows = self.rows.iter();
        rows.filter(|(id, row)| id.0 == of && is(&row.values[of.key()], key))
            .map(|(id, _)| id)
            .collect()
    }

    /// The only record with this key.
    pub(super) fn record_with_key(&self, of: Of, key: &str) -> Option<&RowId> {
        let has = |record: &Record| {
            record
                .dynamics
                .get(of.key())
                .is_some_and(|one| is(one, key))
        };
        let records = self.records.iter();
        let mut found = records.filter(|(id, record)| id.0 == of && has(record));
        match (found.next(), found.next()) {
            (Some((id, _)), None) => Some(id),
            _ => None,
        }
    }
}

fn is(value: &Json, key: &str) -> bool {
    let value = value.as_str().unwrap_or_default();
    value.to_lowercase() == key.to_lowercase()
}

impl Record {
    fn of(item: &Item) -> Self {
        let none = Item::new();
        let map = |name: &str| item.get(name).map_or(&none, |map| map.as_m().unwrap());
        let wanted = |want: &AttributeValue| want.as_m().unwrap()["value"].clone();
        let pending = map("pending").iter();
        let pending = pending.map(|(name, want)| (name.clone(), wanted(want)));
        let by = map("hidden_by").values();
        Self {
            version: item["version"].as_n().unwrap().parse().unwrap(),
            dynamics: values(map("dynamics")),
            pending: values(&pending.collect()),
            shown: values(map("fields")),
            unverified: item.contains_key("unverified"),
            hidden: by
                .flat_map(|one| values(one.as_m().unwrap()["values"].as_m().unwrap()))
                .collect(),
        }
    }

    /// What Dynamics has, overlaid by what waits for it.
    pub(super) fn wanted(&self) -> Values {
        let (dynamics, pending) = (self.dynamics.clone(), self.pending.clone());
        dynamics.into_iter().chain(pending).collect()
    }
}

fn values(map: &Item) -> Values {
    let value = |name: &str, value: &AttributeValue| match value {
        AttributeValue::S(text) => in_dynamics(name, &json!(text)),
        AttributeValue::N(digits) => digits.parse().unwrap(),
        AttributeValue::Bool(truth) => json!(truth),
        AttributeValue::Null(_) => Json::Null,
        other => panic!("{other:?} is no value of a field"),
    };
    let all = map.iter();
    all.map(|(name, of)| (name.clone(), value(name, of)))
        .collect()
}

impl Stand {
    fn of(item: &Item) -> Self {
        let text = |name: &str| item.get(name).map(|text| text.as_s().unwrap().clone());
        let names = |name: &str| {
            let list = item[name].as_l().unwrap().iter();
            list.map(|one| one.as_s().unwrap().clone()).collect()
        };
        let origin = item["origin"].as_m().unwrap();
        Self {
            of: Of::of_stream(&text("stream").unwrap()),
            origin: match origin.keys().next().map(String::as_str) {
                Some("app") => Origin::App,
                Some("expiry") => Origin::Expiry,
                Some("renewal") => Origin::Renewal,
                other => panic!("nobody expects an origin {other:?}"),
            },
            operation: text("operation").unwrap(),
            state: text("state").unwrap(),
            sequence: item["sequence"].as_n().unwrap().parse().unwrap(),
            row: text("row"),
            names: names("names"),
            lost: names("lost"),
            reason: text("reason").unwrap_or_default(),
        }
    }

    pub(super) fn is(&self, state: &str) -> bool {
        self.state == state
    }
}
