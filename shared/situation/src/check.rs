//! What the scheduled check finds out, since reading must not ask Dynamics or SNS.

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

/// What the scheduled check found. Stored as it is; no secret, no value of a row.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Check {
    /// When it ended.
    pub at: Timestamp,
    /// Whether Dynamics lets this software in.
    pub dynamics: Dynamics,
    /// The credential, where it could be read.
    pub credential: Option<Credential>,
    /// Who is subscribed to alerts; `None`: alerts go to the log.
    pub subscribers: Option<Subscribers>,
    /// The share of Dataverse's limits that a run may use, from 0 to 1.
    pub budget_share: Option<f64>,
    /// How many requests Dataverse says this application user may still make now, if it says so.
    pub requests_remaining: Option<u32>,
    /// The environment's address, `https://…`, for links to records.
    pub instance: Option<String>,
}

/// Whether Dynamics lets this software in.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Dynamics {
    /// Entra gives a token.
    pub token: Outcome,
    /// `WhoAmI` answers.
    pub who_am_i: Outcome,
    /// How long `WhoAmI` took, in milliseconds.
    pub latency_ms: Option<u64>,
}

/// What became of one question.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was not asked, because something before it failed.
    #[default]
    NotAsked,
    /// It was answered.
    Good,
    /// It failed, and why.
    Failed(String),
}

/// The credential with which this software signs in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Credential {
    /// A certificate, and not a client secret.
    pub certificate: bool,
    /// Its last day, where it is known.
    pub expires_on: Option<civil::Date>,
}

/// Who is subscribed to alerts.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Subscribers {
    /// Of the operations topic.
    pub operations: Topic,
    /// Of the coordinators' topic.
    pub coordinators: Topic,
}

/// One topic's subscribers.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Topic {
    /// How many have confirmed; `None`: no topic, or nobody knows.
    pub confirmed: Option<u32>,
    /// How many have not confirmed yet.
    pub pending: Option<u32>,
    /// There is a topic, and SNS did not say who is subscribed.
    pub unanswered: bool,
}
