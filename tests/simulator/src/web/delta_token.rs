//! The text of a delta token: `919042!08/22/2017 08:10:44`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// How a token prints its time.
const TOKEN_TIME: &str = "%m/%d/%Y %H:%M:%S";

/// A moment of the environment: the last row version then, and the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) version: u64,
    pub(crate) time: Timestamp,
}

impl Token {
    pub(crate) fn print(self) -> String {
        format!("{}!{}", self.version, self.time.strftime(TOKEN_TIME))
    }

    /// Reads a token back; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (version, time) = text.split_once('!')?;
        let time = DateTime::strptime(TOKEN_TIME, time).ok()?;
        Some(Self {
            version: version.parse().ok()?,
            time: time.to_zoned(TimeZone::UTC).ok()?.timestamp(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_prints_and_reads_as_documented() {
        let token = Token {
            version: 919_042,
            time: "2017-08-22T08:10:44Z".parse().unwrap(),
        };
        assert_eq!(token.print(), "919042!08/22/2017 08:10:44");
        assert_eq!(Token::parse("919042!08/22/2017 08:10:44"), Some(token));
        for broken in [
            "",
            "919042",
            "x!08/22/2017 08:10:44",
            "1!22/08/2017 08:10:44",
        ] {
            assert_eq!(Token::parse(broken), None, "{broken}");
        }
    }
}
