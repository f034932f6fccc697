//! An empty store on an embedded engine, and the raw client to look past it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use local_store::LocalStore;
use std::collections::HashMap;
use sync_store::{Acquired, Cursor, DynamicsRow, Fields, Lease, Store, TableNames, Value};

#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) store: Store,
    pub(crate) raw: Client,
    /// Of a run that has the stream to itself.
    pub(crate) lease: Lease,
    engine: Arc<LocalStore>,
}

pub(crate) type Item = HashMap<String, AttributeValue>;

impl Tables {
    pub(crate) async fn empty() -> Self {
        let engine = LocalStore::in_memory().await.unwrap();

        let store = Store::new(engine.config(), table_names());
        store.create_tables().await.unwrap();
        let (lease, _) = take(&store, "run", 0).await;
        store.release(lease.clone()).await.unwrap();
        let raw = Client::from_conf(engine.config().build());
        Self {
            store,
            raw,
            lease,
            engine: Arc::new(engine),
        }
    }

    /// The same store on a wire of its own, where `before` happens just before call `number`.
    pub(crate) fn interposed(&self, number: u64, before: Before) -> Store {
        let client = Interposed {
            number,
            before,
            tables: self.clone(),
            calls: Arc::default(),
            http: aws_smithy_http_client::Builder::new().build_http(),
        };
        Store::new(self.engine.config().http_client(client), table_names())
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

/// Takes the stream at this second.
pub(crate) async fn take(store: &Store, owner: &str, seconds: i64) -> (Lease, Option<Cursor>) {
    match store
        .acquire("members", owner, later(seconds))
        .await
        .unwrap()
    {
        Acquired::Granted(lease, cursor) => (lease, cursor),
        Acquired::Held { owner, .. } => panic!("held by {owner}"),
    }
}

/// Nobody else gets the stream at this second.
pub(crate) async fn assert_held(store: &Store, other: &str, seconds: i64) {
    let asked = store
        .acquire("members", other, later(seconds))
        .await
        .unwrap();
    assert!(matches!(asked, Acquired::Held { .. }), "{asked:?}");
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

fn table_names() -> TableNames {
    TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    }
}

pub(crate) type Before = fn(&Tables) -> BoxFuture<'_, ()>;

/// A wire on which something else happens just before one of the calls.
#[derive(Clone, Debug)]
struct Interposed {
    number: u64,
    before: Before,
    tables: Tables,
    calls: Arc<AtomicU64>,
    http: SharedHttpClient,
}

impl HttpClient for Interposed {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.http.http_connector(settings, components);
        SharedHttpConnector::new(InterposedConnector {
            wire: self.clone(),
            connector,
        })
    }
}

#[derive(Debug)]
struct InterposedConnector {
    wire: Interposed,
    connector: SharedHttpConnector,
}

impl HttpConnector for InterposedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.wire.clone();
        let connector = self.connector.clone();
        HttpConnectorFuture::new(async move {
            if wire.calls.fetch_add(1, Ordering::SeqCst) + 1 == wire.number {
                (wire.before)(&wire.tables).await;
            }
            connector.call(request).await
        })
    }
}
