//! Faults that answer in place of the service.

use jiff::{SignedDuration, Timestamp};

use super::{Effect, Limit, RetryAfter};
use crate::refusal::Refusal;
use crate::web::Answer;
use crate::web::http_date;

/// The answer that a fault gives without the request being processed; `None` for the other faults.
pub(crate) fn early_answer(effect: &Effect, now: Timestamp) -> Option<Answer> {
    match effect {
        Effect::Throttled { limit, retry_after } => {
            let (code, message) = limit.words();
            let answer = Answer::from(Refusal::new(429, code, message));
            Some(with_retry_after(answer, retry_after, now))
        }
        Effect::Status {
            status,
            code,
            message,
            retry_after,
            html,
        } => {
            let answer = if *html {
                Answer::html(*status, &format!("{status} {message}"))
            } else {
                Answer::from(Refusal::new(*status, code, message.clone()))
            };
            Some(with_retry_after(answer, retry_after, now))
        }
        Effect::HtmlPage => Some(Answer::html(200, "Sign in to your account")),
        Effect::EmptyBody => Some(Answer::odata(200, Vec::new())),
        Effect::Unauthorized => Some(
            Answer::from(Refusal::new(
                401,
                "0x80041d52",
                "The OAuth token has expired.",
            ))
            .header("www-authenticate", "Bearer".to_owned()),
        ),
        _ => None,
    }
}

impl Limit {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Requests => (
                "0x80072322",
                "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
            ),
            Self::ExecutionTime => (
                "0x80072321",
                "Combined execution time of incoming requests exceeded limit of 1,200,000 \
                 milliseconds over time window of 300 seconds. Decrease number of concurrent \
                 requests or reduce the duration of requests and try again later.",
            ),
            Self::Concurrency => (
                "0x80072326",
                "Number of concurrent requests exceeded the limit of 52.",
            ),
        }
    }
}

fn with_retry_after(answer: Answer, retry_after: &RetryAfter, now: Timestamp) -> Answer {
    let value = match retry_after {
        RetryAfter::Absent => return answer,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => http_date(
            now.checked_add(SignedDuration::from_secs(*seconds))
                .unwrap_or(now),
        ),
        RetryAfter::Text(text) => text.clone(),
    };
    answer.header("retry-after", value)
}
