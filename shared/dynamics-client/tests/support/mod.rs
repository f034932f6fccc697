//! A client against a scripted server, on a clock that moves only when told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use clock::{Clock, ManualClock};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, Column, ColumnKind, Counters, Credential,
    DynamicsClient, HttpTransport, InstanceUrl, Link, PageRequest, Query, Table, TableKind,
    Transport, TransportError,
};
use futures::future::BoxFuture;
use http::{Request, Response};
use jiff::Timestamp;

#[allow(dead_code, reason = "each test binary uses its own part")]
pub(crate) mod contact;
mod server;
pub(crate) mod stage;
#[allow(dead_code, reason = "each test binary uses its own part")]
pub(crate) mod unusable;

#[allow(unused_imports, reason = "each test binary uses its own part")]
pub(crate) use server::{Reply, Seen, Server};

/// Holds characters that a form must encode.
pub(crate) const SECRET: &str = "h+nt er2/~&=ø";

pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) clock: ManualClock,
    pub(crate) client: DynamicsClient,
    pub(crate) counters: Arc<Counters>,
    wire: Arc<Mutex<Wire>>,
}

pub(crate) fn config(instance: &str, authority: &str, share: f64) -> ClientConfig {
    ClientConfig {
        instance: InstanceUrl::parse(instance).unwrap(),
        tenant: "hlf.example".into(),
        client_id: "8f1b".into(),
        credential: Credential::ClientSecret(SECRET.into()),
        authority: AuthorityHost::parse(authority).unwrap(),
        budget_share: BudgetShare::new(share).unwrap(),
    }
}

/// What was seen on the way out.
#[derive(Default)]
struct Wire {
    sends: Vec<Timestamp>,
    under_way: usize,
    most_under_way: usize,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with_share(1.0).await
    }

    pub(crate) async fn with_share(share: f64) -> Self {
        let server = Server::start().await;
        let clock = ManualClock::at("2026-11-20T02:00:00Z".parse().unwrap());
        let wire = Arc::default();
        let transport = Timed {
            inner: HttpTransport::new().unwrap(),
            clock: clock.clone(),
            wire: Arc::clone(&wire),
        };
        let config = config(&server.url(), &server.url(), share);
        let counters = Arc::<Counters>::default();
        let client = DynamicsClient::new(config, Arc::new(transport), Arc::new(clock.clone()), 42)
            .counting(Arc::clone(&counters));
        Self {
            server,
            clock,
            client,
            counters,
            wire,
        }
    }

    /// When each request was sent, by the manual clock.
    pub(crate) fn sends(&self) -> Vec<Timestamp> {
        self.wire.lock().unwrap().sends.clone()
    }

    /// The most requests that were under way at the same time.
    pub(crate) fn most_under_way(&self) -> usize {
        self.wire.lock().unwrap().most_under_way
    }

    pub(crate) fn slept_s(&self) -> Vec<u64> {
        self.clock
            .slept()
            .iter()
            .map(|slept| slept.as_secs())
            .collect()
    }

    /// The error of reading contacts against `replies`.
    pub(crate) async fn error(
        &self,
        replies: impl IntoIterator<Item = Reply>,
    ) -> dynamics_client::Error {
        self.server.script(replies);
        self.client.page(&contacts()).await.unwrap_err()
    }

    /// The error text, with the server's changing address taken out.
    pub(crate) async fn error_text(&self, replies: impl IntoIterator<Item = Reply>) -> String {
        let text = self.error(replies).await.to_string();
        text.replace(&self.server.url(), "https://contoso.example")
    }
}

/// A transport that notes the manual clock's time of every request.
struct Timed {
    inner: HttpTransport,
    clock: ManualClock,
    wire: Arc<Mutex<Wire>>,
}

impl Transport for Timed {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            {
                let mut wire = self.wire.lock().unwrap();
                wire.sends.push(self.clock.now());
                wire.under_way += 1;
                wire.most_under_way = wire.most_under_way.max(wire.under_way);
            }
            let answer = self.inner.send(request).await;
            self.wire.lock().unwrap().under_way -= 1;
            answer
        })
    }
}

pub(crate) fn contacts() -> PageRequest {
    Query::new("contacts").select(["fullname"]).into()
}

#[allow(dead_code, reason = "each test binary uses its own part")]
pub(crate) fn contact_table() -> Table {
    Table {
        logical_name: "contact".into(),
        entity_set: "contacts".into(),
        primary_id: "contactid".into(),
        primary_name: Some("fullname".into()),
        change_tracking: true,
        kind: TableKind::Standard,
        is_activity: false,
        has_state: true,
        privileges: BTreeMap::new(),
        columns: BTreeMap::new(),
    }
}

/// The same, read with these columns.
#[allow(dead_code, reason = "each test binary uses its own part")]
pub(crate) fn contact_table_with(columns: &[(&str, ColumnKind)]) -> Table {
    let column = |(name, kind): &(&str, ColumnKind)| {
        let column = Column {
            kind: kind.clone(),
            readable: true,
            creatable: true,
            updatable: true,
            required: None,
            secured: false,
            secured_on_create: false,
            secured_on_update: false,
        };
        ((*name).to_owned(), column)
    };
    Table {
        columns: columns.iter().map(column).collect(),
        ..contact_table()
    }
}

pub(crate) fn saved(link: String) -> PageRequest {
    PageRequest::changes(Link::from(link), Some(500))
}

pub(crate) fn empty_page() -> Reply {
    Reply::json(200, r#"{"value":[]}"#)
}
