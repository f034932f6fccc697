//! What the authorizer must be told.

use crate::environment::{Environment, text};
use crate::{Problems, SettingsError, secret};

const KEYS_SECRET_ID: &str = "SYNC_KEYS_SECRET_ID";

/// Everything the authorizer must be told.
#[derive(Clone, Debug)]
pub struct AuthorizerSettings {
    /// The secret with the named keys, by name or ARN (`SYNC_KEYS_SECRET_ID`).
    pub keys_secret_id: String,
}

impl AuthorizerSettings {
    /// Reads the variables of the authorizer.
    ///
    /// # Errors
    /// Every variable that is missing or malformed, all together.
    pub fn from_env(env: &Environment<'_>) -> Result<Self, SettingsError> {
        let mut problems = Problems::default();
        let keys_secret_id = text(env, KEYS_SECRET_ID).filter(|id| secret::is_id(id));
        if keys_secret_id.is_none() {
            let why = match text(env, KEYS_SECRET_ID) {
                Some(_) => "is malformed",
                None => "is missing",
            };
            problems.add(KEYS_SECRET_ID, format!("{why}; {}", secret::ID_EXPECTED));
        }
        let settings = keys_secret_id.map(|keys_secret_id| Self { keys_secret_id });
        Ok(problems.into_result(settings)?)
    }
}
