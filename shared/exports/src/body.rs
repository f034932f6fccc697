//! The body of an answer: a whole one, or pieces as they come.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};

use crate::Running;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of an answer. One that fails must not be ended like a whole one.
#[derive(Debug)]
pub struct ExportBody(Inner);

#[derive(Debug)]
enum Inner {
    Whole(Option<Bytes>),
    Pieces(Running),
}

impl ExportBody {
    /// These bytes and no more.
    pub fn whole(bytes: Bytes) -> Self {
        Self(Inner::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }

    pub(crate) fn pieces(running: Running) -> Self {
        Self(Inner::Pieces(running))
    }
}

/// An answer with a whole body.
pub(crate) fn whole(response: Response<Bytes>) -> Response<ExportBody> {
    response.map(ExportBody::whole)
}

impl Body for ExportBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Inner::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Inner::Pieces(running) => running.poll_piece(context).map(|piece| {
                Some(match piece? {
                    Ok(bytes) => Ok(Frame::data(bytes)),
                    Err(incomplete) => Err(incomplete.into()),
                })
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Inner::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Whole(bytes) => {
                let length = bytes.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Inner::Pieces(_) => SizeHint::default(),
        }
    }
}
