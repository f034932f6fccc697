//! Environment and Secrets Manager to typed settings.
//!
//! Everything a function must be told is read once, at start, and everything wrong with it is said
//! together, by the variable's name and with what was expected. Secrets are read on first use.
//!
//! Never in here: the value of a setting in a message or a `Debug` print (what is pasted into the
//! wrong variable may be the secret), files, and the process's environment other than through
//! [`process_environment`].

mod changes;
mod credential;
mod credential_expiry;
mod dynamics;
mod environment;
mod problems;
mod secret;
mod sync;

pub use changes::ChangesSettings;
pub use credential_expiry::CredentialExpiry;
pub use dynamics::DynamicsSource;
pub use environment::{Environment, process_environment};
pub use problems::{InvalidSettings, Problem, Problems, SettingsError};
pub use secret::SecretFailure;
pub use sync::{SyncSettings, streams_path, table_names};
