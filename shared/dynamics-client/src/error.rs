//! The one error type of this crate.
//!
//! Its kind is named after what a caller will do about it, its text after what a reader needs: what
//! happened, to what, why, and what to do next. Never in it: secrets, tokens, values of rows.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::error_code::ErrorCode;

/// What the caller can do about an [`Error`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The application could not prove who it is: secret, tenant, application id or token. Stop
    /// everything; a person must act.
    Credentials,
    /// The application is known but may not do this. Stop this table; an administrator must act.
    Forbidden,
    /// There is no such table or row. Stop this table.
    NotFound,
    /// The delta token is too old: the table must be read in full again.
    DeltaExpired,
    /// A saved link is no longer accepted: drop it and go on from an earlier position.
    LinkRefused,
    /// The service protection limits were hit and stayed hit. Go on later.
    Throttled,
    /// No answer, or an answer that says "not now", and retries did not help. Go on later.
    Unavailable,
    /// The answer is not what the protocol promises. Nothing of it was used.
    Protocol,
    /// The answer is larger than accepted: ask for fewer rows a page.
    TooLarge,
    /// Dataverse, or this crate before it, does not accept the request as it is.
    BadRequest,
    /// A link leads away from the environment. It was not followed.
    ForeignLink,
    /// The wait that is needed would end after the caller's deadline. Save and go on later.
    Deadline,
}

/// Why a call to Dataverse or Entra failed.
///
/// Cheap to clone. `Display` is one or two plain sentences for an operator; the cause below it, if
/// any, is its [`source`](StdError::source).
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    operation: String,
    problem: Box<Problem>,
    tries: u32,
    elapsed: Duration,
    context: Vec<(&'static str, String)>,
}

/// What went wrong, before it is known for which operation and after how many tries.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) kind: ErrorKind,
    /// What happened, as the rest of a sentence: "Dataverse refused".
    pub(crate) what: Cow<'static, str>,
    pub(crate) why: Option<Cow<'static, str>>,
    /// Whole sentences.
    pub(crate) advice: Option<Cow<'static, str>>,
    /// The server's own words, only if they are known to carry no data.
    pub(crate) said: Option<String>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) request_id: Option<String>,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    /// Boxed: it travels in many results and is rarely made.
    pub(crate) fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Box<Self> {
        Box::new(Self {
            kind,
            what: what.into(),
            why: None,
            advice: None,
            said: None,
            status: None,
            code: None,
            request_id: None,
            source: None,
        })
    }

    pub(crate) fn because(mut self: Box<Self>, why: impl Into<Cow<'static, str>>) -> Box<Self> {
        self.why = Some(why.into());
        self
    }

    pub(crate) fn advise(mut self: Box<Self>, advice: impl Into<Cow<'static, str>>) -> Box<Self> {
        self.advice = Some(advice.into());
        self
    }

    pub(crate) fn caused_by(
        mut self: Box<Self>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Box<Self> {
        self.source = Some(source.into());
        self
    }
}

impl Error {
    pub(crate) fn new(operation: impl Into<String>, problem: Box<Problem>) -> Self {
        Self::after_tries(operation, problem, 1, Duration::ZERO, Vec::new())
    }

    pub(crate) fn after_tries(
        operation: impl Into<String>,
        problem: Box<Problem>,
        tries: u32,
        elapsed: Duration,
        context: Vec<(&'static str, String)>,
    ) -> Self {
        Self(Arc::new(Inner {
            operation: operation.into(),
            problem,
            tries,
            elapsed,
            context,
        }))
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.problem.kind
    }

    /// Whether the same call can be expected to succeed later without anybody acting.
    pub fn is_temporary(&self) -> bool {
        match self.kind() {
            ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Deadline => true,
            ErrorKind::Credentials
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::DeltaExpired
            | ErrorKind::LinkRefused
            | ErrorKind::Protocol
            | ErrorKind::TooLarge
            | ErrorKind::BadRequest
            | ErrorKind::ForeignLink => false,
        }
    }

    /// What was being done, for example `read contacts`.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Further facts for a log, as names and values.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// The error code of Dataverse or Entra.
    pub fn code(&self) -> Option<ErrorCode> {
        self.0.problem.code
    }

    /// The HTTP status of the last answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.problem.status
    }

    /// The server's own id of the request, by which Microsoft's support finds it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.problem.request_id.as_deref()
    }

    /// How often it was tried.
    pub fn tries(&self) -> u32 {
        self.0.tries
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            operation,
            problem,
            tries,
            elapsed,
            ..
        } = &*self.0;
        write!(f, "cannot {operation}: {}", problem.what)?;
        let facts: Vec<String> = [
            problem.status.map(|status| status.as_u16().to_string()),
            problem.code.map(|code| code.to_string()),
            problem
                .request_id
                .as_ref()
                .map(|id| format!("request {id}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        if *tries > 1 {
            write!(f, " in {tries} tries over {} s", elapsed.as_secs())?;
        }
        if let Some(why) = &problem.why {
            write!(f, ": {why}")?;
        }
        f.write_str(".")?;
        if let Some(advice) = &problem.advice {
            write!(f, " {advice}")?;
        }
        if let Some(said) = &problem.said {
            write!(f, " The server said: {said}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("text", &self.to_string())
            .field("context", &self.0.context)
            .field("source", &self.0.problem.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.problem.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_happened_to_what_why_and_what_to_do() {
        let mut problem = Problem::new(ErrorKind::Unavailable, "Dataverse was not available")
            .because("it said so")
            .advise("Try again later.");
        problem.status = Some(StatusCode::SERVICE_UNAVAILABLE);
        problem.code = Some(ErrorCode::Dataverse(0x8004_a001));
        problem.request_id = Some("5f2".into());
        let elapsed = Duration::from_millis(31_400);
        let error = Error::after_tries("read contacts", problem, 6, elapsed, Vec::new());
        assert_eq!(
            error.to_string(),
            "cannot read contacts: Dataverse was not available (503, 0x8004a001, request 5f2) \
             in 6 tries over 31 s: it said so. Try again later."
        );
        assert!(error.is_temporary());
    }

    #[test]
    fn an_error_stays_small_enough_to_return() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
