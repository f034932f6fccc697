//! The one place that decides what an answer or a broken exchange means.
//!
//! Never in here: whether and when to try again (see `retry`).

use std::borrow::Cow;
use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::entra::{is_plain_id, refusal};
use crate::envelope::Envelope;
use crate::error::{ErrorKind, Problem};
use crate::error_code::ErrorCode;
use crate::reactions::{EXPIRED_VERSION_STAMP, MISSING_TABLE, Reaction, reaction};
use crate::retry_after::retry_after;
use crate::transport::{TransportError, TransportErrorKind};

/// A failed exchange.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) problem: Box<Problem>,
    pub(crate) proof: Proof,
    /// How long the server asked to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// What a failure proves about the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Proof {
    /// It never reached the server.
    NotSent,
    /// The server turned it away before doing anything.
    NotApplied,
    /// Nothing.
    Unknown,
    /// The same request will fail the same way.
    Final,
}

/// Judges an exchange that brought no whole answer. `server` is "Dataverse" or "Entra".
pub(crate) fn broken(server: &str, error: TransportError) -> Failure {
    let cause = root_cause(&error);
    let (kind, what, proof) = match error.kind() {
        TransportErrorKind::NotSent => (
            ErrorKind::Unavailable,
            format!("{server} could not be reached"),
            Proof::NotSent,
        ),
        TransportErrorKind::Unknown => (
            ErrorKind::Unavailable,
            format!("{server} gave no whole answer"),
            Proof::Unknown,
        ),
        TransportErrorKind::TooLarge => (
            ErrorKind::TooLarge,
            format!("the answer of {server} is too large"),
            Proof::Final,
        ),
    };
    let advice = match (error.kind(), server) {
        (TransportErrorKind::TooLarge, _) => "Ask for fewer rows a page or fewer columns.",
        (_, "Entra") => "Check the network and the authority's address, or try again later.",
        _ => "Check the network and the environment's address, or try again later.",
    };
    Failure {
        problem: Problem::new(kind, what)
            .because(cause)
            .advise(advice)
            .caused_by(error),
        proof,
        retry_after: None,
    }
}

/// Judges an answer of Dataverse whose status is not 2xx. `by_link`: the request followed a link.
pub(crate) fn refused(answer: &Response<Bytes>, by_link: bool, now: Timestamp) -> Failure {
    let status = answer.status();
    let envelope = Envelope::of(answer.body());
    let code = envelope.code;
    let (kind, why, advice) = verdict(status, &envelope, by_link);
    let what = match kind {
        ErrorKind::Throttled => "Dataverse asked to slow down",
        ErrorKind::Unavailable => "Dataverse was not available",
        _ => "Dataverse refused",
    };
    let mut problem = Problem::new(kind, what);
    problem.why = why.map(Cow::Borrowed);
    problem.advice = Some(Cow::Borrowed(advice));
    problem.said = envelope.quotable_message();
    problem.status = Some(status);
    problem.code = code.map(ErrorCode::Dataverse);
    problem.request_id = request_id(answer.headers());
    Failure {
        proof: proof(status, kind),
        retry_after: retry_after(answer.headers(), now),
        problem,
    }
}

fn proof(status: StatusCode, kind: ErrorKind) -> Proof {
    match (kind, status.as_u16()) {
        (ErrorKind::Throttled, _) => Proof::NotApplied,
        (ErrorKind::Unavailable, 501 | 505..) => Proof::Final,
        (ErrorKind::Unavailable, _) => Proof::Unknown,
        _ => Proof::Final,
    }
}

type Verdict = (ErrorKind, Option<&'static str>, &'static str);

fn verdict(status: StatusCode, envelope: &Envelope, by_link: bool) -> Verdict {
    if let Some(Reaction {
        kind, why, advice, ..
    }) = envelope.code.and_then(reaction)
    {
        return (kind, Some(why), advice);
    }
    if status == StatusCode::GONE || envelope.says_expired() {
        let expired = reaction(EXPIRED_VERSION_STAMP);
        if let Some(Reaction {
            kind, why, advice, ..
        }) = expired
        {
            return (kind, Some(why), advice);
        }
    }
    by_status(status, by_link)
}

