//! One try of one request: put together, sent, judged.
//!
//! The bearer token is put on a request in one place, for this environment's Web API only, and every
//! request carries what is left of its caller's time as its limit. Never in here: waiting.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, IF_NONE_MATCH};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use url::Url;

use crate::classify::{self, Failure};
use crate::config::Credential;
use crate::error::{Error, ErrorKind, Problem};
use crate::pipeline::{Call, Core, Scope, Target};
use crate::retry::LONGEST_WAIT;
use crate::token::{self, Token};
use crate::transport::{TimeLimit, TransportError};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const DOP_HINT: HeaderName = HeaderName::from_static("x-ms-dop-hint");
const ODATA_MAX_VERSION: HeaderName = HeaderName::from_static("odata-maxversion");
const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// How one try ended without an answer.
pub(crate) enum Stop {
    /// The retry policy decides.
    Failure(Failure),
    /// Nothing is left to decide.
    Error(Error),
}

impl Core {
    /// Tries `call` once.
    pub(crate) async fn attempt(
        &self,
        scope: &Scope,
        call: &Call,
    ) -> Result<Response<Bytes>, Stop> {
        match &call.target {
            Target::Token => self.attempt_token(scope, call).await,
            Target::Api {
                url,
                prefer,
                by_link,
            } => {
                let token = self.token(scope).await.map_err(Stop::Error)?;
                let request = self
                    .api_request(url, prefer.as_ref(), &token)
                    .map_err(|problem| Stop::Error(Error::new(&call.operation, problem)))?;
                let permit = self.enter(scope, call).await.map_err(Stop::Error)?;
                let outcome = self.send(scope, call, request).await;
                let judged = self.judge(scope, outcome, *by_link);
                drop(permit);
                if let Err(failure) = &judged
                    && failure.problem.status == Some(StatusCode::UNAUTHORIZED)
                {
                    self.tokens.forget(&token).await;
                }
                judged.map_err(Stop::Failure)
            }
        }
    }

    /// Judges an answer of Dataverse and lets the budget learn from it.
    fn judge(
        &self,
        scope: &Scope,
        outcome: Result<Response<Bytes>, TransportError>,
        by_link: bool,
    ) -> Result<Response<Bytes>, Failure> {
        let answer = outcome.map_err(|error| classify::broken("Dataverse", error))?;
        if let Some(hint) = dop_hint(&answer) {
            self.budget.hinted(hint);
        }
        if answer.status().is_success() {
            self.budget.succeeded();
            return Ok(answer);
        }
        let now = self.clock.now();
        let failure = classify::refused(&answer, by_link, now);
        if failure.problem.kind == ErrorKind::Throttled {
            scope
                .counters
                .iter()
                .for_each(|counters| counters.throttled());
            self.budget.throttled(now);
        }
        if let Some(wait) = asked_to_wait(&failure) {
            self.budget.pause(now, wait.min(LONGEST_WAIT));
        }
        Err(failure)
    }

    /// Entra's requests are outside the budget, which is Dataverse's.
    async fn attempt_token(&self, scope: &Scope, call: &Call) -> Result<Response<Bytes>, Stop> {
        let endpoint = self.config.authority.token_endpoint(&self.config.tenant);
        let request = Request::builder()
            .method(Method::POST)
            .uri(endpoint.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(token::form(&self.config))
            .map_err(|_| Stop::Error(Error::new(&call.operation, bad_address())))?;
        let answer = self
            .send(scope, call, request)
            .await
            .map_err(|error| Stop::Failure(classify::broken("Entra", error)))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let Credential::ClientSecret(secret) = &self.config.credential;
        let failure = classify::token_refused(&answer, secret, self.clock.now());
        if failure.problem.kind == ErrorKind::Throttled {
            scope
                .counters
                .iter()
                .for_each(|counters| counters.throttled());
        }
        Err(Stop::Failure(failure))
    }

    /// The one place where the token is put on a request: only for this environment's Web API.
    fn api_request(
        &self,
        url: &Url,
        prefer: Option<&HeaderValue>,
        token: &Token,
    ) -> Result<Request<Bytes>, Box<Problem>> {
        let instance = &self.config.instance;
        if !instance.is_origin_of(url) || !url.path().starts_with(instance.api().path()) {
            return Err(bad_address());
        }
        let mut request = Request::builder()
            .method(Method::GET)
            .uri(url.as_str())
            .header(ACCEPT, "application/json")
            .header(ODATA_MAX_VERSION, "4.0")
            .header(ODATA_VERSION, "4.0")
            // Not an entity tag: the documented way to get past stale caches.
            .header(IF_NONE_MATCH, "null")
            .header(AUTHORIZATION, token.header());
        if let Some(prefer) = prefer {
            request = request.header(PREFER, prefer);
        }
        request.body(Bytes::new()).map_err(|_| bad_address())
    }

    async fn send(
        &self,
        scope: &Scope,
        call: &Call,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        let id = self.random.request_id().to_string();
        if let Ok(value) = HeaderValue::from_str(&id) {
            request.headers_mut().insert(CLIENT_REQUEST_ID, value);
        }
        let sent = self.clock.now();
        if let Some(deadline) = scope.deadline {
            let left = clock::elapsed(sent, deadline);
            request.extensions_mut().insert(TimeLimit(left));
        }
        scope
            .counters
            .iter()
            .for_each(|counters| counters.sent(call.class));
        let outcome = self.transport.send(request).await;
        let elapsed = clock::elapsed(sent, self.clock.now());
        tracing::debug!(
            request.class = call.class.name(),
            request.operation = %call.operation,
            request.client_id = %id,
            request.server_id = outcome.as_ref().ok().and_then(|answer| classify::request_id(answer.headers())),
            request.status = outcome.as_ref().ok().map(|answer| answer.status().as_u16()),
            request.elapsed_ms = elapsed.as_secs_f64() * 1_000.0,
            request.failure = outcome.as_ref().err().map(|error| error.kind().to_string()),
            "request to Microsoft ended",
        );
        outcome
    }
}

/// The wait a server asks for, if it is one.
pub(crate) fn asked_to_wait(failure: &Failure) -> Option<Duration> {
    failure.retry_after.filter(|wait| !wait.is_zero())
}

fn dop_hint(answer: &Response<Bytes>) -> Option<u32> {
    answer
        .headers()
        .get(DOP_HINT)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn bad_address() -> Box<Problem> {
    Problem::new(ErrorKind::ForeignLink, "the request was not sent")
        .because("its address is not one of the environment's Web API")
        .advise("Check the environment's address and the names of tables and columns.")
}
