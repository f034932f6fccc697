//! The Lambda function `authorizer`: API Gateway asks who shows a key, and what it is good for.
//!
//! Wiring only. What a key is and which calls there are is decided in `keys` and `web`.

mod answer;
mod event;
mod policy;
mod ring;

use std::sync::Arc;

use clock::SystemClock;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use settings::{AuthorizerSettings, SettingsError, process_environment};

use crate::answer::{Failure, answer};
use crate::ring::Ring;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    logging::to_json();
    // A function that cannot be built still answers, so that its log says why nobody gets in.
    let ring = build().await;
    if let Err(reason) = &ring {
        tracing::error!(%reason, "the function cannot start");
    }
    let ring = ring.map_err(|_| Failure::NotSetUp);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let ring = ring.as_ref().map_err(|failure| failure.diagnostic())?;
        let answered = answer(ring, event.payload).await;
        answered.map_err(|failure| failure.diagnostic())
    }))
    .await
}

async fn build() -> Result<Ring, SettingsError> {
    let settings = AuthorizerSettings::from_env(&process_environment)?;
    let aws = aws::config().await;
    let secrets = settings::secrets_client(&aws);
    let clock = Arc::new(SystemClock);
    Ok(Ring::new(secrets, settings.keys_secret_id, clock))
}
