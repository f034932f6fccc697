//! The access to Dynamics that lives as long as the process: one client, and the credential that it is
//! given again and again.
//!
//! A new credential is picked up without a restart: after a run that failed, because the old one may be
//! the reason, and every quarter of an hour, so that the old one can be taken back soon after.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use dynamics_client::{ClientConfig, DynamicsClient, HttpTransport, InstanceUrl};
use jiff::Timestamp;
use settings::{CredentialExpiry, DynamicsSource};

/// How old what was read of the secret may be when an invocation begins.
const READ_AGAIN: Duration = Duration::from_secs(15 * 60);

pub(crate) struct Access {
    source: DynamicsSource,
    secrets: aws_sdk_secretsmanager::Client,
    clock: Arc<dyn Clock>,
    /// Made on first use.
    kept: Option<Kept>,
}

/// The client, with its token and with what it knows of budget and throttles.
struct Kept {
    client: DynamicsClient,
    tenant: String,
    client_id: String,
    instance: InstanceUrl,
    read_at: Timestamp,
    /// Whether the last run failed, so that the secret may be wrong, or corrected since.
    in_doubt: bool,
}

impl Access {
    pub(crate) fn new(
        source: DynamicsSource,
        secrets: aws_sdk_secretsmanager::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            source,
            secrets,
            clock,
            kept: None,
        }
    }

    /// The client of this process. When it is time, the secret is read again: with another credential the
    /// client goes on as it is, with another application or environment it is a new one.
    pub(crate) async fn client(&mut self) -> Result<DynamicsClient, String> {
        let now = self.clock.now();
        if let Some(kept) = &self.kept
            && !kept.in_doubt
            && clock::elapsed(kept.read_at, now) < READ_AGAIN
        {
            return Ok(kept.client.clone());
        }
        let config = match (self.source.resolve(&self.secrets).await, &self.kept) {
            (Ok(config), _) => config,
            // It has worked so far, so a secret that cannot be read just now stops nothing.
            (Err(error), Some(kept)) if !kept.in_doubt => {
                tracing::warn!(reason = %error, "the secret could not be read again");
                return Ok(kept.client.clone());
            }
            (Err(error), _) => return Err(error.to_string()),
        };
        if let Some(kept) = &mut self.kept
            && kept.tenant == config.tenant
            && kept.client_id == config.client_id
            && kept.instance == config.instance
        {
            kept.client.renew_credential(config.credential);
            kept.read_at = now;
            return Ok(kept.client.clone());
        }
        if let Some(warning) = CredentialExpiry::of(&config.credential).warning(now) {
            tracing::warn!(reason = %warning, "the credential needs attention");
        }
        let kept = Kept::connect(config, Arc::clone(&self.clock))?;
        Ok(self.kept.insert(kept).client.clone())
    }

    /// Notes how the run with the client ended.
    pub(crate) fn ended(&mut self, failed: bool) {
        if let Some(kept) = &mut self.kept {
            kept.in_doubt = failed;
        }
    }
}

impl Kept {
    fn connect(config: ClientConfig, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let transport = HttpTransport::new().map_err(|error| error.to_string())?;
        let seed = RandomState::new().hash_one("jitter");
        Ok(Self {
            tenant: config.tenant.clone(),
            client_id: config.client_id.clone(),
            instance: config.instance.clone(),
            read_at: clock.now(),
            client: DynamicsClient::new(config, Arc::new(transport), clock, seed),
            in_doubt: false,
        })
    }
}

#[cfg(test)]
mod tests;
