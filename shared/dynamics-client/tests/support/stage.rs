//! A client on a scripted wire without a network, for what must be seen between two polls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use clock::{Clock, ManualClock};
use dynamics_client::{Counters, DynamicsClient, TimeLimit, Transport, TransportError};
use futures::future::{BoxFuture, pending};
use http::header::AUTHORIZATION;
use http::{Request, Response};
use jiff::Timestamp;

use super::config;

/// A clock on which no wait ever ends, unless it is moved.
#[derive(Clone)]
pub(crate) struct StandingClock(pub(crate) ManualClock);

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

/// A clock that runs by itself, so that no two looks are the same. A sleep takes no time to wait for.
#[derive(Clone)]
pub(crate) struct RunningClock(pub(crate) ManualClock);

impl Clock for RunningClock {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_nanos(1));
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }
}

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Of a request to the Web API.
    pub(crate) authorization: Option<String>,
    pub(crate) limit: Option<Duration>,
}

/// A wire that answers from one list for tokens and one for everything else, and is silent after that.
#[derive(Default)]
pub(crate) struct Stage {
    tokens: Mutex<VecDeque<Response<Bytes>>>,
    answers: Mutex<VecDeque<Response<Bytes>>>,
    sent: Mutex<Vec<Sent>>,
}

impl Stage {
    pub(crate) fn new(
        tokens: impl IntoIterator<Item = Response<Bytes>>,
        answers: impl IntoIterator<Item = Response<Bytes>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            tokens: Mutex::new(tokens.into_iter().collect()),
            answers: Mutex::new(answers.into_iter().collect()),
            sent: Mutex::default(),
        })
    }

    pub(crate) fn client(
        self: &Arc<Self>,
        clock: impl Clock,
        share: f64,
    ) -> (DynamicsClient, Arc<Counters>) {
        let url = "https://contoso.example";
        let wire = Arc::clone(self) as Arc<dyn Transport>;
        let counters = Arc::<Counters>::default();
        let client = DynamicsClient::new(config(url, url, share), wire, Arc::new(clock), 1);
        (client.counting(Arc::clone(&counters)), counters)
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    pub(crate) fn token_requests(&self) -> Vec<Sent> {
        let mut sent = self.sent();
        sent.retain(|sent| sent.authorization.is_none());
        sent
    }
}

impl Transport for Stage {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let authorization = request.headers().get(AUTHORIZATION);
        let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
        let script = match authorization {
            None => &self.tokens,
            Some(_) => &self.answers,
        };
        let limit = request.extensions().get::<TimeLimit>();
        self.sent.lock().unwrap().push(Sent {
            authorization,
            limit: limit.map(|limit| limit.0),
        });
        match script.lock().unwrap().pop_front() {
            Some(answer) => Box::pin(async { Ok(answer) }),
            None => Box::pin(pending()),
        }
    }
}

pub(crate) fn answer(
    status: u16,
    headers: &[(&str, &str)],
    body: impl Into<String>,
) -> Response<Bytes> {
    let answer = Response::builder().status(status);
    let answer = headers
        .iter()
        .fold(answer, |answer, (name, value)| answer.header(*name, *value));
    answer.body(Bytes::from(body.into())).unwrap()
}

pub(crate) fn token(text: &str) -> Response<Bytes> {
    answer(
        200,
        &[],
        format!(r#"{{"access_token":"{text}","expires_in":3600}}"#),
    )
}

pub(crate) fn page() -> Response<Bytes> {
    answer(200, &[], r#"{"value":[]}"#)
}

pub(crate) fn clock() -> ManualClock {
    ManualClock::at("2026-11-20T02:00:00Z".parse().unwrap())
}
