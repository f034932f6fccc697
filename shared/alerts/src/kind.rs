//! The kinds of conditions that people are told of.

use wording::Alerts;
use wording::alerts::{Alert, Ended};

use crate::publish::Audience;

/// A kind of condition. Its name is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    RunNotDone,
    StreamFailing,
    CertificationSyncFailed,
    StreamStale,
    NothingMoves,
    DynamicsUnreachable,
    NotChecked,
    Credential,
    GuardTripped,
    ExpiryGuardTripped,
    ConflictsHeld,
    ChangesRefused,
    Mismatches,
    SchemaChanged,
    RowsUnreadable,
    Expiring,
}

/// When there is something to say again about a condition that lasts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Course {
    /// At a widening interval.
    Reminders,
    /// When it gets to another stage, and at a widening interval in the last one.
    Stages,
    /// When somebody else is concerned; there is no end to tell of.
    News,
}

impl Kind {
    pub(crate) const ALL: [Self; 16] = [
        Self::RunNotDone,
        Self::StreamFailing,
        Self::CertificationSyncFailed,
        Self::StreamStale,
        Self::NothingMoves,
        Self::DynamicsUnreachable,
        Self::NotChecked,
        Self::Credential,
        Self::GuardTripped,
        Self::ExpiryGuardTripped,
        Self::ConflictsHeld,
        Self::ChangesRefused,
        Self::Mismatches,
        Self::SchemaChanged,
        Self::RowsUnreadable,
        Self::Expiring,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RunNotDone => "run-not-done",
            Self::StreamFailing => "stream-failing",
            Self::CertificationSyncFailed => "certification-sync-failed",
            Self::StreamStale => "stream-stale",
            Self::NothingMoves => "nothing-moves",
            Self::DynamicsUnreachable => "dynamics-unreachable",
            Self::NotChecked => "not-checked",
            Self::Credential => "credential",
            Self::GuardTripped => "guard-tripped",
            Self::ExpiryGuardTripped => "expiry-guard-tripped",
            Self::ConflictsHeld => "conflicts-held",
            Self::ChangesRefused => "changes-refused",
            Self::Mismatches => "mismatches",
            Self::SchemaChanged => "schema-changed",
            Self::RowsUnreadable => "rows-unreadable",
            Self::Expiring => "expiring",
        }
    }

    /// `None` for a kind that a newer release knows.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn course(self) -> Course {
        match self {
            Self::Credential => Course::Stages,
            Self::Expiring => Course::News,
            _ => Course::Reminders,
        }
    }

    /// It often passes by itself, so that it is told when it is met a second time.
    pub(crate) fn is_fleeting(self) -> bool {
        self == Self::DynamicsUnreachable
    }

    /// Who is told. `coordinated`: the stream's coordinators want to be.
    pub(crate) fn audience(self, coordinated: bool) -> Audience {
        match self {
            Self::CertificationSyncFailed => Audience::Coordinators,
            Self::Expiring if coordinated => Audience::Coordinators,
            _ => Audience::Operations,
        }
    }

    /// What is said of it. `over`: the last stage.
    pub(crate) fn alert(self, texts: &Alerts, over: bool) -> &Alert {
        match self {
            Self::RunNotDone => &texts.run_not_done,
            Self::StreamFailing => &texts.stream_failing,
            Self::CertificationSyncFailed => &texts.certification_sync_failed,
            Self::StreamStale => &texts.stream_stale,
            Self::NothingMoves => &texts.nothing_moves,
            Self::DynamicsUnreachable => &texts.dynamics_unreachable,
            Self::NotChecked => &texts.not_checked,
            Self::Credential if over => &texts.credential_expired,
            Self::Credential => &texts.credential_expiring,
            Self::GuardTripped => &texts.guard_tripped,
            Self::ExpiryGuardTripped => &texts.expiry_guard_tripped,
            Self::ConflictsHeld => &texts.conflicts_held,
            Self::ChangesRefused => &texts.changes_refused,
            Self::Mismatches => &texts.mismatches,
            Self::SchemaChanged => &texts.schema_changed,
            Self::RowsUnreadable => &texts.rows_unreadable,
            Self::Expiring => &texts.expiring,
        }
    }

    /// What is said when it is over; `None`: nothing.
    pub(crate) fn ended(self, texts: &Alerts) -> Option<&Ended> {
        Some(match self {
            Self::RunNotDone => &texts.run_not_done_ended,
            Self::StreamFailing => &texts.stream_failing_ended,
            Self::CertificationSyncFailed => &texts.certification_sync_failed_ended,
            Self::StreamStale => &texts.stream_stale_ended,
            Self::NothingMoves => &texts.nothing_moves_ended,
            Self::DynamicsUnreachable => &texts.dynamics_unreachable_ended,
            Self::NotChecked => &texts.not_checked_ended,
            Self::Credential => &texts.credential_ended,
            Self::GuardTripped => &texts.guard_tripped_ended,
            Self::ExpiryGuardTripped => &texts.expiry_guard_tripped_ended,
            Self::ConflictsHeld => &texts.conflicts_held_ended,
            Self::ChangesRefused => &texts.changes_refused_ended,
            Self::Mismatches => &texts.mismatches_ended,
            Self::SchemaChanged => &texts.schema_changed_ended,
            Self::RowsUnreadable => &texts.rows_unreadable_ended,
            Self::Expiring => return None,
        })
    }
}
