//! One question of the gateway's, answered.

use lambda_runtime::Diagnostic;
use serde_json::Value;

use crate::event;
use crate::policy::Policy;
use crate::ring::Ring;

/// Why there is no policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Failure {
    /// Nobody is known who shows this, if anything is shown: 401.
    Unknown,
    /// The function's settings are wrong: 500, as all that follow.
    NotSetUp,
    /// The event is none of the gateway's.
    Event,
    /// The keys cannot be read.
    Keys,
}

impl Failure {
    pub(crate) fn diagnostic(self) -> Diagnostic {
        let (kind, message) = match self {
            // The gateway knows this very word, and makes 401 of it; of anything else, 500.
            // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
            Self::Unknown => ("Unauthorized", "Unauthorized"),
            Self::NotSetUp => (
                "DynamicsSync.Settings",
                "the function's settings are wrong; its log says which",
            ),
            Self::Event => (
                "DynamicsSync.Request",
                "expected the event of a REQUEST authorizer of a REST API",
            ),
            Self::Keys => (
                "DynamicsSync.Keys",
                "the secret with the keys cannot be used; the function's log says why",
            ),
        };
        Diagnostic {
            error_type: kind.to_owned(),
            error_message: message.to_owned(),
        }
    }
}

/// What the gateway may let the caller do.
pub(crate) async fn answer(ring: &Ring, event: Value) -> Result<Policy, Failure> {
    let question = event::read(event).ok_or(Failure::Event)?;
    let shown = question.shown.ok_or(Failure::Unknown)?;
    let caller = ring.caller(&shown).await.map_err(|reason| {
        tracing::error!(%reason, "the keys cannot be read");
        Failure::Keys
    })?;
    let Some(caller) = caller else {
        // Not even the name: somebody may have typed the key there.
        tracing::info!("a key that is not known was shown");
        return Err(Failure::Unknown);
    };
    Ok(Policy::of(&caller, &question.stage))
}

#[cfg(test)]
mod tests;
