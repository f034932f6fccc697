//! Faults on the way back: the request was processed, the reply suffers.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use tokio::sync::watch;

use super::Effect;
use crate::shifted_clock::ShiftedClock;
use crate::web::Answer;

/// What sending may need.
pub(crate) struct Parcel {
    pub(crate) clock: ShiftedClock,
    /// Changes when the faults are cleared.
    pub(crate) cleared: watch::Receiver<u64>,
}

/// Turns an answer into the response, spoiled by `effect` if that is its way.
pub(crate) fn send(answer: Answer, effect: Option<&Effect>, parcel: Parcel) -> Response {
    if matches!(effect, Some(Effect::ResetBefore | Effect::ResetAfter)) {
        // A status that has a body: a body that fails at once takes the head with it, unsent.
        return Response::new(Body::from_stream(stream::iter([Err::<Bytes, _>(lost())])));
    }
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let bytes = Bytes::from(body);
    let length = bytes.len();
    let (first, second) = halves(&bytes);
    let mut promised = None;
    let body = match effect {
        Some(Effect::CutConnection) => {
            promised = Some(length);
            Body::from_stream(stream::iter([Ok(first)]).chain(stream::once(async {
                // Lets the first half leave before the connection ends.
                tokio::task::yield_now().await;
                Err(lost())
            })))
        }
        Some(Effect::SlowBody { pieces, seconds }) => {
            promised = Some(length);
            Body::from_stream(slow(bytes, *pieces, *seconds, parcel.clock))
        }
        Some(Effect::Stall) => {
            promised = Some(length);
            let mut cleared = parcel.cleared;
            Body::from_stream(stream::iter([Ok(first)]).chain(stream::once(async move {
                // An error means that the simulator is gone: then the rest may go as well.
                let _gone = cleared.changed().await;
                Ok::<_, Infallible>(second)
            })))
        }
        _ => Body::from(bytes),
    };
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    if let Some(length) = promised {
        response = response.header("content-length", length);
    }
    response.body(body).unwrap_or_else(|_| {
        let mut response = Response::new(Body::from("the simulator made an impossible response"));
        *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Cuts the body off where that is the fault: before it is compressed, so that the caller can still
/// unpack what it gets.
pub(crate) fn shorten(mut answer: Answer, effect: Option<&Effect>) -> Answer {
    if effect == Some(&Effect::CutJson) {
        answer.body.truncate(answer.body.len() / 2);
    }
    answer
}

fn lost() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "connection lost by order")
}

fn halves(bytes: &Bytes) -> (Bytes, Bytes) {
    let mut first = bytes.clone();
    let second = first.split_off(bytes.len() / 2);
    (first, second)
}

/// The body in pieces, with a pause on the clock before each but the first.
fn slow(
    bytes: Bytes,
    pieces: u32,
    seconds: u64,
    clock: ShiftedClock,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let pieces = usize::try_from(pieces).unwrap_or(1).max(1);
    let size = bytes.len().div_ceil(pieces).max(1);
    stream::unfold((bytes, false), move |(mut rest, started)| {
        let clock = clock.clone();
        async move {
            if rest.is_empty() {
                return None;
            }
            if started {
                clock.sleep(Duration::from_secs(seconds)).await;
            }
            let piece = rest.split_to(size.min(rest.len()));
            Some((Ok(piece), (rest, true)))
        }
    })
}
