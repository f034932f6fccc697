//! Whether the secret with the named keys can be read.

use settings::secret_text;

use super::Aws;
use crate::report::{Check, Finding, Found, Who};

const SECRET: &str = "keys secret";

/// One request, or none.
pub(super) async fn check(aws: &Aws) -> Check {
    let Some(id) = aws.keys_secret.as_deref() else {
        let note = "SYNC_KEYS_SECRET_ID is not set, so nobody is let in over HTTP";
        return Check::done(SECRET, None, Found::default().note(note));
    };
    let found = match secret_text(&aws.secrets, id).await {
        Ok(_) => Found::default(),
        Err(error) => Finding::fail(
            format!("{error}."),
            Who::Deployer,
            "Make a key with `dynamics-sync keys new NAME --scope read --aws`, or correct SYNC_KEYS_SECRET_ID.",
        )
        .into(),
    };
    Check::done(SECRET, Some(id), found)
}
