//! How the application proves itself: a client secret, or a certificate in its place.

use dynamics_client::{Certificate, ClientSecret, Credential};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::Problems;

pub(crate) const CLIENT_SECRET: &str = "DYNAMICS_CLIENT_SECRET";
pub(crate) const CLIENT_CERTIFICATE: &str = "DYNAMICS_CLIENT_CERTIFICATE";
pub(crate) const EXPIRES_ON: &str = "DYNAMICS_CLIENT_SECRET_EXPIRES_ON";

/// Why there is no text of a name: words to be read after it.
pub(crate) enum Absent {
    /// Nobody gave one.
    NotGiven(String),
    /// What was given is no text.
    NoText(String),
}

impl Absent {
    pub(crate) fn why(self) -> String {
        match self {
            Self::NotGiven(why) | Self::NoText(why) => why,
        }
    }
}

/// Where the values come from, by name.
pub(crate) type Values<'a> = dyn Fn(&str) -> Result<String, Absent> + 'a;

/// Reads the one credential that there must be.
pub(crate) fn credential(value: &Values<'_>, problems: &mut Problems) -> Option<Credential> {
    let expected = "expected the client secret's value, which Entra shows once, when it is made";
    match (value(CLIENT_SECRET), value(CLIENT_CERTIFICATE)) {
        (Ok(_), Ok(_)) => {
            let why = format!("is given beside {CLIENT_SECRET}; expected only one of the two");
            problems.add(CLIENT_CERTIFICATE, why);
            None
        }
        (Ok(text), Err(Absent::NotGiven(_))) if is_guid(&text) => {
            let why = "is a GUID, so probably the secret's id was copied instead of its value";
            problems.add(CLIENT_SECRET, format!("{why}; {expected}"));
            None
        }
        (Ok(text), Err(Absent::NotGiven(_))) => dated(text.into(), value, problems),
        // A date that is left over says nothing about a certificate, which has its own.
        (Err(Absent::NotGiven(_)), Ok(pem)) => Certificate::from_pem(&pem)
            .map(Credential::Certificate)
            .map_err(|error| problems.add(CLIENT_CERTIFICATE, error.to_string()))
            .ok(),
        (Err(Absent::NotGiven(why)), Err(Absent::NotGiven(_))) => {
            let either = format!("{expected}, or a certificate as {CLIENT_CERTIFICATE}");
            problems.add(CLIENT_SECRET, format!("{why}; {either}"));
            None
        }
        (Err(Absent::NoText(why)), _) => {
            problems.add(CLIENT_SECRET, format!("{why}; {expected}"));
            None
        }
        (_, Err(Absent::NoText(why))) => {
            let expected = "expected a certificate and its private key, as PEM";
            problems.add(CLIENT_CERTIFICATE, format!("{why}; {expected}"));
            None
        }
    }
}

/// The secret with its date, if one is given.
fn dated(secret: ClientSecret, value: &Values<'_>, problems: &mut Problems) -> Option<Credential> {
    let expected = "expected the day on which the client secret expires, such as 2027-01-31";
    let why = match value(EXPIRES_ON) {
        Err(Absent::NotGiven(_)) => return Some(Credential::ClientSecret(secret)),
        Err(Absent::NoText(why)) => why,
        Ok(text) => {
            // The portal tells no hour: as that day begins, it may be over.
            let day = text.parse::<Date>().ok();
            match day.and_then(|day| day.to_zoned(TimeZone::UTC).ok()) {
                Some(end) => {
                    return Some(Credential::ClientSecret(secret.expiring(end.timestamp())));
                }
                None => "is malformed".to_owned(),
            }
        }
    };
    problems.add(EXPIRES_ON, format!("{why}; {expected}"));
    None
}

/// Only the form with hyphens, which is how Entra shows it.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}
