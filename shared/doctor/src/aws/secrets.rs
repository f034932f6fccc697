//! Whether the secret with the named keys can be read, and lets somebody in.

use keys::Keys;
use settings::{SecretFailure, SettingsError, secret_text};

use super::Aws;
use crate::report::{Check, Finding, Found, Who};

const SECRET: &str = "keys secret";

/// What to do where there is no key.
const MAKE_ONE: &str = "Make a key with `dynamics-sync keys new NAME --scope read --aws`, or correct SYNC_KEYS_SECRET_ID.";

/// One request, or none.
pub(super) async fn check(aws: &Aws) -> Check {
    let Some(id) = aws.keys_secret.as_deref() else {
        let note = "SYNC_KEYS_SECRET_ID is not set, so nobody is let in over HTTP";
        return Check::done(SECRET, None, Found::default().note(note));
    };
    let found = match secret_text(&aws.secrets, id).await {
        Ok(text) => keys_in(id, &text),
        Err(SettingsError::Secret {
            failure: SecretFailure::Denied,
            ..
        }) => Finding::fail(
            format!("The secret {id:?} may not be read by whoever runs this."),
            Who::Deployer,
            super::access(
                "secretsmanager:GetSecretValue, and kms:Decrypt if the secret has a key of its own",
            ),
        )
        .into(),
        Err(error) => Finding::fail(format!("{error}."), Who::Deployer, MAKE_ONE).into(),
    };
    Check::done(SECRET, Some(id), found)
}

/// Whether that is a list of keys: the authorizer lets nobody in by anything else.
fn keys_in(id: &str, text: &str) -> Found {
    match Keys::parse(text) {
        Ok(keys) if keys.is_empty() => {
            let what = format!("The secret {id:?} holds no key, so nobody is let in over HTTP.");
            Finding::warn(what, Who::Deployer, MAKE_ONE).into()
        }
        Ok(_) => Found::default(),
        Err(error) => Finding::fail(
            format!("The secret {id:?} {error}. Nobody is let in over HTTP."),
            Who::Deployer,
            "Correct what it holds, or SYNC_KEYS_SECRET_ID: it may name a secret of something else.",
        )
        .into(),
    }
}
