//! The seam between this client and the network: one request out, one whole answer back.
//!
//! Never in here: retries, tokens, the meaning of an answer. A test wraps a [`Transport`] to cut the
//! wire before or after any request.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use thiserror::Error;

/// Sends one request and returns the whole answer, or says what is known about a failure.
///
/// An answer is whole or it is an error: a caller that gets `Ok` holds every byte the server meant to
/// send. The request may carry a [`TimeLimit`] among its extensions.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` once. Never follows a redirect and never sends a request twice.
    ///
    /// # Errors
    /// When there is no whole answer; see [`TransportErrorKind`].
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

/// A request extension: the time the caller has left. A transport gives up by then, so that no
/// request outlives its caller's deadline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeLimit(pub Duration);

/// Why there is no whole answer.
#[derive(Debug, Error)]
#[error("{kind}")]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Box<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// A failure of `kind`, caused by `source`. The source must name neither the request's address
    /// nor its headers.
    pub fn new(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            source: source.into(),
        }
    }

    /// What the failure proves.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

/// What a failure proves about the request.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum TransportErrorKind {
    /// No byte of the request reached the server: no address, connection refused, connect timeout.
    /// Any request may be sent again.
    #[error("the request was not sent")]
    NotSent,
    /// No byte of the request was sent, because TLS failed: the certificate is not accepted, or the
    /// other end does not speak TLS. It would be as bad the next time.
    #[error("no secure connection could be made")]
    Insecure,
    /// The request was sent, in whole or in part, and no whole answer came: reset, body cut short, the
    /// caller's time over. Only a request that may be applied twice may be sent again.
    #[error("the request was sent, but no whole answer came")]
    Unknown,
    /// As [`Self::Unknown`], because the answer took longer than this transport waits, although the
    /// caller had the time.
    #[error("the request was sent, but the answer took too long")]
    TooSlow,
    /// The answer is longer than this transport accepts. It would be as long the next time.
    #[error("the answer is too large")]
    TooLarge,
}
