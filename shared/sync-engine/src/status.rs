//! How a run and its streams ended, and what the one follows from the others.

use serde::{Deserialize, Serialize};

use crate::report::StreamReport;

/// The run as a whole.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Every stream is up to date.
    Complete,
    /// Time ran out: call again with the same `run_id`.
    Continue,
    /// Another run holds at least one stream, and none is left to continue: wait and try again.
    Held,
    /// Some copies are up to date; the rest failed or is guarded.
    Partial,
    /// No stream is up to date.
    #[default]
    Failed,
    /// In the history only: a status that a newer release knows.
    #[serde(other)]
    Unknown,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamStatus {
    /// Everything that Dynamics had is in the copy.
    Complete,
    /// Time ran out; the next invocation goes on from the saved page.
    Continue,
    /// Another run holds the stream's lease.
    Held,
    /// Too much would have vanished from the copy. Nothing of it did; a person must look and release it.
    Guarded,
    /// It stopped with an error; the cursor stands where the last stored page left it.
    #[default]
    Failed,
    /// In the history only: a status that a newer release knows.
    #[serde(other)]
    Unknown,
}

impl RunStatus {
    pub(crate) fn of(streams: &[StreamReport]) -> Self {
        let any = |status| streams.iter().any(|stream| stream.status == status);
        if any(StreamStatus::Continue) {
            Self::Continue
        } else if any(StreamStatus::Held) {
            Self::Held
        } else if !any(StreamStatus::Failed) && !any(StreamStatus::Guarded) {
            Self::Complete
        } else if any(StreamStatus::Complete) || streams.iter().any(|stream| stream.is_read) {
            Self::Partial
        } else {
            Self::Failed
        }
    }

    /// The status as the answer spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Continue => "continue",
            Self::Held => "held",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

impl StreamStatus {
    /// The status as the answer spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Continue => "continue",
            Self::Held => "held",
            Self::Guarded => "guarded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;

    fn run_of(statuses: &[StreamStatus]) -> RunStatus {
        let stream = |status: &StreamStatus| StreamReport {
            status: *status,
            ..Default::default()
        };
        RunStatus::of(&statuses.iter().map(stream).collect::<Vec<_>>())
    }

    #[test]
    fn a_run_is_only_complete_if_every_stream_is() {
        use StreamStatus::{Complete, Continue, Failed, Guarded, Held};
        assert_eq!(run_of(&[Complete, Complete]), RunStatus::Complete);
        assert_eq!(run_of(&[Complete, Failed]), RunStatus::Partial);
        assert_eq!(run_of(&[Complete, Guarded]), RunStatus::Partial);
        assert_eq!(run_of(&[Failed, Guarded]), RunStatus::Failed);
        assert_eq!(run_of(&[Complete, Held, Failed]), RunStatus::Held);
        assert_eq!(
            run_of(&[Complete, Held, Continue, Failed]),
            RunStatus::Continue
        );
    }

    #[test]
    fn a_run_whose_only_stream_is_guarded_is_partial_if_the_copy_is_up_to_date() {
        let mut stream = StreamReport {
            status: StreamStatus::Complete,
            ..Default::default()
        };
        stream.withhold_expiry(&Failure::ExpiryGuarded {
            stream: "a".into(),
            expiries: 20,
            of: 30,
        });
        assert_eq!(stream.status, StreamStatus::Guarded);
        assert_eq!(RunStatus::of(&[stream]), RunStatus::Partial);
    }

    #[test]
    fn a_status_is_spelt_the_same_in_the_answer_and_in_the_log() {
        for status in [
            RunStatus::Complete,
            RunStatus::Continue,
            RunStatus::Held,
            RunStatus::Partial,
            RunStatus::Failed,
        ] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
        for status in [
            StreamStatus::Complete,
            StreamStatus::Continue,
            StreamStatus::Held,
            StreamStatus::Guarded,
            StreamStatus::Failed,
        ] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }
}
