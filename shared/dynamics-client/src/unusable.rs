//! Answers that say "done" and are not what was promised.
//!
//! Never in an error: what stands in them.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;

use crate::call::Asked;
use crate::classify::{Failure, with_answer};
use crate::error::{ErrorKind, Outcome, Problem};

impl Failure {
    /// An answer came that says "done", but it is not what was promised and would not be the next time.
    pub(crate) fn unusable(problem: Box<Problem>) -> Self {
        Self {
            problem,
            // Whoever answered, it may be something else than what was asked.
            outcome: Outcome::Unknown,
            passing: false,
            retry_after: None,
        }
    }
}

/// A 2xx answer whose body is not the promised document. A page for people, nothing, or a part of the
/// document is what passing trouble looks like; a whole document of another form is not.
pub(crate) fn unreadable(
    asked: Asked,
    answer: &Response<Bytes>,
    error: &serde_json::Error,
) -> Failure {
    let body = answer.body();
    let is_html = answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim_start().starts_with("text/html"));
    let (kind, why, advice): (_, Cow<'static, str>, _) = if body.is_empty() {
        (
            ErrorKind::Unavailable,
            "the body is empty".into(),
            "Try again later.",
        )
    } else if is_html || body.trim_ascii_start().starts_with(b"<") {
        (
            ErrorKind::Unavailable,
            "it sent a web page instead of JSON".into(),
            "Check the address, since a sign-in page answers like this; if it was a maintenance page, \
             try again later.",
        )
    } else if error.is_eof() {
        (
            ErrorKind::Unavailable,
            "the JSON ends too early".into(),
            "Try again later.",
        )
    } else {
        // Never the parser's own text: it quotes values.
        let place = format!("line {}, column {}", error.line(), error.column());
        (
            ErrorKind::Protocol,
            format!("the JSON is not of the expected form at {place}").into(),
            "If it keeps happening, report it.",
        )
    };
    let what = format!("{} gave an unusable answer", asked.server());
    let problem = Problem::new(kind, what).because(why).advise(advice);
    Failure {
        passing: kind == ErrorKind::Unavailable,
        ..Failure::unusable(with_answer(problem, answer))
    }
}
