//! The document that says which keys there are.

use std::fmt;

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use subtle::{Choice, ConstantTimeEq};
use web::{Caller, Scope, Scopes};

use crate::new_key::{NAME_FORM, is_name, sha256};
use crate::{Entry, Shown};

/// The version of the document that this release writes, and the only one that there is.
const VERSION: u64 = 1;

const FORM: &str =
    "expected {\"version\": 1, \"keys\": [{\"name\", \"sha256\", \"scopes\", \"created\"}]}";

/// The keys that there are.
#[derive(Clone, Default)]
pub struct Keys {
    kept: Vec<Kept>,
}

/// A key that was read.
#[derive(Clone)]
struct Kept {
    entry: Entry,
    sha256: [u8; 32],
    scopes: Scopes,
}

/// Why a document says nothing about keys: read after what it is called. It quotes nothing of it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidKeys {
    /// It is no JSON at all.
    #[error("is not JSON (line {line}, column {column}); {FORM}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It is JSON, but something else.
    #[error("is not what it should be at line {line}, column {column}; {FORM} and nothing else")]
    OtherForm {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It was written by a newer release.
    #[error("has another version than {VERSION}: a newer release has written it; use that one")]
    OtherVersion,
    /// Single keys are wrong.
    #[error("is wrong: {}", .0.join("; "))]
    Keys(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "version")]
    _version: u64,
    keys: Vec<Entry>,
}

/// What every release writes, whatever else is in the document.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    keys: Vec<&'a Entry>,
}

impl Keys {
    /// Reads a document.
    ///
    /// # Errors
    /// Everything that is wrong with its keys, by their place; nothing of it is used then: a typing error
    /// must not let some callers in and lock others out unnoticed.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        // First, because a newer release may have written what this one does not know.
        if let Ok(Versioned { version }) = serde_json::from_str(text)
            && version != VERSION
        {
            return Err(InvalidKeys::OtherVersion);
        }
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            match error.classify() {
                Category::Data => InvalidKeys::OtherForm { line, column },
                _ => InvalidKeys::NotJson { line, column },
            }
        })?;
        let mut keys = Self::default();
        let mut wrong = Vec::new();
        for (index, entry) in document.keys.into_iter().enumerate() {
            match keys.checked(entry) {
                Ok(kept) => keys.kept.push(kept),
                Err(why) => wrong.push(format!("key {} {why}", index + 1)),
            }
        }
        if wrong.is_empty() {
            Ok(keys)
        } else {
            Err(InvalidKeys::Keys(wrong))
        }
    }

    fn checked(&self, entry: Entry) -> Result<Kept, String> {
        if !is_name(&entry.name) {
            return Err(format!("has a malformed `name`; {NAME_FORM}"));
        }
        let Some(sha256) = unhex(&entry.sha256) else {
            return Err(
                "has a malformed `sha256`; expected 64 hexadecimal digits, as `dynamics-sync keys new` prints them".to_owned(),
            );
        };
        if self.kept.iter().any(|kept| kept.sha256 == sha256) {
            return Err("has the `sha256` of one before it; expected each once".to_owned());
        }
        let named = entry.scopes.iter().map(|word| Scope::named(word));
        let Some(scopes) = named.collect::<Option<Scopes>>() else {
            let known = web::one_of(Scope::ALL.map(Scope::name));
            return Err(format!(
                "has `scopes` with a word that is none; expected {known}"
            ));
        };
        if scopes == Scopes::default() {
            return Err("has no `scopes`; expected one at least".to_owned());
        }
        Ok(Kept {
            entry,
            sha256,
            scopes,
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Adds a new key; those of its name stay good.
    pub fn add(&mut self, entry: Entry) -> Result<(), InvalidKeys> {
        let kept = self.checked(entry);
        self.kept
            .push(kept.map_err(|why| InvalidKeys::Keys(vec![format!("the new key {why}")]))?);
        Ok(())
    }

    /// The document of these keys.
    pub fn to_json(&self) -> String {
        let written = Written {
            version: VERSION,
            keys: self.kept.iter().map(|kept| &kept.entry).collect(),
        };
        // Texts under fixed names always serialize.
        serde_json::to_string_pretty(&written).unwrap_or_default()
    }

    /// Who shows this. Every key is compared, in a time that does not tell how near one came.
    pub fn caller(&self, shown: &Shown) -> Option<Caller> {
        let sha256 = sha256(shown.key.expose_secret());
        let mut found = None;
        for kept in &self.kept {
            let is_name = kept.entry.name == shown.name.expose_secret();
            let is_it = kept.sha256.ct_eq(&sha256) & Choice::from(u8::from(is_name));
            if bool::from(is_it) {
                found = Some(kept);
            }
        }
        found.map(|kept| Caller {
            key: kept.entry.name.clone(),
            scopes: kept.scopes.clone(),
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("count", &self.kept.len())
            .finish_non_exhaustive()
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut bytes = [0; 32];
    if !digits || text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
