//! What alerts say, by e-mail and by SMS.
//!
//! A message says what happened, what it means, and what to do. The SMS is one sentence or two and fits one
//! segment with the longest name that a stream can have; the subject stays readable in plain ASCII.

mod en;
mod nb;

use crate::InBoth;

/// What a text may tell. Ids and counts, never a value of a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The stream's name.
    pub stream: &'a str,
    /// How many: records, changes, failures or days.
    pub count: u64,
    /// Out of how many.
    pub of: u64,
}

/// A text about something.
pub type Text = fn(&Facts<'_>) -> String;

/// What is said of one kind of condition.
pub struct Alert {
    /// Of the e-mail.
    pub subject: Text,
    /// What happened.
    pub happened: Text,
    /// What it means.
    pub means: Text,
    /// What to do.
    pub act: Text,
    /// All of it for a telephone.
    pub sms: Text,
}

/// What is said when a condition is over.
pub struct Ended {
    /// Of the e-mail.
    pub subject: Text,
    /// What is well again.
    pub happened: Text,
    /// The same for a telephone.
    pub sms: Text,
}

/// Everything that alerts say.
pub struct Alerts {
    /// Tonight's run was not done in time.
    pub run_not_done: Alert,
    /// It is done now.
    pub run_not_done_ended: Ended,
    /// A stream fails; the count is how often in a row.
    pub stream_failing: Alert,
    /// It does not fail any more.
    pub stream_failing_ended: Ended,
    /// The same for those who look after what the stream holds.
    pub certification_sync_failed: Alert,
    /// The same.
    pub certification_sync_failed_ended: Ended,
    /// The copy is old although no run says why.
    pub stream_stale: Alert,
    /// It is fresh again.
    pub stream_stale_ended: Ended,
    /// No record has moved for so many days.
    pub nothing_moves: Alert,
    /// Something has.
    pub nothing_moves_ended: Ended,
    /// Dynamics or Entra does not let this software in.
    pub dynamics_unreachable: Alert,
    /// It does again.
    pub dynamics_unreachable_ended: Ended,
    /// The scheduled check does not run.
    pub not_checked: Alert,
    /// It runs again.
    pub not_checked_ended: Ended,
    /// The credential ends in so many days.
    pub credential_expiring: Alert,
    /// It has ended.
    pub credential_expired: Alert,
    /// There is another one.
    pub credential_ended: Ended,
    /// So many records out of so many would have vanished.
    pub guard_tripped: Alert,
    /// They do not any more, or somebody has let them.
    pub guard_tripped_ended: Ended,
    /// So many rows out of so many would have been written because they expired.
    pub expiry_guard_tripped: Alert,
    /// They are not any more, or somebody has let them.
    pub expiry_guard_tripped_ended: Ended,
    /// So many conflicts wait for a person.
    pub conflicts_held: Alert,
    /// None does.
    pub conflicts_held_ended: Ended,
    /// So many changes were refused.
    pub changes_refused: Alert,
    /// None is.
    pub changes_refused_ended: Ended,
    /// So many records differ from what was asserted.
    pub mismatches: Alert,
    /// The newest run has found none.
    pub mismatches_ended: Ended,
    /// So many things that a stream depends on were changed in Dynamics.
    pub schema_changed: Alert,
    /// They were changed back, the stream file was fitted to them, or they are taken as meant.
    pub schema_changed_ended: Ended,
    /// So many rows cannot be read.
    pub rows_unreadable: Alert,
    /// All can.
    pub rows_unreadable_ended: Ended,
    /// So many records expire soon.
    pub expiring: Alert,
    /// Somebody has asked for a message, to see whether they arrive.
    pub test: Alert,
    /// What stands around them.
    pub frame: Frame,
}

/// What all e-mails have in common.
pub struct Frame {
    /// The subject of a message about what was told before.
    pub reminder: fn(&str) -> String,
    /// It was told before, and has been so since this moment.
    pub since: fn(&str) -> String,
    /// Above what it means.
    pub means: &'static str,
    /// Above what to do.
    pub act: &'static str,
    /// When something is over.
    pub nothing_to_do: &'static str,
    /// A record and its last valid day.
    pub listed: fn(&str, &str) -> String,
    /// So many are not listed.
    pub more: fn(u64) -> String,
    /// Where the page is.
    pub page: fn(&str) -> String,
    /// Who writes this.
    pub from: &'static str,
}

impl InBoth for Alerts {
    const NB: &'static Self = &nb::ALERTS;
    const EN: &'static Self = &en::ALERTS;
}
