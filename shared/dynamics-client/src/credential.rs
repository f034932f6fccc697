//! How the application proves who it is, and until when that lasts.
//!
//! Never in here: any way to show a secret or a key.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::certificate::Certificate;

/// How the application proves who it is. `Debug` never prints it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credential {
    /// A client secret's value (not its id).
    ClientSecret(ClientSecret),
    /// A certificate with its private key. Only a signature leaves this process.
    Certificate(Certificate),
}

impl Credential {
    /// When it stops working, as far as this process can know: a certificate says so itself, of a
    /// client secret only Entra's portal shows it.
    pub fn expires(&self) -> Option<Timestamp> {
        match self {
            Self::ClientSecret(secret) => secret.expires,
            Self::Certificate(certificate) => Some(certificate.not_after()),
        }
    }

    /// Whether `other` proves the same in the same way, so that a token got with it is as good.
    pub(crate) fn proves_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::ClientSecret(one), Self::ClientSecret(other)) => {
                one.value.expose_secret() == other.value.expose_secret()
            }
            (Self::Certificate(one), Self::Certificate(other)) => {
                one.thumbprint() == other.thumbprint()
            }
            _ => false,
        }
    }
}

/// A client secret's value, and until when it is good.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    value: SecretString,
    expires: Option<Timestamp>,
}

impl ClientSecret {
    /// The same secret, of which somebody said when it expires. It is tried all the same after that:
    /// only Entra decides.
    #[must_use]
    pub fn expiring(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// The value itself.
    pub fn value(&self) -> &SecretString {
        &self.value
    }
}

impl From<SecretString> for ClientSecret {
    fn from(value: SecretString) -> Self {
        Self {
            value,
            expires: None,
        }
    }
}

impl From<String> for ClientSecret {
    fn from(value: String) -> Self {
        SecretString::from(value).into()
    }
}

impl From<&str> for ClientSecret {
    fn from(value: &str) -> Self {
        SecretString::from(value).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debug_print_hides_the_secret() {
        let credential = Credential::ClientSecret("hunter2".into());
        assert!(!format!("{credential:?}").contains("hunter2"));
    }

    #[test]
    fn a_date_that_was_corrected_leaves_what_is_proved_the_same() {
        let plain = ClientSecret::from("hunter2");
        let dated = Credential::ClientSecret(plain.clone().expiring(Timestamp::UNIX_EPOCH));
        assert_eq!(dated.expires(), Some(Timestamp::UNIX_EPOCH));
        assert!(dated.proves_the_same_as(&Credential::ClientSecret(plain)));
        assert!(!dated.proves_the_same_as(&Credential::ClientSecret("hunter3".into())));
    }
}
