//! An empty store on an embedded engine, and the raw client to look past it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use local_store::LocalStore;
use std::collections::HashMap;
use sync_store::{
    Acquired, Cursor, CursorKind, DynamicsRow, Fields, Hiding, Lease, Mark, Position, Store,
    TableNames, Value,
};

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
        self.wired(number, Fault::Before(before))
    }

    /// The same store on a wire of its own, where call `number` is answered by this error of DynamoDB's.
    pub(crate) fn answering(&self, number: u64, error: &'static str) -> Store {
        self.wired(number, Fault::Instead(error))
    }

    fn wired(&self, number: u64, fault: Fault) -> Store {
        let client = Interposed {
            number,
            fault,
            tables: self.clone(),
            calls: Arc::default(),
            http: aws_smithy_http_client::Builder::new().build_http(),
        };
        Store::new(self.engine.config().http_client(client), table_names())
    }

    /// The item of the stream's cursor as it is, or any other of the state table.
    pub(crate) async fn raw_state(&self, pk: &str, sk: &str) -> Option<Item> {
        let answer = self
            .raw
            .get_item()
            .table_name("state")
            .key("pk", AttributeValue::S(pk.into()))
            .key("sk", AttributeValue::S(sk.into()))
            .send()
            .await
            .unwrap();
        answer.item
    }

    /// Puts an item of the state table past the store.
    pub(crate) async fn plant(&self, pk: &str, sk: &str, attributes: &[(&str, AttributeValue)]) {
        let mut put = self
            .raw
            .put_item()
            .table_name("state")
            .item("pk", AttributeValue::S(pk.into()))
            .item("sk", AttributeValue::S(sk.into()));
        for (name, value) in attributes {
            put = put.item(*name, value.clone());
        }
        put.send().await.unwrap();
    }

    /// Puts the item of the stream's cursor past the store.
    pub(crate) async fn plant_cursor(&self, attributes: &[(&str, AttributeValue)]) {
        self.plant("stream#members", "cursor", attributes).await;
    }

    /// Any item of the changes table.
    pub(crate) async fn raw_change(&self, pk: &str, sk: &str) -> Option<Item> {
        let answer = self
            .raw
            .get_item()
            .table_name("changes")
            .key("pk", AttributeValue::S(pk.into()))
            .key("sk", AttributeValue::S(sk.into()))
            .send()
            .await
            .unwrap();
        answer.item
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

/// A cursor at this position.
pub(crate) fn cursor(position: Position) -> Cursor {
    Cursor {
        generation: 1,
        organization: "org".into(),
        fingerprint: "abc".into(),
        kind: CursorKind::ChangeTracking,
        page_size: 5_000,
        full_by: None,
        swept: true,
        walk: None,
        witness: None,
        vanished: 0,
        live: None,
        position,
    }
}

/// A cursor with everything stored.
pub(crate) fn settled(link: &str) -> Cursor {
    let mark = Mark::Delta(link.into());
    cursor(Position::Settled { mark })
}

/// A cursor in the middle of changes.
pub(crate) fn reading() -> Cursor {
    cursor(Position::Reading {
        mark: Mark::Delta("d".into()),
        next: "n".into(),
        since: now(),
    })
}

/// Takes the stream at this second.
pub(crate) async fn take(store: &Store, owner: &str, seconds: i64) -> (Lease, Option<Cursor>) {
    match store
        .acquire("members", owner, later(seconds))
        .await
        .unwrap()
    {
        Acquired::Granted { lease, cursor, .. } => (lease, cursor),
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
        revives: false,
    }
}

/// The rule of a stream without an expiry.
pub(crate) fn never(_: &Fields, _: bool) -> Hiding {
    Hiding::default()
}

fn table_names() -> TableNames {
    TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    }
}

pub(crate) type Before = fn(&Tables) -> BoxFuture<'_, ()>;

/// What happens to one of the calls.
#[derive(Clone, Debug)]
enum Fault {
    /// Something else happens just before it.
    Before(Before),
    /// It does not get through, and this error is its answer.
    Instead(&'static str),
}

/// A wire on which something happens to one of the calls.
#[derive(Clone, Debug)]
struct Interposed {
    number: u64,
    fault: Fault,
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
                match wire.fault {
                    Fault::Before(before) => before(&wire.tables).await,
                    Fault::Instead(error) => {
                        let status = StatusCode::try_from(400).unwrap();
                        return Ok(HttpResponse::new(status, error.into()));
                    }
                }
            }
            connector.call(request).await
        })
    }
}