fn by_status(status: StatusCode, by_link: bool) -> Verdict {
    match status.as_u16() {
        300..400 => (
            ErrorKind::Protocol,
            Some("it answered with a redirect, which is not followed"),
            "Check the environment's address.",
        ),
        401 => (
            ErrorKind::Credentials,
            Some("it does not accept the token"),
            "Check that the tenant is the environment's own and that the application user is enabled.",
        ),
        403 => (
            ErrorKind::Forbidden,
            Some("the application user may not do this"),
            "Ask a Dynamics administrator to check the application user's security role.",
        ),
        404 => (ErrorKind::NotFound, Some(MISSING_TABLE.0), MISSING_TABLE.1),
        400 if by_link => (
            ErrorKind::LinkRefused,
            Some("the saved position is not accepted"),
            "Go on from an earlier position, or read the table in full again.",
        ),
        429 => (ErrorKind::Throttled, None, "Try again later."),
        408 | 500.. => (ErrorKind::Unavailable, None, "Try again later."),
        _ => (
            ErrorKind::BadRequest,
            None,
            "Check the table and column names; otherwise this is a fault of this client: report it.",
        ),
    }
}

/// Judges an answer of Entra whose status is not 2xx.
pub(crate) fn token_refused(
    answer: &Response<Bytes>,
    secret: &SecretString,
    now: Timestamp,
) -> Failure {
    let status = answer.status();
    let (kind, what) = match status.as_u16() {
        429 => (ErrorKind::Throttled, "Entra asked to slow down"),
        408 | 500.. => (ErrorKind::Unavailable, "Entra was not available"),
        _ => {
            let problem = refusal(status, answer.body(), secret);
            let proof = proof(status, problem.kind);
            return Failure {
                problem,
                proof,
                retry_after: retry_after(answer.headers(), now),
            };
        }
    };
    let problem = Problem::new(kind, what).advise("Try again later.");
    Failure {
        problem: with_answer(problem, answer),
        proof: proof(status, kind),
        retry_after: retry_after(answer.headers(), now),
    }
}

/// A 2xx answer of `server` whose body is not the promised document.
pub(crate) fn unreadable(
    server: &str,
    answer: &Response<Bytes>,
    error: &serde_json::Error,
) -> Box<Problem> {
    let body = answer.body();
    let is_html = answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim_start().starts_with("text/html"));
    let (why, advice): (Cow<'static, str>, _) = if body.is_empty() {
        ("the body is empty".into(), "Try again later.")
    } else if is_html || body.trim_ascii_start().starts_with(b"<") {
        (
            "it sent a web page instead of JSON".into(),
            "Check the address: a sign-in or maintenance page answers like this.",
        )
    } else if error.is_eof() {
        ("the JSON ends too early".into(), "Try again later.")
    } else {
        // Never the parser's own text: it quotes values.
        let place = format!("line {}, column {}", error.line(), error.column());
        (
            format!("the JSON is not of the expected form at {place}").into(),
            "If it keeps happening, report it.",
        )
    };
    with_answer(
        Problem::new(
            ErrorKind::Protocol,
            format!("{server} gave an unusable answer"),
        )
        .because(why)
        .advise(advice),
        answer,
    )
}

/// Adds what identifies the answer.
pub(crate) fn with_answer(mut problem: Box<Problem>, answer: &Response<Bytes>) -> Box<Problem> {
    problem.status = Some(answer.status());
    problem.request_id = request_id(answer.headers());
    problem
}

/// The server's id of the request, to be quoted to Microsoft's support.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-ms-service-request-id", "req_id"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok())
        .find(|id| is_plain_id(id))
        .map(str::to_owned)
}

fn root_cause(error: &dyn StdError) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
