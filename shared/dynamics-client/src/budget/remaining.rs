//! What an answer says remains of the limits.

use std::time::Duration;

use http::{HeaderMap, HeaderName};

const REQUESTS: HeaderName = HeaderName::from_static("x-ms-ratelimit-burst-remaining-xrm-requests");
const TIME: HeaderName = HeaderName::from_static("x-ms-ratelimit-time-remaining-xrm-requests");

/// What Dataverse said remains of its limits, to all clients of this user and on the one server that
/// answered.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Remaining {
    /// Requests (`x-ms-ratelimit-burst-remaining-xrm-requests`); `None` if it was not said.
    pub requests: Option<u32>,
    /// Execution time (`x-ms-ratelimit-time-remaining-xrm-requests`); `None` if it was not said.
    pub execution_time: Option<Duration>,
}

impl Remaining {
    /// Reads the headers of an answer. What cannot be read counts as not said.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let text = |name| {
            let text = headers.get(name)?.to_str().ok()?;
            // As in `1,199.97`.
            Some(text.trim().replace(',', ""))
        };
        let seconds = |text: String| {
            let seconds: f64 = text.parse().ok()?;
            // None has passed below zero.
            Duration::try_from_secs_f64(seconds.max(0.0)).ok()
        };
        Self {
            requests: text(&REQUESTS).and_then(|text| text.parse().ok()),
            execution_time: text(&TIME).and_then(seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(requests: &str, time: &str) -> Remaining {
        let mut headers = HeaderMap::new();
        headers.insert(REQUESTS, requests.parse().unwrap());
        headers.insert(TIME, time.parse().unwrap());
        Remaining::read(&headers)
    }

    #[test]
    fn both_headers_are_read_with_and_without_thousands_separators() {
        for (requests, time, left, left_ms) in [
            ("7995", "1,199.97", 7_995, 1_199_970),
            ("5,999", " 1199.5 ", 5_999, 1_199_500),
            ("0", "0", 0, 0),
            ("1", "-3.5", 1, 0),
        ] {
            let expected = Remaining {
                requests: Some(left),
                execution_time: Some(Duration::from_millis(left_ms)),
            };
            assert_eq!(read(requests, time), expected);
        }
    }

    #[test]
    fn what_is_no_number_counts_as_not_said() {
        for (requests, time) in [
            ("", ""),
            ("-1", "00:04:12"),
            ("many", "1e300"),
            ("1.5", "x"),
        ] {
            assert_eq!(read(requests, time), Remaining::default());
        }
        assert_eq!(Remaining::read(&HeaderMap::new()), Remaining::default());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_reading_what_remains_panic(text in "[ -~]{0,40}") {
            read(&text, &text);
        }
    }
}
