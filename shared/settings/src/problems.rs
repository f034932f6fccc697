//! What is wrong with the settings: collected by name, reported together.

use std::error::Error as StdError;
use std::fmt;

use thiserror::Error;

use crate::SecretFailure;

/// Why there are no settings.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Values are missing or malformed; trying again changes nothing.
    #[error(transparent)]
    Invalid(#[from] InvalidSettings),
    /// The secret that holds values could not be read.
    #[error("the secret {secret_id:?} {failure}")]
    Secret {
        /// The secret's name or ARN, as the settings give it.
        secret_id: String,
        /// What happened, and what to do.
        failure: SecretFailure,
        /// What the AWS SDK said, where it was asked.
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
}

/// One value that is missing or malformed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The variable, or the member of the secret.
    pub name: String,
    /// What is wrong and what was expected, to be read after the name. Never the value.
    pub message: String,
}

/// Values that are missing or malformed, all together.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub struct InvalidSettings {
    /// The secret that they are members of; `None` for variables.
    secret_id: Option<String>,
    problems: Vec<Problem>,
}

impl InvalidSettings {
    /// Every problem, in the order in which the values are read.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let (noun, verb) = match (&self.secret_id, count) {
            (None, 1) => ("setting", "is"),
            (None, _) => ("settings", "are"),
            (Some(_), 1) => ("member", "is"),
            (Some(_), _) => ("members", "are"),
        };
        write!(f, "{count} {noun} ")?;
        if let Some(secret_id) = &self.secret_id {
            write!(f, "of the secret {secret_id:?} ")?;
        }
        write!(f, "{verb} missing or malformed:")?;
        for Problem { name, message } in &self.problems {
            write!(f, "\n{name} {message}")?;
        }
        Ok(())
    }
}

/// Problems found so far. One collection is handed through everything that reads a setting.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Adds what is wrong with the value called `name`; `message` is read after the name.
    pub fn add(&mut self, name: &str, message: impl Into<String>) {
        self.found.push(Problem {
            name: name.to_owned(),
            message: message.into(),
        });
    }

    /// The value, if nothing is wrong.
    ///
    /// # Errors
    /// Every problem, if there is one.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, InvalidSettings> {
        self.into_result_of(None, value)
    }

    pub(crate) fn into_result_of<T>(
        self,
        secret_id: Option<&str>,
        value: Option<T>,
    ) -> Result<T, InvalidSettings> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(InvalidSettings {
                secret_id: secret_id.map(str::to_owned),
                problems: self.found,
            }),
        }
    }
}
