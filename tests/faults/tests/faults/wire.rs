//! The two seams of the product, counted and cut: every call to Dynamics and to DynamoDB gets a number,
//! and at an ordered number the process "dies": the call never comes back, before or after it took
//! effect, and whoever waits for it is dropped.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use dynamics_client::{HttpTransport, Transport, TransportError};
use futures::future::{BoxFuture, pending};
use http::{Request, Response};
use tokio::sync::Notify;

/// Where the wire is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cut {
    Never,
    /// The call with this number, counted from 1, never reaches the other side.
    Before(u64),
    /// It takes effect there, and the answer is lost.
    After(u64),
}

/// Looks at the world at a place where the wire could be cut.
pub(crate) type Look = Arc<dyn Fn(Cut) -> BoxFuture<'static, ()> + Send + Sync>;

/// One process's wire to everything outside.
#[derive(Clone)]
pub(crate) struct Wire {
    cut: Cut,
    look: Option<Look>,
    calls: Arc<AtomicU64>,
    died: Arc<Notify>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("cut", &self.cut)
            .finish_non_exhaustive()
    }
}

impl Wire {
    pub(crate) fn new(cut: Cut) -> Self {
        Self {
            cut,
            look: None,
            calls: Arc::default(),
            died: Arc::default(),
        }
    }

    /// A whole wire; `look` is called before and after each call.
    pub(crate) fn watched(look: Look) -> Self {
        Self::new(Cut::Never).looked_at(look)
    }

    /// The same wire, at which somebody also looks: `look` is called before and after each call.
    pub(crate) fn looked_at(self, look: Look) -> Self {
        Self {
            look: Some(look),
            ..self
        }
    }

    /// How many calls were made.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Returns when the process has died.
    pub(crate) async fn died(&self) {
        self.died.notified().await;
    }

    async fn call<T>(&self, call: impl Future<Output = T>) -> T {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        self.pass(Cut::Before(number)).await;
        let answer = call.await;
        self.pass(Cut::After(number)).await;
        answer
    }

    /// Goes on, unless it is cut here.
    async fn pass(&self, here: Cut) {
        if let Some(look) = &self.look {
            look(here).await;
        }
        if self.cut == here {
            self.died.notify_one();
            pending::<()>().await;
        }
    }
}

/// The wire to Dynamics and Entra.
pub(crate) struct WiredTransport {
    wire: Wire,
    http: HttpTransport,
    /// Called with the number of answers so far, after each answer.
    after_each: Box<dyn Fn(u64) + Send + Sync>,
    answers: AtomicU64,
}

impl WiredTransport {
    pub(crate) fn new(wire: Wire, after_each: impl Fn(u64) + Send + Sync + 'static) -> Self {
        let http = HttpTransport::new().unwrap();
        Self {
            wire,
            http,
            after_each: Box::new(after_each),
            answers: AtomicU64::new(0),
        }
    }
}

impl Transport for WiredTransport {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async {
            let answer = self.wire.call(self.http.send(request)).await;
            (self.after_each)(self.answers.fetch_add(1, Ordering::SeqCst) + 1);
            answer
        })
    }
}

/// The wire to DynamoDB.
#[derive(Debug)]
pub(crate) struct WiredAws {
    wire: Wire,
    http: SharedHttpClient,
    throttle: Throttle,
    nap: Nap,
}

/// How many of the records table's writes DynamoDB throttles: all but every `one_in`-th, until `left`
/// have been.
#[derive(Clone, Debug, Default)]
pub(crate) struct Throttle {
    pub(crate) one_in: u64,
    pub(crate) left: Arc<AtomicU64>,
    /// Writes of several items at once too.
    transactions: bool,
    seen: Arc<AtomicU64>,
}

impl Throttle {
    pub(crate) fn all_but_one_in(one_in: u64, left: u64) -> Self {
        Self {
            one_in,
            left: Arc::new(AtomicU64::new(left)),
            ..Self::default()
        }
    }

    /// The same, and writes of several items at once with them.
    pub(crate) fn and_transactions(self) -> Self {
        Self {
            transactions: true,
            ..self
        }
    }

    fn strikes(&self, request: &HttpRequest) -> bool {
        let strikable = writes_a_record(request) || (self.transactions && is_transaction(request));
        if !strikable {
            return false;
        }
        let passes = self.one_in > 0
            && self
                .seen
                .fetch_add(1, Ordering::SeqCst)
                .is_multiple_of(self.one_in);
        let one_less = |left: u64| left.checked_sub(1);
        !passes
            && self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                .is_ok()
    }
}

/// Whether a request writes several items, all or none.
fn is_transaction(request: &HttpRequest) -> bool {
    let target = request.headers().get("x-amz-target");
    target.is_some_and(|target| target.ends_with("TransactWriteItems"))
}

/// Whether a request writes to the records table.
fn writes_a_record(request: &HttpRequest) -> bool {
    let is_record = |bytes: &[u8]| bytes.windows(9).any(|part| part == b"\"records\"");
    let is_write = request
        .headers()
        .get("x-amz-target")
        .is_some_and(|target| target.ends_with("PutItem") || target.ends_with("UpdateItem"));
    is_write && request.body().bytes().is_some_and(is_record)
}

/// A process falls asleep just before one of its writes of records is sent, and wakes up when told to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nap {
    /// Before which writes, counted from 1.
    before: Vec<u64>,
    seen: Arc<AtomicU64>,
    asleep: Arc<Notify>,
    wake: Arc<Notify>,
}

impl Nap {
    pub(crate) fn before(writes: &[u64]) -> Self {
        Self {
            before: writes.to_vec(),
            ..Self::default()
        }
    }

    pub(crate) async fn fallen_asleep(&self) {
        self.asleep.notified().await;
    }

    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    async fn take(&self) {
        self.asleep.notify_one();
        self.wake.notified().await;
    }

    fn is_due(&self, request: &HttpRequest) -> bool {
        writes_a_record(request)
            && self
                .before
                .contains(&(self.seen.fetch_add(1, Ordering::SeqCst) + 1))
    }
}

impl WiredAws {
    pub(crate) fn new(wire: Wire, throttle: Throttle, nap: Nap) -> Self {
        Self {
            wire,
            http: aws_smithy_http_client::Builder::new().build_http(),
            throttle,
            nap,
        }
    }
}

fn throttled() -> HttpResponse {
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}"#;
    let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    response
}

impl HttpClient for WiredAws {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(WiredConnector {
            wire: self.wire.clone(),
            http: self.http.http_connector(settings, components),
            throttle: self.throttle.clone(),
            nap: self.nap.clone(),
        })
    }
}

#[derive(Debug)]
struct WiredConnector {
    wire: Wire,
    http: SharedHttpConnector,
    throttle: Throttle,
    nap: Nap,
}

impl HttpConnector for WiredConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.throttle.strikes(&request) {
            return HttpConnectorFuture::ready(Ok(throttled()));
        }
        let nap = self.nap.is_due(&request).then(|| self.nap.clone());
        let wire = self.wire.clone();
        let http = self.http.clone();
        HttpConnectorFuture::new(async move {
            if let Some(nap) = nap {
                nap.take().await;
            }
            wire.call(http.call(request)).await
        })
    }
}
