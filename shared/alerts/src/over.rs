//! Whether what is not found any more is over. It may also be hidden: by something worse that explains it, by
//! damage, or because nobody could look.
//!
//! Never in here: what is wrong.

use situation::{Check, Credential, Situation, StreamSituation};

use crate::kind::Kind;

/// Whether people may be told that it is over, or it may be forgotten.
pub(crate) fn is_over(kind: Kind, stream: &str, situation: &Situation) -> bool {
    let mut streams = situation.streams.iter();
    let stream = streams.find(|known| known.name == stream);
    let is = |so: fn(&StreamSituation) -> bool| stream.is_some_and(so);
    if is(|stream| stream.unreadable) {
        return false;
    }
    match kind {
        // A run that fails or is missing explains an old copy, and does not make it fresh.
        Kind::StreamStale => !is(StreamSituation::is_old),
        Kind::NothingMoves => !situation.is_still(),
        // Nobody has looked, so it may still be as it was.
        Kind::SchemaChanged => is(|one| one.schema_changes.is_some()),
        // It was read without a failure, and nothing of it was stored; or there was nothing to read.
        Kind::StreamFailing | Kind::CertificationSyncFailed => {
            !is(|one| one.guarded.is_some() || one.is_skipped())
        }
        Kind::Credential => situation.check.as_ref().is_some_and(has_known_end),
        _ => true,
    }
}

/// A credential that could not be read is not a new one.
fn has_known_end(check: &Check) -> bool {
    let end = |credential: &Credential| credential.expires_on;
    check.credential.as_ref().and_then(end).is_some()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sync_engine::{StreamReport, StreamStatus};
    use sync_store::Guarded;

    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    /// Whether it is over once the only stream is like this.
    fn over(kind: Kind, change: impl Fn(&mut StreamSituation)) -> bool {
        let mut stream = StreamSituation {
            name: "members".into(),
            ..StreamSituation::default()
        };
        change(&mut stream);
        let situation = Situation {
            streams: vec![stream],
            ..Situation::default()
        };
        is_over(kind, "members", &situation)
    }

    #[test]
    fn of_a_stream_that_cannot_be_read_nothing_is_over() {
        for kind in [Kind::GuardTripped, Kind::ConflictsHeld, Kind::Expiring] {
            assert!(over(kind, |_| ()));
            assert!(!over(kind, |stream| stream.unreadable = true));
        }
    }

    #[test]
    fn a_stream_that_the_guard_has_stopped_is_not_synced_again() {
        let guarded = |stream: &mut StreamSituation| {
            let stopped = Guarded {
                vanishing: 40,
                of: 60,
                run_id: "night".into(),
                since: jiff::Timestamp::UNIX_EPOCH,
            };
            stream.guarded = Some((stopped, false));
        };
        for kind in [Kind::StreamFailing, Kind::CertificationSyncFailed] {
            assert!(over(kind, |_| ()));
            assert!(!over(kind, guarded));
        }
        assert!(over(Kind::ConflictsHeld, guarded));
    }

    #[test]
    fn a_stream_that_is_passed_over_is_not_synced_again() {
        let ended = |status| StreamReport {
            status,
            ..StreamReport::default()
        };
        for (status, expected) in [
            (StreamStatus::Skipped, false),
            (StreamStatus::Complete, true),
        ] {
            for kind in [Kind::StreamFailing, Kind::CertificationSyncFailed] {
                let over = over(kind, |stream| stream.last = Some(ended(status)));
                assert_eq!(over, expected, "{status:?}");
            }
        }
    }

    #[test]
    fn a_changed_table_at_which_nobody_has_looked_is_not_as_expected_again() {
        let kind = Kind::SchemaChanged;
        assert!(over(kind, |stream| stream.schema_changes = Some(0)));
        assert!(!over(kind, |stream| stream.schema_changes = None));
    }

    #[test]
    fn a_copy_that_is_still_old_is_not_fresh_again() {
        assert!(over(Kind::StreamStale, |stream| stream.lag = Some(HOUR)));
        assert!(!over(Kind::StreamStale, |one| one.lag = Some(40 * HOUR)));
    }
}
