//! Amazon SNS: one message to one topic, in one body for e-mail and one for SMS.
//!
//! Never in here: what the message says.

use std::time::Duration;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::config::timeout::TimeoutConfig;
use aws_sdk_sns::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use serde_json::json;
use settings::AlertSettings;
use thiserror::Error;

use crate::message::Message;

/// Tries a message gets, the first included. All of them together take less than a claim lasts.
const TRIES: u32 = 3;
const CALL: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(3);

/// Who is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audience {
    /// Those who run the sync (`SYNC_OPERATIONS_TOPIC_ARN`).
    Operations,
    /// Those who look after what is synced (`SYNC_COORDINATORS_TOPIC_ARN`).
    Coordinators,
}

/// Why a message was not sent. It is tried again at the next look.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("SNS did not take a message for {topic}: {reason}")]
pub struct Unsent {
    /// The topic's ARN.
    pub topic: String,
    /// What happened, and what to do.
    pub reason: String,
}

impl Audience {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Operations, Self::Coordinators];

    /// Where they are told; `None`: in the log.
    pub fn topic(self, settings: &AlertSettings) -> Option<&str> {
        match self {
            Self::Operations => settings.operations_topic.as_deref(),
            Self::Coordinators => settings.coordinators_topic.as_deref(),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Operations => "operations",
            Self::Coordinators => "coordinators",
        }
    }
}

/// A client of SNS with this crate's own tries and timeouts.
pub(crate) fn client(config: impl Into<Builder>) -> Client {
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
    Client::from_conf(config)
}

/// Sends the message to everybody who is subscribed to the topic.
pub(crate) async fn publish(client: &Client, topic: &str, message: &Message) -> Result<(), Unsent> {
    let bodies = json!({
        "default": message.email,
        "email": message.email,
        "sms": message.sms,
    });
    client
        .publish()
        .topic_arn(topic)
        .subject(&message.subject)
        .message_structure("json")
        .message(bodies.to_string())
        .send()
        .await
        .map(|_| ())
        .map_err(|error| Unsent {
            topic: topic.to_owned(),
            reason: reason(&error),
        })
}

fn reason<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match (error.code(), error) {
        (Some("AuthorizationError" | "AuthorizationErrorException"), _) => {
            "the function's role may not publish to it (sns:Publish)".to_owned()
        }
        (Some("NotFound" | "NotFoundException"), _) => {
            "there is no such topic; check SYNC_OPERATIONS_TOPIC_ARN and SYNC_COORDINATORS_TOPIC_ARN"
                .to_owned()
        }
        (Some(code), _) => format!("it answered {code}"),
        (None, SdkError::TimeoutError(_)) => "no answer in time".to_owned(),
        (None, SdkError::DispatchFailure(_)) => "it could not be reached".to_owned(),
        (None, _) => "its answer was not understood".to_owned(),
    }
}
