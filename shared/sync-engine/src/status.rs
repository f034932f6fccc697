//! How a run and its streams ended, and what the one follows from the others.

use serde::{Deserialize, Serialize};

use crate::report::StreamReport;

/// The run as a whole.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Every stream is up to date, but for those that there is nothing to read for.
    Complete,
    /// Time ran out: call again with the same `run_id`.
    Continue,
    /// Another run holds at least one stream, and none is left to continue: wait and try again.
    Held,
    /// Some copies are up to date; the rest failed, is guarded or may not be read.
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
    /// The environment does not have the app that brings the table: there is nothing to read.
    Skipped,
    /// The application user may not read the table; the cursor stands where the last stored page left it.
    Unreadable,
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
        let is_well = |stream: &StreamReport| stream.status.is_well();
        // A run that passed over all its streams has done nothing.
        let only_skipped = any(StreamStatus::Skipped) && !any(StreamStatus::Complete);
        if any(StreamStatus::Continue) {
            Self::Continue
        } else if any(StreamStatus::Held) {
            Self::Held
        } else if streams.iter().all(is_well) && !only_skipped {
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
    /// Whether nothing is left to be read.
    pub(crate) fn is_well(self) -> bool {
        matches!(self, Self::Complete | Self::Skipped)
    }

    /// The status as the answer spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Continue => "continue",
            Self::Held => "held",
            Self::Guarded => "guarded",
            Self::Skipped => "skipped",
            Self::Unreadable => "unreadable",
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
    fn a_stream_without_its_app_keeps_no_run_from_being_complete_but_one_that_may_not_be_read_does()
    {
        use StreamStatus::{Complete, Failed, Held, Skipped, Unreadable};
        assert_eq!(run_of(&[Complete, Skipped]), RunStatus::Complete);
        assert_eq!(run_of(&[Complete, Unreadable]), RunStatus::Partial);
        assert_eq!(run_of(&[Skipped, Failed]), RunStatus::Failed);
        assert_eq!(run_of(&[Skipped, Unreadable]), RunStatus::Failed);
        assert_eq!(run_of(&[Skipped, Held]), RunStatus::Held);
        // Nothing was done.
        assert_eq!(run_of(&[Skipped, Skipped]), RunStatus::Failed);
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
            StreamStatus::Skipped,
            StreamStatus::Unreadable,
            StreamStatus::Failed,
        ] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }
}
