//! Reading `Retry-After`: seconds or an HTTP date (RFC 9110, section 10.2.3).
//!
//! A date is a moment on the server's clock, so it is measured against the answer's own `Date`; this
//! machine's clock may be minutes off.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// How long the server asks to wait. A date in the past is a wait of zero; anything that is neither
/// a number of seconds nor a date counts as not said. `now` is used only if the answer has no date.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    parse(text.trim(), answered_at(headers).unwrap_or(now))
}

/// When the server says it answered.
pub(crate) fn answered_at(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// A `Date` or `Retry-After` date.
fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 holds is still a number: for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    http_date(text).map(|date| clock::elapsed(now, date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Duration> {
        parse(text, "2026-11-20T02:00:00Z".parse().unwrap())
    }

    #[test]
    fn every_form_of_retry_after_is_read() {
        let seconds = |n| Some(Duration::from_secs(n));
        for (text, expected) in [
            ("0", seconds(0)),
            ("12", seconds(12)),
            ("Fri, 20 Nov 2026 02:00:30 GMT", seconds(30)),
            ("Fri, 20 Nov 2026 01:59:30 GMT", seconds(0)),
            ("99999999999999999999999", seconds(u64::MAX)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("Mon, 20 Nov 2026 02:00:30 GMT", None),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_date_is_measured_on_the_clock_of_the_server_that_set_it() {
        let mut headers = HeaderMap::new();
        let until = "Fri, 20 Nov 2026 02:00:30 GMT".parse().unwrap();
        headers.insert(RETRY_AFTER, until);
        let five_minutes_ahead = "2026-11-20T02:05:00Z".parse().unwrap();
        assert_eq!(
            retry_after(&headers, five_minutes_ahead),
            Some(Duration::ZERO)
        );
        headers.insert(DATE, "Fri, 20 Nov 2026 02:00:00 GMT".parse().unwrap());
        assert_eq!(
            retry_after(&headers, five_minutes_ahead),
            Some(Duration::from_secs(30))
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_reading_retry_after_panic(text in ".{0,60}") {
            read(&text);
        }

        #[test]
        fn whole_seconds_are_read_back(seconds: u64) {
            proptest::prop_assert_eq!(read(&seconds.to_string()), Some(Duration::from_secs(seconds)));
        }
    }
}
