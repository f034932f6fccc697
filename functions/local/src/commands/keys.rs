//! `dynamics-sync keys new`: makes a key for somebody who calls over HTTP.
//!
//! The key goes to standard output, once, after it was stored; nothing keeps it.

use anyhow::{anyhow, bail};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use keys::{Keys, NewKey};
use secrecy::ExposeSecret;
use serde_json::json;
use settings::{
    AuthorizerSettings, SecretFailure, SettingsError, process_environment, secret_text,
    secrets_client,
};

use crate::Outcome;
use crate::arguments::{Common, Keys as Command, NewKey as Options};
use crate::consent::Consent;
use crate::keys_file::{self, KeysFile};

pub(crate) async fn run(common: &Common, command: &Command) -> anyhow::Result<Outcome> {
    let Command::New(options) = command;
    let new = keys_file::make(&options.name, &options.scopes)?;
    let kept = if common.aws {
        add_to_secret(&new, options).await?
    } else {
        let file = KeysFile::of(common, &options.file);
        file.add(new.entry.clone())?;
        format!("the keys file {}", file.path().display())
    };
    if common.json {
        let shown = json!({
            "name": options.name,
            "key": new.key.expose_secret(),
            "entry": new.entry,
        });
        anstream::println!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(Outcome::Good);
    }
    common.telling().note(format_args!(
        "Key `{}` was added to {kept} as\n{}\n\nThis is the only time that the key itself is shown:",
        options.name,
        serde_json::to_string(&new.entry)?,
    ));
    anstream::println!("{}", new.key.expose_secret());
    Ok(Outcome::Good)
}

/// Adds the key to the secret of the deployed authorizer, which takes it within half a minute.
async fn add_to_secret(new: &NewKey, options: &Options) -> anyhow::Result<String> {
    if options.file.path.is_some() {
        bail!("--keys names a file, and --aws writes into the secret; give one of them");
    }
    let consent = Consent::possible(options.yes)?;
    let id = AuthorizerSettings::from_env(&process_environment)?.keys_secret_id;
    let secrets = secrets_client(&aws::config().await);
    // Before anybody is asked: what cannot be read cannot be added to.
    read(&secrets, &id).await?;
    consent.obtain(&format!(
        "Add the key `{}` to the secret {id:?}?",
        options.name
    ))?;
    // Again, because the question may have waited for long.
    let mut keys = read(&secrets, &id).await?;
    keys.add(new.entry.clone())?;
    let request = secrets.put_secret_value().secret_id(&id);
    let stored = request.secret_string(keys.to_json()).send().await;
    stored.map_err(|error| match error.code() {
        Some("ResourceNotFoundException") => anyhow!(
            "there is no secret {id:?} in this account and region; deploy the stack, or correct \
             SYNC_KEYS_SECRET_ID and AWS_REGION"
        ),
        code => anyhow!(
            "cannot write the secret {id:?}: Secrets Manager answered {}. It takes \
             secretsmanager:PutSecretValue on it; the key that was made is lost, so make another",
            code.unwrap_or("nothing that can be read")
        ),
    })?;
    Ok(format!("the secret {id:?}"))
}

/// The keys in the secret; none while nothing is stored in it. That there is no such secret looks the same, and
/// shows when it is written.
async fn read(secrets: &Client, id: &str) -> anyhow::Result<Keys> {
    let text = match secret_text(secrets, id).await {
        Ok(text) => text,
        Err(SettingsError::Secret {
            failure: SecretFailure::NotFound,
            ..
        }) => return Ok(Keys::default()),
        Err(error) => return Err(error.into()),
    };
    Keys::parse(&text).map_err(|error| anyhow!("the secret {id:?} {error}"))
}
