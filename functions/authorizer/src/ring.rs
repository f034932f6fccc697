//! The keys, as they were last read of the secret.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use clock::Clock;
use jiff::Timestamp;
use keys::{Keys, Shown};
use tokio::sync::Mutex;
use web::Caller;

/// A key that was taken out of the secret is good for as long at most, and for as long again as the gateway
/// keeps an answer.
const READ_AGAIN: Duration = Duration::from_secs(5 * 60);
/// As long are keys good while the secret cannot be read again: an outage of Secrets Manager, or a typing
/// error in the secret, locks nobody out at once.
const GOOD_FOR: Duration = Duration::from_secs(60 * 60);
/// A key that is not known may be new, so that the secret is read again; but not oftener, or anybody could
/// let it be read all the time.
const UNKNOWN_AGAIN: Duration = Duration::from_secs(30);

pub(crate) struct Ring {
    secrets: Client,
    secret_id: String,
    clock: Arc<dyn Clock>,
    /// Read on first use.
    held: Mutex<Option<Held>>,
}

struct Held {
    keys: Keys,
    read_at: Timestamp,
    /// When somebody last tried to.
    tried_at: Timestamp,
}

impl Ring {
    pub(crate) fn new(secrets: Client, secret_id: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            secrets,
            secret_id,
            clock,
            held: Mutex::default(),
        }
    }

    /// Who shows this, if anybody is known who does.
    pub(crate) async fn caller(&self, shown: &Shown) -> Result<Option<Caller>, String> {
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        let held = match &mut *held {
            Some(held) => {
                let may_try = clock::elapsed(held.tried_at, now) >= UNKNOWN_AGAIN;
                let is_old = clock::elapsed(held.read_at, now) >= READ_AGAIN;
                if may_try && (is_old || held.keys.caller(shown).is_none()) {
                    self.read_again(held, now).await;
                }
                held
            }
            none => none.insert(Held {
                keys: self.read().await?,
                read_at: now,
                tried_at: now,
            }),
        };
        if clock::elapsed(held.read_at, now) >= GOOD_FOR {
            let reason =
                "they could not be read again for an hour; what was read then is not used any more";
            return Err(reason.to_owned());
        }
        Ok(held.keys.caller(shown))
    }

    async fn read_again(&self, held: &mut Held, now: Timestamp) {
        held.tried_at = now;
        match self.read().await {
            Ok(keys) => {
                held.keys = keys;
                held.read_at = now;
            }
            Err(reason) => tracing::error!(%reason, "the keys cannot be read again"),
        }
    }

    async fn read(&self) -> Result<Keys, String> {
        let text = settings::secret_text(&self.secrets, &self.secret_id).await;
        let text = text.map_err(|error| error.to_string())?;
        Keys::parse(&text).map_err(|error| format!("the secret {:?} {error}", self.secret_id))
    }
}

#[cfg(test)]
pub(crate) mod tests;
