//! Faults that answer in place of the service.

use jiff::{SignedDuration, Timestamp};

use super::{Effect, Limit, RetryAfter};
use crate::refusal::Refusal;
use crate::web::Answer;
use crate::web::{grouped, http_date};

/// The answer that a fault gives without the request being processed; `None` for the other faults.
pub(crate) fn early_answer(effect: &Effect, now: Timestamp) -> Option<Answer> {
    match effect {
        Effect::Throttled { limit, retry_after } => {
            let answer = Answer::from(limit.refusal(limit.documented(), 300));
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
    /// What the service allows by default.
    fn documented(self) -> u64 {
        match self {
            Self::Requests => 6_000,
            Self::ExecutionTime => 1_200_000,
            Self::Concurrency => 52,
        }
    }

    /// The refusal in the service's words.
    pub(crate) fn refusal(self, most: u64, window_seconds: u64) -> Refusal {
        let (code, message) = match self {
            Self::Requests => (
                "0x80072322",
                format!(
                    "Number of requests exceeded the limit of {most} over time window of \
                     {window_seconds} seconds."
                ),
            ),
            Self::ExecutionTime => (
                "0x80072321",
                format!(
                    "Combined execution time of incoming requests exceeded limit of {} \
                     milliseconds over time window of {window_seconds} seconds. Decrease number of \
                     concurrent requests or reduce the duration of requests and try again later.",
                    grouped(&most.to_string())
                ),
            ),
            Self::Concurrency => (
                "0x80072326",
                format!("Number of concurrent requests exceeded the limit of {most}."),
            ),
        };
        Refusal::new(429, code, message)
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
