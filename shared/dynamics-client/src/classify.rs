//! The one place that decides what an answer or a broken exchange means.
//!
//! Never in here: whether and when to try again (see `retry`).

use std::borrow::Cow;
use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use jiff::Timestamp;

use crate::call::Asked;
use crate::counters::RequestClass;
use crate::entra::{is_plain_id, refusal};
use crate::envelope::Envelope;
use crate::error::{ErrorKind, Outcome, Problem};
use crate::error_code::ErrorCode;
use crate::reactions::{EXPIRED_VERSION_STAMP, FEWER_ROWS, MISSING_TABLE, QUERY_OR_PATH, reaction};
use crate::retry_after::retry_after;
use crate::token::Proof;
use crate::transport::{TransportError, TransportErrorKind};

mod by_status;

use by_status::{FEWER_WRITES, NO_API, by_status};

/// A failed exchange.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) problem: Box<Problem>,
    /// What it proves about the request.
    pub(crate) outcome: Outcome,
    /// Whether the same request can fare better without anybody acting.
    pub(crate) passing: bool,
    /// How long the server asked to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    /// The wait the server asks for, if it is one: a date in the past or a zero says "at once", and a
    /// client that obeys it knocks again and again.
    pub(crate) fn asked_to_wait(&self) -> Option<Duration> {
        self.retry_after.filter(|wait| !wait.is_zero())
    }
}

/// Judges an exchange that brought no whole answer.
pub(crate) fn broken(asked: Asked, error: TransportError) -> Failure {
    let server = asked.server();
    let network = format!(
        "Check the network and {}, or try again later.",
        asked.address()
    );
    let (kind, what, advice, outcome, passing) = match error.kind() {
        TransportErrorKind::NotSent => (
            ErrorKind::Unavailable,
            format!("{server} could not be reached"),
            network,
            Outcome::NotApplied,
            true,
        ),
        TransportErrorKind::Insecure => (
            ErrorKind::Protocol,
            format!("there is no secure connection to {server}"),
            format!(
                "Check {}, and that no proxy or firewall on the way puts its own certificate in place \
                 of Microsoft's.",
                asked.address()
            ),
            Outcome::NotApplied,
            false,
        ),
        TransportErrorKind::Unknown => (
            ErrorKind::Unavailable,
            format!("{server} gave no whole answer"),
            network,
            Outcome::Unknown,
            true,
        ),
        TransportErrorKind::TooSlow => (
            slowness(asked),
            format!("{server} took too long to answer"),
            if asked.is_of_rows() {
                FEWER_ROWS.to_owned()
            } else if asked.is_of_many() {
                FEWER_WRITES.to_owned()
            } else {
                network
            },
            Outcome::Unknown,
            !asked.is_of_many(),
        ),
        TransportErrorKind::TooLarge => (
            ErrorKind::TooLarge,
            format!("the answer of {server} is too large"),
            match asked.class {
                RequestClass::Page => "Ask for fewer rows a page or fewer columns.".to_owned(),
                _ => format!("Check {}.", asked.address()),
            },
            Outcome::Unknown,
            false,
        ),
    };
    Failure {
        problem: Problem::new(kind, what)
            .because(root_cause(&error))
            .advise(advice)
            .caused_by(error),
        outcome,
        passing,
        retry_after: None,
    }
}

