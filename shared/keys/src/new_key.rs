//! A new key, and what is kept of it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::civil::Date;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use web::{Scope, Scopes};

/// So that a scanner of texts for secrets can tell one of ours.
const PREFIX: &str = "dsk_";
const NAME_CHARS_MAX: usize = 64;
/// What is expected of a name.
pub(crate) const NAME_FORM: &str =
    "expected 1 to 64 letters (a to z, A to Z), digits, `.`, `_` and `-`";

/// A key that was just made: the only time that anybody sees it.
#[derive(Debug)]
pub struct NewKey {
    /// What the caller shows.
    pub key: SecretString,
    /// What is kept.
    pub entry: Entry,
}

/// What is kept of a key.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<Date>,
}

/// A name that no key can have.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the key's name is malformed; {NAME_FORM}")]
pub struct InvalidName;

impl NewKey {
    /// A key of that name for these scopes. `random` must come from a source fit for secrets, and is used for
    /// nothing else.
    ///
    /// # Errors
    /// When the name is malformed.
    pub fn generate(
        random: [u8; 32],
        name: &str,
        scopes: &[Scope],
        created: Date,
    ) -> Result<Self, InvalidName> {
        if !is_name(name) {
            return Err(InvalidName);
        }
        let key = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
        let scopes: Scopes = scopes.iter().copied().collect();
        Ok(Self {
            entry: Entry {
                name: name.to_owned(),
                sha256: hex(&sha256(&key)),
                scopes: scopes.names().into_iter().map(str::to_owned).collect(),
                created: Some(created),
            },
            key: key.into(),
        })
    }

    /// What a caller shows, as `NAME:KEY`.
    pub fn pair(&self) -> SecretString {
        format!("{}:{}", self.entry.name, self.key.expose_secret()).into()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// Whether a key may be called so. It stands in log lines, in records of changes and exports, and on the
/// page; a colon would end it in HTTP Basic.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(allowed)
}

pub(crate) fn sha256(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
