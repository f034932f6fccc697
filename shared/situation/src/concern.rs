//! What somebody should know. Typed, without texts: the page and the alerts find their own words.

use jiff::Timestamp;

use crate::Level;

/// Something that somebody should know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Concern {
    /// How bad it is.
    pub level: Level,
    /// The stream it is about, if it is about one.
    pub stream: Option<String>,
    /// What it is.
    pub what: What,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
}

/// What somebody should know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// Tonight's run was not done by 06:00 in the organisation's time zone.
    RunNotDone,
    /// The stream failed so often in a row.
    Failing {
        /// How often.
        times: u32,
    },
    /// The copy is older than it may be, although no run says why.
    Stale,
    /// Runs end well, and none of them has moved a record of any stream for so many days.
    NothingMoves {
        /// Whole days.
        days: u32,
    },
    /// What is stored about the stream is damaged, or was written by a newer release.
    Unreadable,
    /// Dynamics or Entra did not let this software in when last asked.
    DynamicsUnreachable,
    /// The scheduled check itself has not run for too long.
    NotChecked,
    /// The credential ends in so many days.
    CredentialExpiring {
        /// Whole days; 0: today.
        days: u32,
    },
    /// The credential has ended.
    CredentialExpired,
    /// Nobody knows when the credential ends.
    CredentialEndUnknown,
    /// So much would have vanished from the copy, and does not until a person releases it.
    GuardTripped {
        /// How many records.
        vanishing: u64,
        /// Out of how many.
        of: u64,
    },
    /// So many expired rows would have been written to Dynamics, and are not until a person releases it.
    ExpiryGuardTripped {
        /// How many rows.
        vanishing: u64,
        /// Out of how many.
        of: u64,
    },
    /// So many conflicts wait for a person.
    Held(u64),
    /// So many changes were refused.
    Refused(u64),
    /// So many records differ from what was asserted.
    Mismatches(u64),
    /// So many changes of the table in Dynamics may matter, and nobody has done anything about them yet.
    SchemaChanged(u64),
    /// So many rows cannot be read.
    Quarantined(u64),
    /// So many records expire soon.
    Expiring(u64),
    /// So many alerts could not be sent.
    AlertsUnsent(u64),
    /// A topic has nobody who confirmed that they want alerts.
    NobodySubscribed,
}
