//! The one place that turns a failure of DynamoDB into this crate's [`Error`].
//!
//! Never in here: item contents. Of a service's answer only its code is kept, because validation
//! messages may quote what was sent.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What the caller can do about a failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErrorKind {
    /// The table does not exist: a setting or the deployment is wrong.
    MissingTable,
    /// The role may not do this: the deployment is wrong.
    Denied,
    /// Too much at once, even after retries: try again later.
    Throttled,
    /// No answer, or a failure on the other side: try again later.
    Unavailable,
    /// DynamoDB refused the request's content: one record cannot be stored as it is.
    Refused,
    /// A stored item cannot be read. Nothing was changed.
    Damaged,
    /// A newer release of this software wrote the item: use that release, or roll its data back.
    NewerRelease,
    /// Another run holds the lease by now; this one must stop writing.
    LeaseLost,
}

/// A failure of the store: what was being done, to which table, why it failed, what to do.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    action: String,
    table: String,
    reason: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            action,
            table,
            reason,
            ..
        } = &*self.0;
        write!(
            f,
            "cannot {action} table `{table}`: {reason}. {}",
            self.0.kind.advice()
        )
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl ErrorKind {
    /// Of what DynamoDB answered, or gave as the reason why it cancelled a transaction.
    pub(crate) fn of(code: &str) -> Self {
        match code {
            "ResourceNotFoundException" => Self::MissingTable,
            "AccessDeniedException"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "ExpiredTokenException"
            | "MissingAuthenticationTokenException" => Self::Denied,
            "ProvisionedThroughputExceededException"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "TransactionConflictException"
            | "TransactionInProgressException"
            // Why a transaction was cancelled.
            | "TransactionConflict"
            | "ProvisionedThroughputExceeded"
            | "ThrottlingError" => Self::Throttled,
            "ValidationException"
            | "ItemCollectionSizeLimitExceededException"
            | "ValidationError"
            | "ItemCollectionSizeLimitExceeded" => Self::Refused,
            _ => Self::Unavailable,
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::MissingTable => {
                "Check SYNC_STATE_TABLE, SYNC_RECORDS_TABLE, SYNC_CHANGES_TABLE and the region"
            }
            Self::Denied => "Check the function's role and the AWS credentials",
            Self::Throttled | Self::Unavailable => {
                "Nothing is lost; the next run goes on from the last saved page"
            }
            Self::Refused => "The record was not stored and the cursor did not move",
            Self::Damaged => {
                "Nothing was changed. Restore the item from the table's point-in-time recovery. A cursor can also be given up: `dynamics-sync cursor reset STREAM`, and the next run reads everything again"
            }
            Self::NewerRelease => {
                "Use the release that wrote it; this one would lose what it does not know"
            }
            Self::LeaseLost => "This run stopped; the other run goes on",
        }
    }
}

/// What was being done, kept until it is known how it failed.
pub(crate) struct Failure {
    action: String,
    table: String,
}

impl Failure {
    /// `action` completes the sentence "cannot … table `x`".
    pub(crate) fn new(action: impl Into<String>, table: &str) -> Self {
        Self {
            action: action.into(),
            table: table.to_owned(),
        }
    }

    /// A failure of a call.
    pub(crate) fn sdk<E, R>(self, error: SdkError<E, R>) -> Error
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        let code = error.code().map(ToOwned::to_owned);
        let (kind, reason) = match (&error, code.as_deref()) {
            (_, Some(code)) => (ErrorKind::of(code), format!("DynamoDB answered {code}")),
            (SdkError::TimeoutError(_), _) => {
                (ErrorKind::Unavailable, "no answer in time".to_owned())
            }
            (SdkError::DispatchFailure(_), _) => (
                ErrorKind::Unavailable,
                "DynamoDB could not be reached".to_owned(),
            ),
            _ => (
                ErrorKind::Unavailable,
                "the answer was not understood".to_owned(),
            ),
        };
        // The SDK's own error is not kept: its text may quote the item.
        self.with(kind, reason, None)
    }

    /// A transaction that was cancelled for this reason.
    pub(crate) fn cancelled(self, code: &str) -> Error {
        let reason = format!("DynamoDB cancelled the transaction: {code}");
        self.with(ErrorKind::of(code), reason, None)
    }

    /// A stored item, or part of one, that cannot be read.
    pub(crate) fn damaged(
        self,
        what: &str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Error {
        self.with(
            ErrorKind::Damaged,
            format!("{what} cannot be read"),
            Some(source.into()),
        )
    }

    /// The stream has passed to another run.
    pub(crate) fn lease_lost(self) -> Error {
        self.because(
            ErrorKind::LeaseLost,
            "another run has taken the stream over",
        )
    }

    /// A failure that is no answer of DynamoDB's.
    pub(crate) fn because(self, kind: ErrorKind, reason: impl Into<String>) -> Error {
        self.with(kind, reason.into(), None)
    }

    fn with(
        self,
        kind: ErrorKind,
        reason: String,
        source: Option<Box<dyn StdError + Send + Sync>>,
    ) -> Error {
        let Self { action, table } = self;
        Error(Box::new(Inner {
            kind,
            action,
            table,
            reason,
            source,
        }))
    }
}
