//! Secrets, as they are read from Secrets Manager; and the one that holds the access to Dynamics.
//!
//! Never in here: anything of a secret's content in an error, except names of members that are nearly
//! the expected ones.

use std::error::Error as StdError;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::credential::{Absent, CLIENT_CERTIFICATE, CLIENT_SECRET, EXPIRES_ON};
use crate::dynamics::{CLIENT_ID, INSTANCE_URL, TENANT_ID};
use crate::{Problems, SettingsError};

/// Tries a call gets, the first included. All of them together end before a gateway gives up on its caller.
const TRIES: u32 = 2;
const CALL: Duration = Duration::from_secs(3);
const CONNECT: Duration = Duration::from_secs(2);

/// What the secret need not hold.
const OPTIONAL: [&str; 2] = [CLIENT_CERTIFICATE, EXPIRES_ON];

/// How many letters a misspelt name may be off.
const NEAR: usize = 2;

/// What became of reading a secret: read after `the secret "…"`, each says what to do.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SecretFailure {
    /// No such secret, or none with a current value.
    #[error(
        "was not found, or has no current value; check that this is its name or ARN, that it is in this account \
         and region, and that a value has been stored in it"
    )]
    NotFound,
    /// The role must not read it, or not decrypt it.
    #[error(
        "must not be read by the role this runs as; allow it secretsmanager:GetSecretValue on this secret, and \
         kms:Decrypt if the secret has a key of its own"
    )]
    Denied,
    /// Deletion is scheduled, so it cannot be read.
    #[error(
        "cannot be read in its present state, probably because it is marked for deletion; restore it or name another"
    )]
    Unavailable,
    /// What the settings give cannot be a secret's name.
    #[error("has no valid name; name it in the settings by its name or ARN")]
    InvalidName,
    /// AWS does not know the caller.
    #[error(
        "could not be read, because AWS does not accept the credentials; renew them and try again"
    )]
    Credentials,
    /// Secrets Manager had trouble or was asked too often.
    #[error("could not be read, because Secrets Manager is busy or in trouble; try again later")]
    Busy,
    /// The request never got there, or no answer came back.
    #[error(
        "could not be read, because Secrets Manager was not reached; check the network, the AWS region and that AWS \
         credentials are given"
    )]
    Unreachable,
    /// Anything else that Secrets Manager answers.
    #[error("could not be read; Secrets Manager answered {code}")]
    Other {
        /// The error code, or words that stand for one.
        code: String,
    },
    /// It is stored as bytes.
    #[error("is binary; store it as text, a JSON object")]
    Binary,
    /// It is no JSON at all.
    #[error(
        "is not JSON (line {line}, column {column}); expected a JSON object with the four DYNAMICS_* values, line breaks \
         in them (a certificate's) written \\n"
    )]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It is JSON, but something else.
    #[error("is not a JSON object; expected one with the four DYNAMICS_* values")]
    NotAnObject,
}

/// The members of the secret's object. No `Debug`: it would print the values.
pub(crate) struct Members(Map<String, Value>);

