//! One try of one request: put together, sent, judged.
//!
//! The bearer token is put on a request in one place, for this environment's Web API only, and every
//! request carries what is left of its caller's time as its limit. Never in here: how
//! long to wait.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, IF_NONE_MATCH};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use url::Url;

use crate::assertion;
use crate::budget::{Permit, Remaining};
use crate::call::{Call, Scope, Target};
use crate::classify::{self, Failure};
use crate::credential::Credential;
use crate::error::{Error, ErrorKind, Problem};
use crate::heed::is_throttle;
use crate::pipeline::Core;
use crate::token::{self, Proof, Token};
use crate::transport::{TimeLimit, TransportError, TransportErrorKind};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const DOP_HINT: HeaderName = HeaderName::from_static("x-ms-dop-hint");
const ODATA_MAX_VERSION: HeaderName = HeaderName::from_static("odata-maxversion");
const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Why nothing was sent.
pub(crate) enum Stop {
    /// This request's own trouble.
    Problem(Box<Problem>),
    /// There is no token for it.
    Token(Error),
}

/// A try that was made.
pub(crate) struct Tried {
    /// A 2xx answer, or what went wrong.
    pub(crate) answer: Result<Response<Bytes>, Failure>,
    /// Its place among the requests under way, to be given back once everybody heeds what it was told.
    pub(crate) permit: Option<Permit>,
}

impl Core {
    /// Tries `call` once.
    pub(crate) async fn attempt(&self, scope: &Scope, call: &Call) -> Result<Tried, Stop> {
        match &call.target {
            Target::Token => self.attempt_token(scope, call).await.map_err(Stop::Problem),
            Target::Api {
                method,
                url,
                prefer,
                ..
            } => {
                let mut request = self.api_request(method, url).map_err(Stop::Problem)?;
                // Not an entity tag: the documented way to get past stale caches.
                let headers = request.headers_mut();
                headers.insert(IF_NONE_MATCH, HeaderValue::from_static("null"));
                if let Some(prefer) = prefer {
                    headers.insert(PREFER, prefer.clone());
                }
                self.attempt_api(scope, call, request).await
            }
            Target::Write {
                method,
                url,
                headers,
                content_type,
                body,
                ..
            } => {
                let mut request = self.api_request(method, url).map_err(Stop::Problem)?;
                request.headers_mut().extend(headers.clone());
                if !body.is_empty() {
                    request
                        .headers_mut()
                        .insert(CONTENT_TYPE, content_type.clone());
                    // Shared, not copied.
                    *request.body_mut() = body.clone();
                }
                self.attempt_api(scope, call, request).await
            }
        }
    }

    /// Asks Dataverse once.
    async fn attempt_api(
        &self,
        scope: &Scope,
        call: &Call,
        mut request: Request<Bytes>,
    ) -> Result<Tried, Stop> {
        let (token, permit) = self.admit(scope).await?;
        // The one place where the token is put on a request.
        request.headers_mut().insert(AUTHORIZATION, token.header());
        let outcome = self.send(scope, call, request).await;
        match outcome.as_ref().map_err(TransportError::kind) {
            Err(TransportErrorKind::NotSent | TransportErrorKind::Insecure) => permit.not_sent(),
            _ => permit.ended(),
        }
        let answer = self.judge(scope, call, &permit, outcome);
        if let Err(failure) = &answer
            && failure.problem.status == Some(StatusCode::UNAUTHORIZED)
        {
            self.tokens.forget(&token);
        }
        Ok(Tried {
            answer,
            permit: Some(permit),
        })
    }

    /// A token and a place. The token comes first, so that no place is held while Entra answers; if the
    /// wait for the place outlived it, the place is given back for another round.
    async fn admit(&self, scope: &Scope) -> Result<(Token, Permit), Stop> {
        let token = self.token(scope).await?;
        let permit = self.enter(scope).await.map_err(Stop::Problem)?;
        if self.tokens.is_ready(&token, self.clock.now()) {
            return Ok((token, permit));
        }
        permit.not_sent();
        drop(permit);
        let token = self.token(scope).await?;
        let permit = self.enter(scope).await.map_err(Stop::Problem)?;
        // Good or not: a token that never lasts until its turn is the server's to refuse.
        Ok((token, permit))
    }

