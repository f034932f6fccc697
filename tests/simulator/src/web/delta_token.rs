//! The delta token: `919042!08/22/2017 08:10:44`, and a mark that tells whose it is.
//!
//! The service's token shows a row version and a time. The mark stands for the table and the
//! organisation, which the service knows of a token too: another's is refused.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Context;
use super::cookie::{self, Cookie};
use crate::refusal::Refusal;
use crate::switches::FutureToken;
use crate::world::World;
use crate::world::schema::Table;

/// How a token prints its time.
const TOKEN_TIME: &str = "%m/%d/%Y %H:%M:%S";

/// A moment of the environment: the last row version then, and the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) version: u64,
    pub(crate) time: Timestamp,
}

/// What a token belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home {
    object_type_code: u32,
    organization: Uuid,
}

impl Home {
    pub(crate) fn of(world: &World, table: &Table) -> Self {
        Self {
            object_type_code: table.object_type_code,
            organization: world.organization_id(),
        }
    }

    fn mark(self) -> String {
        let (high, low) = self.organization.as_u64_pair();
        format!("{}-{:016x}", self.object_type_code, high ^ low)
    }
}

impl Token {
    /// The moment of this request.
    pub(crate) fn now(context: &Context<'_>, world: &World) -> Self {
        Self {
            version: world.version(),
            time: context.now,
        }
    }

    pub(crate) fn print(self, home: Home) -> String {
        let time = self.time.strftime(TOKEN_TIME);
        format!("{}!{time}!{}", self.version, home.mark())
    }

    /// Reads a token back; `None` for anything else, and for another's.
    pub(crate) fn parse(text: &str, home: Home) -> Option<Self> {
        let (text, mark) = text.rsplit_once('!')?;
        let (version, time) = text.split_once('!')?;
        let time = DateTime::strptime(TOKEN_TIME, time).ok()?;
        (mark == home.mark()).then_some(Self {
            version: version.parse().ok()?,
            time: time.to_zoned(TimeZone::UTC).ok()?.timestamp(),
        })
    }

    /// The token that the caller sent, if it is one of this table and still lives.
    pub(crate) fn asked(context: &Context<'_>, world: &World, home: Home) -> Result<Self, Refusal> {
        let text = context.call.options.get("$deltatoken").unwrap_or_default();
        let token = Self::parse(text, home).ok_or_else(malformed)?;
        let days = world.change_tracking_days();
        let life = SignedDuration::from_hours(days.saturating_mul(24));
        let age = context.now.duration_since(token.time);
        if age > life || token.version < world.tokens_since {
            return Err(expired(context));
        }
        if token.version > world.version() {
            return match context.switches.future_token {
                FutureToken::EmptyDelta => Ok(token),
                FutureToken::Expired => Err(expired(context)),
                FutureToken::Malformed => Err(malformed()),
            };
        }
        Ok(token)
    }

    /// The token that a paging cookie carries.
    pub(crate) fn carried(cookie: &Cookie, home: Home) -> Result<Self, Refusal> {
        cookie
            .get("token")
            .and_then(|text| Self::parse(text, home))
            .ok_or_else(cookie::invalid)
    }
}

fn malformed() -> Refusal {
    Refusal::new(400, "0x80040203", "The delta token is not valid.")
}

fn expired(context: &Context<'_>) -> Refusal {
    Refusal::new(
        context.switches.expired_token_status,
        "0x80044352",
        "Version stamp associated with the client has expired. Please perform a full sync.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_prints_and_reads_as_documented_with_its_mark_behind() {
        let token = Token {
            version: 919_042,
            time: "2017-08-22T08:10:44Z".parse().unwrap(),
        };
        let home = |object_type_code, organization| Home {
            object_type_code,
            organization: Uuid::from_u128(organization),
        };
        let text = "919042!08/22/2017 08:10:44!2-000000000000004d";
        assert_eq!(token.print(home(2, 77)), text);
        assert_eq!(Token::parse(text, home(2, 77)), Some(token));
        assert_eq!(Token::parse(text, home(1, 77)), None);
        assert_eq!(Token::parse(text, home(2, 78)), None);
        for broken in [
            "",
            "919042",
            "919042!08/22/2017 08:10:44",
            "x!08/22/2017 08:10:44!2-000000000000004d",
            "1!22/08/2017 08:10:44!2-000000000000004d",
        ] {
            assert_eq!(Token::parse(broken, home(2, 77)), None, "{broken}");
        }
    }
}
