//! The two seams of the product, counted and cut: every call to Dynamics and to DynamoDB gets a number,
//! and at an ordered number the process "dies": the call never comes back, before or after it took
//! effect, and whoever waits for it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
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

/// One process's wire to everything outside.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    cut: Cut,
    calls: Arc<AtomicU64>,
    died: Arc<Notify>,
}

impl Wire {
    pub(crate) fn new(cut: Cut) -> Self {
        Self {
            cut,
            calls: Arc::default(),
            died: Arc::default(),
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
        if self.cut == Cut::Before(number) {
            self.die().await;
        }
        let answer = call.await;
        if self.cut == Cut::After(number) {
            self.die().await;
        }
        answer
    }

    async fn die(&self) {
        self.died.notify_one();
        pending::<()>().await;
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
}

impl WiredAws {
    pub(crate) fn new(wire: Wire) -> Self {
        Self {
            wire,
            http: aws_smithy_http_client::Builder::new().build_http(),
        }
    }
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
        })
    }
}

#[derive(Debug)]
struct WiredConnector {
    wire: Wire,
    http: SharedHttpConnector,
}

impl HttpConnector for WiredConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.wire.clone();
        let answer = self.http.call(request);
        HttpConnectorFuture::new(async move { wire.call(answer).await })
    }
}
