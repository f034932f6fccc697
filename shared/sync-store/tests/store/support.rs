//! An empty store on an embedded engine, and the raw client to look past it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use local_store::LocalStore;
use std::collections::HashMap;
use sync_store::{DynamicsRow, Fields, Store, TableNames, Value};

pub(crate) struct Tables {
    pub(crate) store: Store,
    pub(crate) raw: Client,
    _engine: LocalStore,
}

pub(crate) type Item = HashMap<String, AttributeValue>;

impl Tables {
    pub(crate) async fn empty() -> Self {
        let engine = LocalStore::in_memory().await.unwrap();
        let tables = TableNames {
            state: "state".into(),
            records: "records".into(),
            changes: "changes".into(),
        };
        let store = Store::new(engine.config(), tables);
        store.create_tables().await.unwrap();
        let raw = Client::from_conf(engine.config().build());
        Self {
            store,
            raw,
            _engine: engine,
        }
    }

    pub(crate) async fn raw_record(&self, id: &str) -> Option<Item> {
        let pk = format!("members#{}", &id[..1]);
        let answer = self
            .raw
            .get_item()
            .table_name("records")
            .key("pk", AttributeValue::S(pk))
            .key("id", AttributeValue::S(id.into()))
            .send()
            .await
            .unwrap();
        answer.item
    }
}

pub(crate) const KARI: &str = "3f0e1c9a-0000-4000-8000-000000000001";

pub(crate) fn now() -> Timestamp {
    "2026-11-20T23:10:00Z".parse().unwrap()
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// A row of generation 1 with one field.
pub(crate) fn row(id: &str, version: i64, name: &str) -> DynamicsRow {
    DynamicsRow {
        id: id.into(),
        generation: 1,
        version,
        modified_on: Some(now()),
        fields: Fields::from([("name".into(), text(name))]),
        business_key: Some(format!("members#{name}")),
    }
}
