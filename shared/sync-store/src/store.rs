//! The store: one DynamoDB client and the names of the three tables.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Builder, StalledStreamProtectionConfig};

use crate::TableNames;

/// Tries a call gets, the first included: an on-demand table that is growing throttles for a while.
const TRIES: u32 = 8;
/// No single call of DynamoDB's takes longer, unless something is wrong on the way.
const CALL: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(3);

/// The three tables of one deployment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) tables: TableNames,
}

impl Store {
    /// A store over `tables`. `config` says where DynamoDB is and with which credentials; tries and
    /// timeouts are the store's own, the same everywhere.
    pub fn new(config: impl Into<Builder>, tables: TableNames) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(CALL)
            .build();
        let config = config
            .into()
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(timeouts)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            tables,
        }
    }

    /// Creates the tables that do not exist yet. For emulators: a deployment's tables belong to its
    /// template, which adds recovery and protection.
    ///
    /// # Errors
    /// When the engine cannot be reached or refuses a definition.
    pub async fn create_tables(&self) -> Result<(), crate::Error> {
        crate::tables::create(&self.client, &self.tables).await
    }
}
