//! Answers in JSON.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::{Problem, ProblemKind};

/// An answer in JSON, that nobody on the way keeps: it may be about a person, and it changes.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    let body = match serde_json::to_vec(body) {
        Ok(body) => body,
        // Only a number that is none in JSON could do it, and none was taken in.
        Err(_) => {
            let detail = "this cannot be shown: a number in it is none in JSON";
            return Problem::new(ProblemKind::Failed, detail).into_response();
        }
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
