//! What lasts now, of all that the situation finds worth knowing.
//!
//! Never in here: whether it was told already.

use situation::{Concern, Situation, What};
use streams::{Alert, StreamFile};
use sync_store::AlertKey;

use crate::kind::Kind;
use crate::publish::Audience;

/// How many days before its end people are told of a credential, each time once. The last stage is that it
/// has ended.
const CREDENTIAL_STAGES: [u32; 4] = [1, 7, 14, 30];
/// The stage of a credential that has ended.
pub(crate) const OVER: i64 = -1;

/// Something that lasts, and of which people are told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Condition {
    pub(crate) kind: Kind,
    /// Empty: it is about all of them.
    pub(crate) stream: String,
    pub(crate) count: u64,
    pub(crate) of: u64,
    /// How far it has gone, for what goes in stages: a smaller one is worse.
    pub(crate) stage: i64,
}

impl Condition {
    pub(crate) fn key(&self) -> AlertKey {
        AlertKey {
            kind: self.kind.name().to_owned(),
            subject: self.stream.clone(),
        }
    }
}

/// Whom a condition concerns.
pub(crate) fn audience(kind: Kind, stream: &str, file: &StreamFile) -> Audience {
    kind.audience(is_coordinated(stream, file))
}

fn is_coordinated(stream: &str, file: &StreamFile) -> bool {
    let alert = file.stream(stream).and_then(|stream| stream.alert);
    alert == Some(Alert::Coordinators)
}

/// Everything that lasts now.
pub(crate) fn conditions(situation: &Situation, file: &StreamFile) -> Vec<Condition> {
    let mut found = Vec::new();
    for concern in &situation.concerns {
        let Some(condition) = of_concern(concern) else {
            continue;
        };
        if condition.kind == Kind::StreamFailing && is_coordinated(&condition.stream, file) {
            found.push(Condition {
                kind: Kind::CertificationSyncFailed,
                ..condition.clone()
            });
        }
        found.push(condition);
    }
    found
}

/// `None`: it is for the page only.
fn of_concern(concern: &Concern) -> Option<Condition> {
    let (kind, count, of) = match &concern.what {
        What::RunNotDone => (Kind::RunNotDone, 0, 0),
        What::Failing { times } => (Kind::StreamFailing, u64::from(*times), 0),
        What::Stale => (Kind::StreamStale, 0, 0),
        What::NothingMoves { days } => (Kind::NothingMoves, u64::from(*days), 0),
        What::DynamicsUnreachable => (Kind::DynamicsUnreachable, 0, 0),
        What::NotChecked => (Kind::NotChecked, 0, 0),
        What::CredentialExpiring { days } => (Kind::Credential, u64::from(*days), 0),
        What::CredentialExpired => (Kind::Credential, 0, 0),
        What::GuardTripped { vanishing, of } => (Kind::GuardTripped, *vanishing, *of),
        What::ExpiryGuardTripped { vanishing, of } => (Kind::ExpiryGuardTripped, *vanishing, *of),
        What::Held(count) => (Kind::ConflictsHeld, *count, 0),
        What::Refused(count) => (Kind::ChangesRefused, *count, 0),
        What::Mismatches(count) => (Kind::Mismatches, *count, 0),
        What::SchemaChanged(count) => (Kind::SchemaChanged, *count, 0),
        What::Quarantined(count) => (Kind::RowsUnreadable, *count, 0),
        What::Expiring(count) => (Kind::Expiring, *count, 0),
        // Nobody can be told of these, or the runs that fail for them are told of.
        What::CredentialEndUnknown
        | What::Unreadable
        | What::AlertsUnsent(_)
        | What::NobodySubscribed => return None,
    };
    let stage = match &concern.what {
        What::CredentialExpiring { days } => {
            let stage = CREDENTIAL_STAGES.into_iter().find(|stage| days <= stage);
            i64::from(stage?)
        }
        What::CredentialExpired => OVER,
        _ => 0,
    };
    Some(Condition {
        kind,
        stream: concern.stream.clone().unwrap_or_default(),
        count,
        of,
        stage,
    })
}
