//! Environment and Secrets Manager to typed settings.
//!
//! Everything a function must be told is read once, at start, and everything wrong with it is said
//! together, by the variable's name and with what was expected. Secrets are read on first use.
//!
//! Never in here: the value of a setting in a message or a `Debug` print (what is pasted into the
//! wrong variable may be the secret), files, and the process's environment other than through
//! [`process_environment`].

mod alerts;
mod authorizer;
mod changes;
mod credential;
mod credential_expiry;
mod dynamics;
mod environment;
mod export;
mod health;
mod problems;
mod secret;
mod stage;
mod sync;

pub use alerts::{AlertSettings, alert_settings};
pub use authorizer::AuthorizerSettings;
pub use changes::ChangesSettings;
pub use credential_expiry::CredentialExpiry;
pub use dynamics::DynamicsSource;
pub use environment::{Environment, process_environment};
pub use export::ExportSettings;
pub use health::HealthSettings;
pub use problems::{InvalidSettings, Problem, Problems, SettingsError};
pub use secret::{SecretFailure, secret_text, secrets_client};
pub use sync::{SyncSettings, streams_path, table_names};
