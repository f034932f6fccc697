//! The one error type of this crate.
//!
//! Its kind is named after what a caller will do about it, its text after what a reader needs: what
//! happened, to what, why, and what to do next. Never in it: secrets, tokens, values of rows.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use uuid::Uuid;

use crate::error_code::ErrorCode;
use crate::naming::of_lookup;

mod problem;

pub(crate) use problem::Problem;

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
    /// No answer, none that can be read, or one that says "not now", and retries did not help. Go on
    /// later.
    Unavailable,
    /// What is at the other end does not keep to the protocol, by its answer or by its certificate.
    /// Nothing of it was used.
    Protocol,
    /// The answer is larger than accepted, or a request of many rows is: ask for fewer rows a page, or
    /// send fewer at a time.
    TooLarge,
    /// No answer to the last try within the time it may take, or one that says that it took too long: ask
    /// for fewer rows a page. Only what has many rows is too slow; anything else is [`Self::Unavailable`] then. Where
    /// the deadline comes first, the [`Self::Deadline`] error's source is the try that was too slow.
    TooSlow,
    /// Dataverse, or this crate before it, does not accept the request as it is.
    BadRequest,
    /// The row is not of the version that the write was meant for, or no longer: read it again and decide
    /// anew. If the outcome is [`Outcome::Unknown`], the change may be this write's own.
    VersionMismatch,
    /// There is a row already with the id or the key that the write would give to a row.
    DuplicateKey,
    /// A link leads away from the environment. It was not followed.
    ForeignLink,
    /// The wait that is needed would end after the caller's deadline. Save and go on later.
    Deadline,
}

/// What an [`Error`] proves about what was asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// It was not done: it reached nobody, or was turned away for now. It may be asked for again.
    NotApplied,
    /// It may have been done, by any of the tries: only what may be done twice may be asked for again.
    Unknown,
    /// It was not done, and will be refused again as it is.
    Refused,
}

/// Why a call to Dataverse or Entra failed.
///
/// Cheap to clone. `Display` is one or two plain sentences for an operator; the cause below it, if
/// any, is its [`source`](StdError::source).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
/// # fn main() { example::run(async |client| {
/// use dynamics_client::{ErrorKind, Outcome, Query};
///
/// let error = client.page(&Query::new("cat_breeds").into()).await.unwrap_err();
/// match error.kind() {
///     ErrorKind::NotFound => println!("skip this table: {error}"),
///     ErrorKind::Credentials | ErrorKind::Forbidden => println!("ask a person: {error}"),
///     _ if error.is_temporary() => println!("go on later: {error}"),
///     _ => println!("give up: {error}"),
/// }
/// // Of a write: may it be sent again?
/// match error.outcome() {
///     Outcome::NotApplied => println!("yes"),
///     Outcome::Unknown => println!("only if writing it twice does no harm"),
///     Outcome::Refused => println!("not as it is"),
/// }
/// assert_eq!((error.kind(), error.outcome()), (ErrorKind::NotFound, Outcome::Refused));
/// # Ok(()) }) }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    operation: String,
    problem: Box<Problem>,
    history: History,
}

/// What went before an error.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) outcome: Outcome,
    /// Requests that were sent.
    pub(crate) tries: u32,
    pub(crate) elapsed: Duration,
    /// Further facts for a log, as names and values.
    pub(crate) context: Vec<(&'static str, String)>,
}

impl History {
    /// Nothing was sent.
    pub(crate) const NONE: Self = Self {
        outcome: Outcome::NotApplied,
        tries: 0,
        elapsed: Duration::ZERO,
        context: Vec::new(),
    };
}

impl Error {
    /// An error before anything was sent.
    pub(crate) fn new(operation: impl Into<String>, problem: Box<Problem>) -> Self {
        Self::after(operation, problem, History::NONE)
    }

    pub(crate) fn after(
        operation: impl Into<String>,
        problem: Box<Problem>,
        history: History,
    ) -> Self {
        Self(Arc::new(Inner {
            operation: operation.into(),
            problem,
            history,
        }))
    }

    /// The same error, as the end of something whose outcome is `outcome`.
    pub(crate) fn with_outcome(mut self, outcome: Outcome) -> Self {
        if outcome != self.outcome() {
            Arc::make_mut(&mut self.0).history.outcome = outcome;
        }
        self
    }

    /// The same error, of something else that failed with it.
    pub(crate) fn of(mut self, operation: &str) -> Self {
        operation.clone_into(&mut Arc::make_mut(&mut self.0).operation);
        self
    }

    /// The same error; if a lookup was to refer to a row that does not exist, with the name that `lookup`
    /// has for the lookup.
    pub(crate) fn naming_lookup<'n>(
        mut self,
        lookup: impl FnOnce(Uuid) -> Option<&'n str>,
    ) -> Self {
        let problem = &self.0.problem;
        if let (Some(target), Some(why)) = (problem.target, &problem.why)
            && let Some(name) = lookup(target)
        {
            let why = of_lookup(why, name);
            Arc::make_mut(&mut self.0).problem.why = Some(why.into());
        }
        self
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.problem.kind
    }

    /// Whether the same call can be expected to succeed later without anybody acting.
    pub fn is_temporary(&self) -> bool {
        match self.kind() {
            ErrorKind::Throttled
            | ErrorKind::Unavailable
            | ErrorKind::TooSlow
            | ErrorKind::Deadline => true,
            ErrorKind::Credentials
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::DeltaExpired
            | ErrorKind::LinkRefused
            | ErrorKind::Protocol
            | ErrorKind::TooLarge
            | ErrorKind::BadRequest
            | ErrorKind::VersionMismatch
            | ErrorKind::DuplicateKey
            | ErrorKind::ForeignLink => false,
        }
    }

    /// What all tries together prove about what was asked for. Once it is [`Outcome::Unknown`] for one
    /// of them, no later answer makes it certain again.
    pub fn outcome(&self) -> Outcome {
        self.0.history.outcome
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

    /// How many requests were sent for it.
    pub fn tries(&self) -> u32 {
        self.0.history.tries
    }
}

impl Error {
    /// What to do about it, in whole sentences; `None` where that is not known.
    pub fn advice(&self) -> Option<&str> {
        self.0.problem.advice.as_deref()
    }

    /// What happened, to what and why: the text of the error without its advice.
    pub fn account(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(|f| self.write_account(f))
    }

    fn write_account(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            operation,
            problem,
            history: History { tries, elapsed, .. },
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
        f.write_str(".")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = &self.0.problem;
        self.write_account(f)?;
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
            .field("outcome", &self.outcome())
            .field("context", &self.0.history.context)
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
mod tests;
