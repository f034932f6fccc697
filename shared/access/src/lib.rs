//! The access to Dynamics that lives as long as the process: one client, and the credential that it is
//! given again and again.
//!
//! A new credential is picked up without a restart: after work that failed, because the old one may be
//! the reason, and every quarter of an hour, so that the old one can be taken back soon after.
//!
//! Never in here: what the client is used for.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use dynamics_client::{ClientConfig, Credential, DynamicsClient, HttpTransport, InstanceUrl};
use jiff::Timestamp;
use settings::{CredentialExpiry, DynamicsSource};
use tokio::sync::Mutex;

/// How old what was read of the secret may be when an invocation begins.
const READ_AGAIN: Duration = Duration::from_secs(15 * 60);

/// The access to Dynamics of one process. All its users share the client, and with it token and budget.
pub struct Access {
    source: Source,
    clock: Arc<dyn Clock>,
    /// Made on first use.
    kept: Mutex<Option<Kept>>,
}

/// Where the client's configuration comes from.
enum Source {
    Known(Box<ClientConfig>),
    None(String),
    Settings(DynamicsSource, aws_sdk_secretsmanager::Client),
}

/// What is known of the access without asking anybody, for people to see.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// The environment's address.
    pub instance: String,
    /// The credential is a certificate, and not a client secret.
    pub certificate: bool,
    /// When the credential ends, where that is known.
    pub expires: Option<Timestamp>,
}

/// The client, with its token and with what it knows of budget and throttles.
struct Kept {
    client: DynamicsClient,
    tenant: String,
    client_id: String,
    instance: InstanceUrl,
    facts: Facts,
    read_at: Timestamp,
    /// Whether the last work failed, so that the secret may be wrong, or corrected since.
    in_doubt: bool,
}

impl Access {
    /// Access by settings; a secret is read on first use.
    pub fn new(
        source: DynamicsSource,
        secrets: aws_sdk_secretsmanager::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            source: Source::Settings(source, secrets),
            clock,
            kept: Mutex::default(),
        }
    }

    /// Access by what is known already.
    pub fn known(config: ClientConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            source: Source::Known(Box::new(config)),
            clock,
            kept: Mutex::default(),
        }
    }

    /// No access, and why: for a host that does not need it, or was not told enough.
    pub fn none(why: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            source: Source::None(why.into()),
            clock,
            kept: Mutex::default(),
        }
    }

    /// The client of this process. When it is time, the secret is read again: with another credential the
    /// client goes on as it is, with another application or environment it is a new one.
    ///
    /// # Errors
    /// Why there is none, in words for the log: settings, or a secret that cannot be read.
    pub async fn client(&self) -> Result<DynamicsClient, String> {
        let now = self.clock.now();
        let mut slot = self.kept.lock().await;
        if let Some(kept) = &*slot
            && !kept.in_doubt
            && clock::elapsed(kept.read_at, now) < READ_AGAIN
        {
            return Ok(kept.client.clone());
        }
        let config = match (self.source.resolve().await, &*slot) {
            (Ok(config), _) => config,
            // It has worked so far, so a secret that cannot be read just now stops nothing.
            (Err(error), Some(kept)) if !kept.in_doubt => {
                tracing::warn!(reason = error, "the secret could not be read again");
                return Ok(kept.client.clone());
            }
            (Err(error), _) => return Err(error),
        };
        if let Some(kept) = &mut *slot
            && kept.tenant == config.tenant
            && kept.client_id == config.client_id
            && kept.instance == config.instance
        {
            kept.facts = Facts::of(&config);
            kept.client.renew_credential(config.credential);
            kept.read_at = now;
            return Ok(kept.client.clone());
        }
        if let Some(warning) = CredentialExpiry::of(&config.credential).warning(now) {
            tracing::warn!(reason = %warning, "the credential needs attention");
        }
        let kept = Kept::connect(config, Arc::clone(&self.clock))?;
        Ok(slot.insert(kept).client.clone())
    }

    /// What is known of the access by which the client was made; `None` before there is one.
    pub async fn facts(&self) -> Option<Facts> {
        let kept = self.kept.lock().await;
        kept.as_ref().map(|kept| kept.facts.clone())
    }

    /// Notes how the work with the client ended.
    pub async fn ended(&self, failed: bool) {
        if let Some(kept) = &mut *self.kept.lock().await {
            kept.in_doubt = failed;
        }
    }
}

impl Facts {
    fn of(config: &ClientConfig) -> Self {
        Self {
            instance: config.instance.to_string(),
            certificate: matches!(config.credential, Credential::Certificate(_)),
            expires: config.credential.expires(),
        }
    }
}

impl Source {
    async fn resolve(&self) -> Result<ClientConfig, String> {
        match self {
            Self::Known(config) => Ok(ClientConfig::clone(config)),
            Self::None(why) => Err(why.clone()),
            Self::Settings(source, secrets) => {
                let resolved = source.resolve(secrets).await;
                resolved.map_err(|error| error.to_string())
            }
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
            facts: Facts::of(&config),
            read_at: clock.now(),
            client: DynamicsClient::new(config, Arc::new(transport), clock, seed),
            in_doubt: false,
        })
    }
}

#[cfg(test)]
mod tests;
