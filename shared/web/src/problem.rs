//! Why a request was not done, as `application/problem+json` (RFC 9457): the one place that gives a kind
//! of problem its status, code and title.
//!
//! Never in here: a value of the request.

use std::fmt;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use sync_store::ErrorKind;

use crate::Scope;
use crate::{Fault, Faults, names};

/// What a caller must show, so that a browser asks for it.
const CHALLENGE: &str = "Basic realm=\"Dynamics Sync\", charset=\"UTF-8\"";
/// When a table that did not answer may do so again.
const SECONDS_LATER: &str = "5";

/// Why a request was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    faults: Vec<Fault>,
    /// The methods that there are, where the one asked for is not.
    allow: Option<&'static str>,
}

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProblemKind {
    /// Nobody knows who calls.
    Unauthenticated,
    /// The caller's key is not good for this.
    MissingScope,
    /// A page of another site asks a browser for this.
    CrossSite,
    /// The address by which this was called is none of the host's.
    ForeignHost,
    /// There is nothing at this address.
    NotFound,
    /// Not with this method.
    MethodNotAllowed,
    /// The body is not said to be JSON.
    UnsupportedMediaType,
    /// Headers, query or JSON are malformed.
    MalformedRequest,
    /// The body, or what it would make of its record, is too large.
    TooLarge,
    /// The change does not fit the stream file.
    InvalidChange,
    /// Another change was handed in under this key.
    KeyReused,
    /// The change stands so that this cannot be done to it.
    NotPossible,
    /// Dynamics does not let a stream's table be read, or it does not fit the stream file.
    UnreadableTable,
    /// A stream was not loaded yet, or never is.
    NoCopy,
    /// The tables could not be used just now.
    Unavailable,
    /// The tables cannot be used, and trying again changes nothing.
    Failed,
}

impl ProblemKind {
    /// All that there are.
    pub const ALL: [Self; 16] = [
        Self::Unauthenticated,
        Self::MissingScope,
        Self::CrossSite,
        Self::ForeignHost,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::UnsupportedMediaType,
        Self::MalformedRequest,
        Self::TooLarge,
        Self::InvalidChange,
        Self::KeyReused,
        Self::NotPossible,
        Self::UnreadableTable,
        Self::NoCopy,
        Self::Unavailable,
        Self::Failed,
    ];

    /// Its HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::MissingScope | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::InvalidChange | Self::UnreadableTable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::KeyReused | Self::NotPossible | Self::NoCopy => StatusCode::CONFLICT,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// For programs: stable.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::MissingScope => "missing-scope",
            Self::CrossSite => "cross-site",
            Self::ForeignHost => "foreign-host",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::MalformedRequest => "malformed-request",
            Self::TooLarge => "too-large",
            Self::InvalidChange => "invalid-change",
            Self::KeyReused => "idempotency-key-reused",
            Self::NotPossible => "not-possible",
            Self::UnreadableTable => "unreadable-table",
            Self::NoCopy => "no-copy",
            Self::Unavailable => "unavailable",
            Self::Failed => "failed",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "No key was given that is known here",
            Self::MissingScope => "The key may not do this",
            Self::CrossSite => "Another site may not do this",
            Self::ForeignHost => "This is not reached by that address",
            Self::NotFound => "There is no such thing here",
            Self::MethodNotAllowed => "This cannot be done here",
            Self::UnsupportedMediaType => "This is handed in as JSON",
            Self::MalformedRequest => "The request is malformed",
            Self::TooLarge => "The change is too large",
            Self::InvalidChange => "The change does not fit the stream file",
            Self::KeyReused => "Another change was handed in under this Idempotency-Key",
            Self::NotPossible => "The change stands so that this cannot be done",
            Self::UnreadableTable => "The stream's table cannot be read in Dynamics",
            Self::NoCopy => "There is no copy of this stream",
            Self::Unavailable => "This cannot be done just now",
            Self::Failed => "This cannot be done",
        }
    }
}

impl Problem {
    /// A problem of this kind; `detail` says what was expected, or what to do.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            faults: Vec::new(),
            allow: None,
        }
    }

    /// Headers, query or JSON are malformed.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::MalformedRequest, detail)
    }

    /// Nobody knows who calls.
    pub fn unauthenticated() -> Self {
        let detail = "expected HTTP Basic with the name of a key and the key";
        Self::new(ProblemKind::Unauthenticated, detail)
    }

    /// The function cannot work: its settings or the stream file are wrong. What is wrong is not for callers.
    pub fn not_set_up() -> Self {
        let detail = "the function's settings or its stream file are wrong; its log says which";
        Self::new(ProblemKind::Failed, detail)
    }

    /// The key of the caller has none of these scopes.
    pub fn missing_scope(any_of: &[Scope]) -> Self {
        let names = names::one_of(any_of.iter().map(|scope| scope.name()));
        let detail = format!("this needs a key with the scope {names}");
        Self::new(ProblemKind::MissingScope, detail)
    }

    /// These are the methods that there are.
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let detail = format!("expected the method {allowed}");
        Self {
            allow: Some(allowed),
            ..Self::new(ProblemKind::MethodNotAllowed, detail)
        }
    }

    /// What is wrong with single members of a body: of a kind that says how.
    pub fn of_body(kind: ProblemKind, faults: Faults) -> Self {
        let count = faults.count();
        let faults = faults.into_told();
        let (things, told) = match count {
            1 => ("one thing is".to_owned(), String::new()),
            _ if count == faults.len() => (format!("{count} things are"), String::new()),
            _ => {
                let told = format!(", of which the first {} are listed", faults.len());
                (format!("{count} things are"), told)
            }
        };
        let detail = format!("{things} wrong with the body{told}; nothing was stored");
        Self {
            faults,
            ..Self::new(kind, detail)
        }
    }

    /// The store failed; `again` is what the caller can do when that may have passed.
    pub fn of_store(error: &sync_store::Error, again: &str) -> Self {
        tracing::error!(reason = %error, "the tables could not be used");
        match error.kind() {
            ErrorKind::Throttled | ErrorKind::Unavailable => Self::new(
                ProblemKind::Unavailable,
                format!("the tables do not answer; {again}"),
            ),
            ErrorKind::Refused => Self::new(
                ProblemKind::TooLarge,
                "with this change, the change or its record is larger than the 400 KB that DynamoDB stores; nothing was stored",
            ),
            ErrorKind::MissingTable
            | ErrorKind::Denied
            | ErrorKind::Damaged
            | ErrorKind::NewerRelease
            | ErrorKind::LeaseLost => Self::new(
                ProblemKind::Failed,
                "the tables cannot be used, and trying again will not help; the function's log says why",
            ),
        }
    }

    /// What kind of problem it is.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// What is wrong with single members of the body.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The answer to the request.
    pub fn into_response(self) -> Response<Bytes> {
        let document = Document {
            kind: format!("/problems/{}", self.kind.code()),
            code: self.kind.code(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            errors: &self.faults,
        };
        // Texts and numbers under fixed names always serialize.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.kind.status();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(methods) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(methods));
        }
        match self.kind {
            ProblemKind::Unauthenticated => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
            }
            ProblemKind::Unavailable => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(SECONDS_LATER));
            }
            _ => {}
        }
        response
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    code: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Fault],
}

/// For a terminal: everything that the answer says, a line for each fault.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.title(), self.detail)?;
        for Fault {
            pointer, detail, ..
        } in &self.faults
        {
            write!(f, "\n{pointer}: {detail}")?;
        }
        Ok(())
    }
}