    /// Judges an answer of Dataverse and lets the budget learn from it.
    fn judge(
        &self,
        scope: &Scope,
        call: &Call,
        permit: &Permit,
        outcome: Result<Response<Bytes>, TransportError>,
    ) -> Result<Response<Bytes>, Failure> {
        let answer = outcome.map_err(|error| classify::broken(call.asked(), error))?;
        permit.told(Remaining::read(answer.headers()));
        if let Some(hint) = dop_hint(&answer) {
            self.budget.hinted(hint);
        }
        if answer.status().is_success() {
            permit.succeeded();
            return Ok(answer);
        }
        let failure = classify::refused(&answer, call.asked(), self.clock.now());
        count_throttle(scope, &failure);
        Err(failure)
    }

    /// Asks Entra once. Its requests are outside the budget, which is Dataverse's.
    pub(crate) async fn attempt_token(
        &self,
        scope: &Scope,
        call: &Call,
    ) -> Result<Tried, Box<Problem>> {
        self.enter_entra(scope).await?;
        let config = &self.config;
        let (credential, _) = self.tokens.credential();
        let endpoint = config.authority.token_endpoint(&config.tenant);
        let proof = self.proof(&credential, &endpoint)?;
        let form = token::form(&config.client_id, &config.instance.scope(), &proof);
        let request = Request::builder()
            .method(Method::POST)
            .uri(endpoint.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form)
            .map_err(|_| unsendable(endpoint.as_str()))?;
        let answer = match self.send(scope, call, request).await {
            Err(error) => Err(classify::broken(call.asked(), error)),
            Ok(answer) if answer.status().is_success() => Ok(answer),
            Ok(answer) => {
                let failure = classify::token_refused(&answer, &proof, self.clock.now());
                count_throttle(scope, &failure);
                Err(failure)
            }
        };
        Ok(Tried {
            answer,
            permit: None,
        })
    }

    /// What to prove the application with, now and to `endpoint`.
    fn proof(&self, credential: &Credential, endpoint: &Url) -> Result<Proof, Box<Problem>> {
        Ok(match credential {
            Credential::ClientSecret(secret) => Proof::Secret(secret.value().clone()),
            Credential::Certificate(certificate) => Proof::Assertion(assertion::sign(
                certificate,
                &self.config.client_id,
                endpoint,
                self.random.request_id(),
                self.clock.now(),
            )?),
        })
    }

    /// A request to this environment's Web API and to nothing else, so that it may carry the token.
    fn api_request(&self, method: &Method, url: &Url) -> Result<Request<Bytes>, Box<Problem>> {
        let instance = &self.config.instance;
        if !instance.is_origin_of(url) || !url.path().starts_with(instance.api().path()) {
            return Err(foreign());
        }
        Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(ACCEPT, "application/json")
            .header(ODATA_MAX_VERSION, "4.0")
            .header(ODATA_VERSION, "4.0")
            .body(Bytes::new())
            .map_err(|_| unsendable(url.as_str()))
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

fn count_throttle(scope: &Scope, failure: &Failure) {
    if is_throttle(failure) {
        scope.count_throttle();
    }
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

fn foreign() -> Box<Problem> {
    Problem::new(ErrorKind::ForeignLink, "the request was not sent")
        .because("its address is not one of the environment's Web API")
        .advise("Check the environment's address and the names of tables and columns.")
}

/// No HTTP request can be made of `address`, which is checked in every other respect by then.
pub(crate) fn unsendable(address: &str) -> Box<Problem> {
    Problem::new(ErrorKind::BadRequest, "the request was not sent")
        .because(format!(
            "its address of {} bytes is too long",
            address.len()
        ))
        .advise("Select fewer columns or use fewer conditions.")
}
