//! Why a stream's pull stopped.

use dynamics_client::ErrorKind;
use thiserror::Error;

use crate::StreamStatus;

/// Why a stream's pull stopped. The cursor stands where the last stored page left it.
#[derive(Debug, Error)]
pub enum Failure {
    /// Dynamics, Entra or the network.
    #[error(transparent)]
    Dynamics(#[from] dynamics_client::Error),
    /// The application user may not read the table.
    #[error(transparent)]
    Unreadable(dynamics_client::Error),
    /// The table comes with an app that this environment does not have, and nothing of it was ever in the copy.
    #[error(
        "the environment has no table `{table}`, which comes with {app}, so there is nothing to read. Install the app, or take the stream out of the stream file"
    )]
    NoApp {
        /// The entity set.
        table: String,
        /// The app.
        app: String,
    },
    /// The credentials for Dynamics cannot be read.
    #[error("{0}")]
    NoCredentials(String),
    /// DynamoDB, or another run has taken over.
    #[error(transparent)]
    Store(#[from] sync_store::Error),
    /// The stream file does not fit the live environment; every problem is listed.
    #[error("stream `{stream}` does not fit table `{table}` in Dynamics: {}", listed(problems, changed.as_deref()))]
    Mapping {
        /// The stream.
        stream: String,
        /// The entity set.
        table: String,
        /// What does not fit, and what to do about it.
        problems: Vec<String>,
        /// What was changed in the table since it was last as expected, in one text, if that is known.
        changed: Option<String>,
    },
    /// A row that does not even say which one it is. None of its page was stored.
    #[error(
        "Dynamics sent a row whose key `{key}` is not a GUID, so it cannot be set aside. The next run reads the page again; if it repeats, report it"
    )]
    RowWithoutId {
        /// The table's primary key.
        key: String,
    },
    /// A row of which it cannot be told whether it belongs to the stream.
    #[error(
        "row {id} cannot be read: {reason}. Correct it in Dynamics, or the stream file's `where`"
    )]
    UnreadableRow {
        /// The row's GUID.
        id: String,
        /// What is wrong; never a value.
        reason: String,
    },
    /// More would vanish from the copy than may without a person having said so. Nothing of it did.
    #[error(
        "{vanishing} of {of} records of stream `{stream}` would vanish from the copy, so nothing was removed. Check in Dynamics whether they were really deleted, or are only out of the application user's sight; if it is right, release it with `dynamics-sync cursor release {stream}` and run again"
    )]
    Guarded {
        /// The stream.
        stream: String,
        /// How many would vanish, those that did since the last run that was completed included.
        vanishing: u64,
        /// Out of how many.
        of: u64,
    },
    /// More would be written to Dynamics because it expired than may without a person having said so. None
    /// of it was; in the copy all of it is hidden.
    #[error(
        "{expiries} of {of} rows would be written to Dynamics because they have expired by stream `{stream}`, so none was; in the copy they are hidden. Check the dates; if they are right, release it with `dynamics-sync cursor release {stream}` and run again"
    )]
    ExpiryGuarded {
        /// The stream with the expiry.
        stream: String,
        /// How many would be written.
        expiries: u64,
        /// Out of how many.
        of: u64,
    },
    /// Dynamics shows a row in an older version than the copy has.
    #[error("Dynamics shows row {id} in an older version than the copy has, as after a restore")]
    WentBack {
        /// The row's GUID.
        id: String,
    },
    /// A row whose version was known is not there, and change tracking did not tell of it.
    #[error(
        "a row that was there is gone, and change tracking said nothing of it, as after a restore"
    )]
    WitnessGone,
    /// The deadline came before the whole copy was looked through for what has expired.
    #[error("there was no time to look through all of stream `{stream}`; the next invocation does")]
    NoTimeToExpire {
        /// The stream.
        stream: String,
    },
    /// Another run holds the stream whose expiry concerns this one.
    #[error(
        "another run holds stream `{stream}`, whose expiry hides records of this one; it hides them"
    )]
    ExpiryHeld {
        /// The stream.
        stream: String,
    },
    /// The team that rows which are created are to belong to is not there.
    #[error(
        "stream `{stream}`: Dynamics has no team {team}, which its `owner_team` names, so no row was created. Correct it in the stream file; the changes wait until then"
    )]
    NoOwnerTeam {
        /// The stream.
        stream: String,
        /// The team's GUID.
        team: String,
    },
    /// The keys that a walk had met have expired before they were compared with the records.
    #[error("a walk over all keys took so long that what it met has expired")]
    ListingGone,
    /// A walk over all keys met too many rows that the copy does not have.
    #[error("the copy misses so many rows that it must be read again in full")]
    MuchMissing,
    /// Dynamics ended a change-tracking read without a delta link.
    #[error(
        "Dynamics ended the first load of `{table}` without a delta link, so later changes could not be told from it. Nothing is lost: the next run reads the last page again. If it repeats, check that change tracking is on for the table"
    )]
    NoDeltaLink {
        /// The entity set.
        table: String,
    },
}

impl Failure {
    /// The same with what was changed in the table, where it is about what does not fit.
    pub(crate) fn with_changes(mut self, told: String) -> Self {
        if let Self::Mapping { changed, .. } = &mut self {
            *changed = Some(told);
        }
        self
    }

    /// Whether one stored item cannot be read, which says nothing about others.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Store(error) if error.kind() == sync_store::ErrorKind::Damaged)
    }

    /// Whether asking again would not help until a person has mended something: the mapping, a role, a name.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            Self::Mapping { .. } => true,
            Self::Dynamics(error) => matches!(
                error.kind(),
                ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::BadRequest
            ),
            _ => false,
        }
    }

    /// How the stream ends: a deadline too near for the next request is no failure,
    /// nor is a stream that passed to another run.
    pub(crate) fn status(&self) -> StreamStatus {
        match self {
            Self::Dynamics(error) if error.kind() == ErrorKind::Deadline => StreamStatus::Continue,
            Self::NoTimeToExpire { .. } => StreamStatus::Continue,
            Self::ExpiryHeld { .. } => StreamStatus::Held,
            Self::Guarded { .. } | Self::ExpiryGuarded { .. } => StreamStatus::Guarded,
            Self::Unreadable(_) => StreamStatus::Unreadable,
            Self::NoApp { .. } => StreamStatus::Skipped,
            Self::Store(error) => match error.kind() {
                // Everything stored so far stays; the next invocation finds the table grown.
                sync_store::ErrorKind::Throttled => StreamStatus::Continue,
                // The other run goes on.
                sync_store::ErrorKind::LeaseLost => StreamStatus::Held,
                _ => StreamStatus::Failed,
            },
            _ => StreamStatus::Failed,
        }
    }
}

/// What does not fit, and behind it what was changed, which is found by how it begins.
fn listed(problems: &[String], changed: Option<&str>) -> String {
    let problems = problems.iter().map(String::as_str);
    problems.chain(changed).collect::<Vec<_>>().join("; ")
}