/// Judges an answer of Dataverse whose status is not 2xx.
pub(crate) fn refused(answer: &Response<Bytes>, asked: Asked, now: Timestamp) -> Failure {
    let status = answer.status();
    let envelope = Envelope::of(answer.body());
    let (mut kind, why, mut advice) = verdict(status, &envelope, asked);
    let told = envelope.told(asked).filter(|_| is_final(kind));
    if let Some(told) = &told {
        (kind, advice) = (told.kind, told.advice);
    }
    let what = match kind {
        ErrorKind::Throttled => "Dataverse asked to slow down",
        ErrorKind::Unavailable => "Dataverse was not available",
        ErrorKind::TooSlow => "Dataverse took too long",
        _ => "Dataverse refused",
    };
    let mut problem = Problem::new(kind, what);
    problem.advice = Some(Cow::Borrowed(advice));
    match told {
        Some(told) => {
            problem.why = Some(Cow::Owned(told.why));
            problem.target = told.target;
        }
        None => {
            problem.why = why.map(Cow::Borrowed);
            problem.said = envelope.quotable_message();
        }
    }
    problem.status = Some(status);
    problem.code = envelope.code.map(ErrorCode::Dataverse);
    problem.request_id = request_id(answer.headers());
    let mut failure = turned_away(problem, answer, now);
    // The same again would take as long.
    failure.passing &= !(asked.is_of_many() && failure.problem.kind == ErrorKind::TooSlow);
    failure
}

/// Whether the row that was sent is at fault, or the table; what is not is not told by its words.
fn is_final(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BadRequest | ErrorKind::NotFound | ErrorKind::DuplicateKey
    )
}

/// What a `problem` that came with a status other than 2xx proves.
fn turned_away(problem: Box<Problem>, answer: &Response<Bytes>, now: Timestamp) -> Failure {
    let (outcome, passing) = match (problem.kind, answer.status().as_u16()) {
        (ErrorKind::Throttled, _) => (Outcome::NotApplied, true),
        (ErrorKind::Unavailable, 501 | 505..) => (Outcome::Refused, false),
        (ErrorKind::Unavailable | ErrorKind::TooSlow, _) => (Outcome::Unknown, true),
        _ => (Outcome::Refused, false),
    };
    Failure {
        problem,
        outcome,
        passing,
        retry_after: retry_after(answer.headers(), now),
    }
}

type Verdict = (ErrorKind, Option<&'static str>, &'static str);

fn verdict(status: StatusCode, envelope: &Envelope, asked: Asked) -> Verdict {
    // A status without words is no proof that a position expired, unless a position was asked for.
    let expired = envelope.says_expired() || (status == StatusCode::GONE && asked.by_link);
    let reaction = envelope
        .code
        .and_then(reaction)
        .or_else(|| expired.then(|| reaction(EXPIRED_VERSION_STAMP)).flatten());
    let Some(reaction) = reaction else {
        // Of a row that is missing, another code tells.
        if status == StatusCode::NOT_FOUND
            && (asked.aim.is_some() || asked.class == RequestClass::Metadata)
            && envelope.code == Some(QUERY_OR_PATH)
        {
            let (why, advice) = MISSING_TABLE;
            return (ErrorKind::NotFound, Some(why), advice);
        }
        return by_status(status, asked);
    };
    let (why, advice) = match reaction.reading.filter(|_| asked.is_of_rows()) {
        Some(words) => words,
        None if reaction.words == MISSING_TABLE && asked.class == RequestClass::WhoAmI => NO_API,
        None => reaction.words,
    };
    let kind = match reaction.kind {
        ErrorKind::TooSlow => slowness(asked),
        kind => kind,
    };
    (kind, Some(why), advice)
}

/// What an answer is that takes too long: only where there are many rows can less be asked for.
fn slowness(asked: Asked) -> ErrorKind {
    if asked.is_of_rows() || asked.is_of_many() {
        ErrorKind::TooSlow
    } else {
        ErrorKind::Unavailable
    }
}

/// Judges an answer of Entra whose status is not 2xx.
pub(crate) fn token_refused(answer: &Response<Bytes>, proof: &Proof, now: Timestamp) -> Failure {
    let status = answer.status();
    let (kind, what) = match status.as_u16() {
        429 => (ErrorKind::Throttled, "Entra asked to slow down"),
        408 | 500.. => (ErrorKind::Unavailable, "Entra was not available"),
        _ => return turned_away(refusal(status, answer.body(), proof), answer, now),
    };
    let problem = Problem::new(kind, what).advise("Try again later.");
    turned_away(with_answer(problem, answer), answer, now)
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

#[cfg(test)]
mod tests;
