//! How long the credential lasts, and when to say so.

use dynamics_client::Credential;
use jiff::Timestamp;

use crate::credential::EXPIRES_ON;

/// How many days before its end a credential is worth a warning: time to find out who may make a new one.
const WARN_DAYS: i64 = 30;

const SECONDS_A_DAY: i64 = 86_400;

/// When a credential stops working, as far as it is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CredentialExpiry {
    /// What it is, in words.
    noun: &'static str,
    at: Option<Timestamp>,
}

impl CredentialExpiry {
    /// Of this credential.
    pub fn of(credential: &Credential) -> Self {
        let noun = match credential {
            Credential::Certificate(_) => "certificate",
            _ => "client secret",
        };
        Self {
            noun,
            at: credential.expires(),
        }
    }

    /// How many whole days are left at `now`: below 0 once it is over. `None` when nobody knows.
    pub fn days_left(&self, now: Timestamp) -> Option<i64> {
        let seconds = self.at?.as_second() - now.as_second();
        Some(seconds.div_euclid(SECONDS_A_DAY))
    }

    /// What a person should be told at `now`, and what to do: that it ends within 30 days, that it has
    /// ended, or that nobody knows when it will.
    pub fn warning(&self, now: Timestamp) -> Option<String> {
        let noun = self.noun;
        let (Some(at), Some(days)) = (self.at, self.days_left(now)) else {
            return Some(format!(
                "it is not known when the {noun} expires, so nobody can be warned in time; give the \
                 day that Entra shows as {EXPIRES_ON}"
            ));
        };
        let when = match days {
            WARN_DAYS.. => return None,
            ..0 => format!("has expired, on {}", day(at)),
            0 => format!("expires within a day, on {}", day(at)),
            1 => format!("expires in 1 day, on {}", day(at)),
            _ => format!("expires in {days} days, on {}", day(at)),
        };
        Some(format!(
            "the {noun} {when}; make a new one in the app registration and store it in place of this one"
        ))
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(at: Option<&str>, now: &str) -> String {
        let expiry = CredentialExpiry {
            noun: "client secret",
            at: at.map(|at| at.parse().unwrap()),
        };
        expiry.warning(now.parse().unwrap()).unwrap_or_default()
    }

    #[test]
    fn the_last_thirty_days_the_end_and_an_unknown_end_are_worth_a_warning() {
        let end = Some("2027-01-31T00:00:00Z");
        assert_eq!(warning(end, "2027-01-01T00:00:00Z"), "");
        let advice = "; make a new one in the app registration and store it in place of this one";
        for (now, expected) in [
            ("2027-01-01T00:00:01Z", "expires in 29 days, on 2027-01-31"),
            ("2027-01-29T00:00:00Z", "expires in 2 days, on 2027-01-31"),
            ("2027-01-30T00:00:00Z", "expires in 1 day, on 2027-01-31"),
            (
                "2027-01-30T00:00:01Z",
                "expires within a day, on 2027-01-31",
            ),
            ("2027-01-31T00:00:01Z", "has expired, on 2027-01-31"),
        ] {
            assert_eq!(
                warning(end, now),
                format!("the client secret {expected}{advice}")
            );
        }
        assert_eq!(
            warning(None, "2027-01-01T00:00:00Z"),
            "it is not known when the client secret expires, so nobody can be warned in time; give the \
             day that Entra shows as DYNAMICS_CLIENT_SECRET_EXPIRES_ON"
        );
    }

    #[test]
    fn days_are_counted_whole_and_backwards_after_the_end() {
        let credential = Credential::ClientSecret("x".into());
        assert_eq!(
            CredentialExpiry::of(&credential).days_left(Timestamp::UNIX_EPOCH),
            None
        );
        let expiry = CredentialExpiry {
            noun: "certificate",
            at: Some(Timestamp::from_second(2 * SECONDS_A_DAY).unwrap()),
        };
        for (now, days) in [
            (0, 2),
            (1, 1),
            (2 * SECONDS_A_DAY, 0),
            (2 * SECONDS_A_DAY + 1, -1),
        ] {
            let now = Timestamp::from_second(now).unwrap();
            assert_eq!(expiry.days_left(now), Some(days));
        }
    }
}