/// A client of Secrets Manager with tries and timeouts of its own, the same everywhere. The SDK by itself waits
/// for an answer without end: what is known already, and what needs no secret, would wait with it.
pub fn secrets_client(config: impl Into<Builder>) -> Client {
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

/// Reads the current value of the secret with the access to Dynamics.
pub(crate) async fn read(secrets: &Client, secret_id: &str) -> Result<Members, SettingsError> {
    let text = secret_text(secrets, secret_id).await?;
    let failure = match serde_json::from_str(&text) {
        Ok(Value::Object(members)) => return Ok(Members(members)),
        Ok(_) => SecretFailure::NotAnObject,
        Err(error) => SecretFailure::NotJson {
            line: error.line(),
            column: error.column(),
        },
    };
    Err(failed(secret_id, failure, None))
}

/// The text of a secret's current value; what it says is for others to read.
///
/// # Errors
/// When it cannot be read.
pub async fn secret_text(secrets: &Client, secret_id: &str) -> Result<String, SettingsError> {
    // AWSCURRENT is named although it is the default: during a rotation AWSPENDING holds a value that
    // Entra may not know yet.
    let request = secrets
        .get_secret_value()
        .secret_id(secret_id)
        .version_stage("AWSCURRENT");
    let secret = request.send().await.map_err(|error| {
        let failure = classify(&error);
        failed(secret_id, failure, without_reply(error))
    })?;
    let text = secret.secret_string().map(str::to_owned);
    text.ok_or_else(|| failed(secret_id, SecretFailure::Binary, None))
}

fn failed(
    secret_id: &str,
    failure: SecretFailure,
    source: Option<Box<dyn StdError + Send + Sync>>,
) -> SettingsError {
    SettingsError::Secret {
        secret_id: secret_id.to_owned(),
        failure,
        source,
    }
}

/// What is expected of a secret's name.
pub(crate) const ID_EXPECTED: &str =
    "expected the name or ARN of a secret in Secrets Manager, not what it holds";

/// The characters of a secret's name or ARN. Messages show the id, so nothing else may get that far:
/// a client secret has a `~`, and the object has braces.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>
pub(crate) fn is_id(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-:".contains(c);
    text.len() <= 2048 && text.chars().all(allowed)
}

fn classify(error: &SdkError<GetSecretValueError>) -> SecretFailure {
    // A 200 that could not be read comes as a service error too, but without a code.
    let code = match error {
        SdkError::ServiceError(service) => service.err().code(),
        SdkError::ResponseError(_) => None,
        _ => return SecretFailure::Unreachable,
    };
    match code.unwrap_or("what could not be read") {
        "ResourceNotFoundException" => SecretFailure::NotFound,
        "AccessDeniedException" | "DecryptionFailure" => SecretFailure::Denied,
        "InvalidRequestException" => SecretFailure::Unavailable,
        "InvalidParameterException" | "ValidationException" => SecretFailure::InvalidName,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "ExpiredTokenException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => SecretFailure::Credentials,
        "InternalServiceError"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "ThrottlingException" => SecretFailure::Busy,
        code => SecretFailure::Other {
            code: code.to_owned(),
        },
    }
}

/// The SDK's own account of a failure, without the reply's body: a reply that could not be read may
/// hold the secret.
fn without_reply(error: SdkError<GetSecretValueError>) -> Option<Box<dyn StdError + Send + Sync>> {
    error.into_source().ok()
}

impl Members {
    /// A member's text without blanks around it, or why there is none.
    pub(crate) fn text(&self, name: &str) -> Result<String, Absent> {
        let why = match self.0.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => {
                return Ok(text.trim().to_owned());
            }
            Some(Value::String(_)) => "is empty".to_owned(),
            Some(Value::Null) => "is null".to_owned(),
            Some(_) => return Err(Absent::NoText("is not a JSON string".to_owned())),
            None => match self.near(name) {
                Some(near) => format!("is missing (the secret has {near:?}: was that meant?)"),
                None => "is missing".to_owned(),
            },
        };
        Err(Absent::NotGiven(why))
    }

    /// Reports a member that is nearly an optional one: nobody would notice that it is not read. (A
    /// required one is reported where it is missing; any other member is the organisation's own.)
    pub(crate) fn report_misspelt(&self, problems: &mut Problems) {
        for name in OPTIONAL {
            if let (false, Some(near)) = (self.0.contains_key(name), self.near(name)) {
                problems.add(near, format!("is unknown; did you mean {name}?"));
            }
        }
    }

    /// A member whose name is nearly `name`, and none of the known names.
    fn near(&self, name: &str) -> Option<&str> {
        let plain = |text: &str| text.to_ascii_uppercase().replace(['-', ' ', '.'], "_");
        let known = [TENANT_ID, CLIENT_ID, CLIENT_SECRET, INSTANCE_URL];
        let unknown = self
            .0
            .keys()
            .filter(|key| !known.contains(&key.as_str()) && !OPTIONAL.contains(&key.as_str()));
        unknown
            .map(|key| (strsim::osa_distance(&plain(key), name), key.as_str()))
            .filter(|(distance, _)| *distance <= NEAR)
            .min()
            .map(|(_, key)| key)
    }
}
