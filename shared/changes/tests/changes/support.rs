//! A stream file, an empty store on an embedded engine, and calls to it.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{AsyncSleep, SharedAsyncSleep, Sleep};
use bytes::Bytes;
use changes::Changes;
use clock::ManualClock;
use futures::TryStreamExt;
use http::{HeaderMap, Request, StatusCode};
use local_store::LocalStore;
use serde_json::{Value, json};
use streams::StreamFile;
use sync_engine::ExpiryRule;
use sync_store::{
    Acquired, Change, ChangeState, DynamicsRow, Fields, Record, Settlement, Store, TableNames,
};
use web::{Caller, Scopes};

pub(crate) const KARI: &str = "3f0e1c9a-0000-4000-8000-000000000001";
pub(crate) const NOW: &str = "2026-11-20T12:00:00Z";
/// Streams of every direction, and a field of every kind.
pub(crate) const FILE: &str = include_str!("streams.toml");

/// Changes on an empty store, with the clock at [`NOW`].
pub(crate) struct World {
    pub(crate) changes: Changes,
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    raw: Client,
    engine: LocalStore,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        let engine = LocalStore::in_memory().await.unwrap();
        let store = Store::new(engine.config(), tables());
        store.create_tables().await.unwrap();
        let clock = ManualClock::at(NOW.parse().unwrap());
        Self {
            changes: Changes::new(store.clone(), file(), Arc::new(clock.clone())),
            raw: Client::from_conf(engine.config().build()),
            store,
            clock,
            engine,
        }
    }

    /// The same changes with another stream file.
    pub(crate) fn with_file(&self, text: &str) -> Changes {
        let file = StreamFile::parse(text, "streams.toml").unwrap();
        Changes::new(self.store.clone(), file, Arc::new(self.clock.clone()))
    }

    /// The same changes on tables that never answer in time.
    pub(crate) fn with_silent_tables(&self) -> Changes {
        let config = self
            .engine
            .config()
            .sleep_impl(SharedAsyncSleep::new(NoTime));
        let store = Store::new(config, tables());
        Changes::new(store, file(), Arc::new(self.clock.clone()))
    }

    pub(crate) async fn remove_tables(&self) {
        for name in ["state", "records", "changes"] {
            self.raw
                .delete_table()
                .table_name(name)
                .send()
                .await
                .unwrap();
        }
    }

    /// A call of the app's, which may read, hand in and decide.
    pub(crate) async fn call(&self, call: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.call_as("read changes run", call, headers, body).await
    }

    pub(crate) async fn call_as(
        &self,
        scopes: &str,
        call: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let caller = Caller {
            key: "app".into(),
            scopes: Scopes::parse(scopes),
        };
        let (method, address) = call.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::copy_from_slice(body)).unwrap();
        let response = self.changes.handle(&caller, request).await;
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: String::from_utf8(response.body().to_vec()).unwrap(),
        }
    }

    /// Hands in a body under a key.
    pub(crate) async fn hand_in(&self, key: &str, body: &Value) -> Answer {
        self.hand_in_text(key, &body.to_string()).await
    }

    pub(crate) async fn hand_in_text(&self, key: &str, body: &str) -> Answer {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        self.call("POST /changes", &headers, body.as_bytes()).await
    }

    /// Hands in a body that is taken in; its id.
    pub(crate) async fn accepted(&self, key: &str, body: &Value) -> String {
        let answer = self.hand_in(key, body).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, address: &str) -> Value {
        let answer = self.call(&format!("GET {address}"), &[], b"").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn change(&self, id: &str) -> Change {
        self.store.change(id).await.unwrap().unwrap()
    }

    /// How many items the changes table has, counters too.
    pub(crate) async fn items(&self) -> usize {
        let scan = self.raw.scan().table_name("changes").send().await.unwrap();
        scan.items().len()
    }

    /// Kari's certification comes from Dynamics.
    pub(crate) async fn pull(&self, version: i64, fields: &[(&str, sync_store::Value)]) {
        let now = NOW.parse().unwrap();
        let granted = self.store.acquire("certifications", "run", now).await;
        let Acquired::Granted { lease, .. } = granted.unwrap() else {
            panic!("the stream is held")
        };
        let fields = fields.iter().cloned();
        let mut fields: Fields = fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        fields.insert("mentor_code".into(), text("M-1001"));
        let row = DynamicsRow {
            id: KARI.into(),
            generation: 1,
            version,
            modified_on: Some(now),
            fields,
            business_key: Some("certifications#m-1001".into()),
            revives: false,
        };
        let file = file();
        let rule = ExpiryRule::of(&file.streams[1], &file.time_zone, now);
        let rule = &|fields: &_, unverified| rule.hiding(fields, unverified);
        self.store.put_row(&lease, &row, rule, now).await.unwrap();
        self.store.release(lease).await.unwrap();
    }

    /// Kari's certification as the app reads it.
    pub(crate) async fn record(&self) -> Record {
        let [record] = <[Record; 1]>::try_from(self.records().await).unwrap();
        record
    }

    pub(crate) async fn records(&self) -> Vec<Record> {
        let records = self.store.records("certifications");
        records.try_collect().await.unwrap()
    }

    /// A run has carried the change out, or could not.
    pub(crate) async fn settle(&self, id: &str, settlement: Settlement) {
        let change = self.change(id).await;
        let settled = self
            .store
            .settle(&change, &settlement, &|_, _| Default::default());
        assert!(settled.await.unwrap());
    }

    pub(crate) async fn settle_as(&self, id: &str, state: ChangeState) {
        self.settle(id, Settlement::new(state, NOW.parse().unwrap()))
            .await;
    }
}

/// Every wait is over at once, and so is every time limit.
#[derive(Debug)]
struct NoTime;

impl AsyncSleep for NoTime {
    fn sleep(&self, _: std::time::Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}

fn tables() -> TableNames {
    TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    /// The code of the problem, which its type, its status and its media type agree with.
    pub(crate) fn problem(&self) -> String {
        let problem = self.json();
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(problem["status"], self.status);
        let code = problem["code"].as_str().unwrap();
        assert_eq!(problem["type"], format!("/problems/{code}"));
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        assert!(StatusCode::from_u16(self.status).unwrap().as_u16() >= 400);
        code.to_owned()
    }

    /// What is wrong with single members: pointer and code.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let faults = problem["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let one = |fault: &Value| (text(&fault["pointer"]), text(&fault["code"]));
        faults.iter().map(one).collect()
    }
}

pub(crate) fn file() -> StreamFile {
    StreamFile::parse(FILE, "streams.toml").unwrap()
}

pub(crate) fn text(text: &str) -> sync_store::Value {
    sync_store::Value::Text(text.into())
}

/// Kari's certification is renewed.
pub(crate) fn renewal() -> Value {
    json!({
        "stream": "certifications",
        "operation": "update",
        "key": { "mentor_code": "M-1001" },
        "fields": { "status": "active", "valid_to": "2027-03-31" },
    })
}

/// The same with one member another one, or without it if that is null.
pub(crate) fn renewal_with(member: &str, value: Value) -> Value {
    let mut body = renewal();
    match value {
        Value::Null => drop(body.as_object_mut().unwrap().remove(member)),
        value => body[member] = value,
    }
    body
}
