//! What starts a run: the state machine's event, or any scheduled event of EventBridge.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use tracing::Span;

/// The longest run id: Step Functions' execution names have up to 80 characters.
const RUN_ID_LENGTH_MAX: usize = 80;

/// What a run is asked to do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// Identifies the run across its invocations.
    #[serde(default)]
    pub run_id: String,
    /// How much to read.
    #[serde(default)]
    pub mode: Mode,
    /// The streams to sync; empty means all of the stream file.
    #[serde(default)]
    pub streams: Vec<String>,
    /// Show what would be written, and write nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// How much a run reads.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// What changed since the last run.
    #[default]
    Delta,
    /// Everything again.
    Full,
    /// All keys and versions, compared with the copy.
    Reconcile,
}

/// Why a request is not carried out.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum RequestError {
    /// The event is neither of the two kinds.
    #[error(
        "the event is not understood: {0}. Expected {{\"run_id\", \"mode\": \"delta\", \"streams\": [\"…\"], \"dry_run\": false}} (all optional) or a scheduled event of EventBridge"
    )]
    Malformed(String),
    /// The run id cannot be used as a key.
    #[error(
        "run_id must have 1 to {RUN_ID_LENGTH_MAX} characters out of letters, digits, `-`, `_`, `.` and `:`"
    )]
    RunId,
    /// Streams that the stream file does not have.
    #[error("the stream file has no stream {unknown}; it has {known}")]
    UnknownStreams {
        /// What was asked for.
        unknown: String,
        /// What there is.
        known: String,
    },
}

impl RunRequest {
    /// All streams, what changed.
    pub fn new(run_id: impl Into<String>) -> Self {
        Self {
            run_id: run_id.into(),
            mode: Mode::Delta,
            streams: Vec::new(),
            dry_run: false,
        }
    }

    /// What a host puts around everything that it does for the run, so that every line of the log says which.
    pub fn span(&self) -> Span {
        tracing::info_span!("run", run_id = self.run_id)
    }

    /// Reads an event. A scheduled event's `id` becomes the run's: EventBridge may deliver the same
    /// event twice, and both deliveries are then the same run. An event without an id runs under
    /// `fallback_id`.
    ///
    /// # Errors
    /// When the event is of neither kind, has an unknown member, or a run id that cannot be a key.
    pub fn from_event(event: &Value, fallback_id: &str) -> Result<Self, RequestError> {
        let mut request = match scheduled_event_id(event) {
            Some(id) => Self::new(id),
            None => Self::deserialize(event)
                .map_err(|error| RequestError::Malformed(error.to_string()))?,
        };
        if event.get("run_id").is_none() && request.run_id.is_empty() {
            fallback_id.clone_into(&mut request.run_id);
        }
        if !is_run_id(&request.run_id) {
            return Err(RequestError::RunId);
        }
        Ok(request)
    }
}

/// The `id` of an event that EventBridge made: those have a `source` and a `detail-type`.
fn scheduled_event_id(event: &Value) -> Option<&str> {
    event.get("source")?;
    event.get("detail-type")?;
    event.get("id")?.as_str()
}

fn is_run_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    !id.is_empty() && id.len() <= RUN_ID_LENGTH_MAX && id.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_event_asks_for_a_delta_of_all_streams() {
        assert_eq!(
            RunRequest::from_event(&json!({}), "x"),
            Ok(RunRequest::new("x"))
        );
    }

    #[test]
    fn the_state_machines_event_is_read_whole() {
        let event = json!({"run_id": "night-1", "mode": "full", "streams": ["a"], "dry_run": true});
        let expected = RunRequest {
            run_id: "night-1".into(),
            mode: Mode::Full,
            streams: vec!["a".into()],
            dry_run: true,
        };
        assert_eq!(RunRequest::from_event(&event, "x"), Ok(expected));
    }

    #[test]
    fn a_scheduled_event_runs_under_its_own_id() {
        let event = json!({
            "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "detail-type": "Scheduled Event", "source": "aws.scheduler",
            "account": "123456789012", "time": "2026-11-20T23:10:00Z", "region": "eu-north-1",
            "resources": ["arn:aws:scheduler:eu-north-1:123456789012:schedule/default/nightly"],
            "detail": {}
        });
        let request = RunRequest::from_event(&event, "x").unwrap();
        assert_eq!(request.run_id, "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa");
        assert_eq!(request.mode, Mode::Delta);
    }

    #[test]
    fn an_event_with_a_misspelt_member_is_refused_by_name() {
        let error = RunRequest::from_event(&json!({"steams": ["a"]}), "x")
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown field `steams`"), "{error}");
        let error = RunRequest::from_event(&json!({"mode": "all"}), "x")
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown variant `all`"), "{error}");
    }

    #[test]
    fn a_run_id_that_cannot_be_a_key_is_refused() {
        for id in ["", "a b", "a#b", &"x".repeat(81)] {
            let event = json!({"run_id": id});
            assert_eq!(
                RunRequest::from_event(&event, "x"),
                Err(RequestError::RunId),
                "{id}"
            );
        }
    }
}
