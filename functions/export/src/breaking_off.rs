//! The body of an answer that can break off.
//!
//! The runtime's own way would be two trailers, but `lambda_runtime` writes them into the body as text and
//! then ends it like a whole one: the file would have two lines of nonsense after `#INCOMPLETE`, and curl and
//! browsers would call it complete. So the process ends instead, once the last line is on its way: Lambda
//! breaks the transfer off and counts an error, and the next call finds a fresh process.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>

use std::pin::Pin;
use std::process;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use clock::{Clock, SystemClock};
use exports::{BoxError, ExportBody};
use futures::future::BoxFuture;
use http_body::{Body, Frame, SizeHint};
use tracing::Span;

/// So long the last line has to get out of the process.
const LAST_LINE: Duration = Duration::from_secs(1);

/// A body that ends the process where it would end in an error.
pub(crate) struct BreakingOff {
    body: ExportBody,
    /// It has failed; when this is over, so is the process.
    ending: Option<BoxFuture<'static, ()>>,
    /// Of the invocation: whoever sends the body is outside of it.
    span: Span,
}

impl BreakingOff {
    pub(crate) fn new(body: ExportBody) -> Self {
        Self {
            body,
            ending: None,
            span: Span::current(),
        }
    }
}

impl Body for BreakingOff {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.ending.is_none() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Err(reason))) => {
                    let line = || {
                        tracing::error!(%reason, "the process ends, so that the transfer breaks off");
                    };
                    self.span.in_scope(line);
                    self.ending = Some(SystemClock.sleep(LAST_LINE));
                }
                other => return other,
            }
        }
        if let Some(ending) = &mut self.ending
            && ending.as_mut().poll(context).is_ready()
        {
            process::exit(1);
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.ending.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
