//! The texts of the page that shows how the sync stands.
//!
//! Never in here: what is shown when; marks of HTML.

mod en;
mod nb;

use crate::InBoth;

/// Something that somebody should know, and what they can do about it.
pub struct Advice {
    /// What it is.
    pub what: &'static str,
    /// What to do.
    pub act: &'static str,
}

/// Something that somebody should know, with how much of it there is.
pub struct CountAdvice {
    /// What it is, of so many.
    pub what: fn(u64) -> String,
    /// What to do.
    pub act: &'static str,
}

/// Something that a guard stopped: so many of so many.
pub struct GuardAdvice {
    /// What was stopped.
    pub what: fn(u64, u64) -> String,
    /// What to do.
    pub act: &'static str,
    /// It was released, and what happens next.
    pub released: &'static str,
    /// The button that releases it.
    pub release: fn(u64) -> String,
}

/// How all of it stands.
pub struct Overall {
    /// Nothing has run yet.
    pub empty: &'static str,
    /// As it should be.
    pub good: &'static str,
    /// A person has something to do.
    pub attention: &'static str,
    /// It does not work.
    pub broken: &'static str,
    /// It does not work because settings are wrong.
    pub not_set_up: &'static str,
    /// It cannot be told, because the store does not answer.
    pub unknown: &'static str,
    /// How old what the app shows is at most, by a moment.
    pub fresh: fn(&str) -> String,
    /// There is something that the app cannot show yet.
    pub not_loaded: &'static str,
    /// What to do first.
    pub begin: &'static str,
    /// A run goes on now.
    pub running: &'static str,
}

/// Everything that somebody should know.
pub struct Concerns {
    /// The heading.
    pub heading: &'static str,
    /// It has been so since then.
    pub since: fn(&str) -> String,
    /// No run was done in time.
    pub run_not_done: Advice,
    /// It failed so often in a row.
    pub failing: CountAdvice,
    /// The copy is too old.
    pub stale: Advice,
    /// No record has changed for so many days.
    pub still: CountAdvice,
    /// What is stored about it cannot be read.
    pub unreadable: Advice,
    /// Dynamics does not let us in.
    pub unreachable: Advice,
    /// Nobody has looked for too long.
    pub not_checked: Advice,
    /// The credential ends in so many days.
    pub credential_expiring: CountAdvice,
    /// The credential has ended.
    pub credential_expired: Advice,
    /// Nobody knows when it ends.
    pub credential_end_unknown: Advice,
    /// Too much would have vanished.
    pub guard: GuardAdvice,
    /// Too much would have been written because it expired.
    pub expiry_guard: GuardAdvice,
    /// Conflicts.
    pub held: CountAdvice,
    /// Refused changes.
    pub refused: CountAdvice,
    /// Records that differ.
    pub mismatches: CountAdvice,
    /// Changes of the table.
    pub schema: CountAdvice,
    /// Rows that cannot be read.
    pub quarantined: CountAdvice,
    /// Records that expire soon.
    pub expiring: CountAdvice,
    /// Messages that could not be sent.
    pub unsent: CountAdvice,
    /// Nobody gets messages.
    pub nobody: Advice,
}

/// The streams.
pub struct Streams {
    /// The heading.
    pub heading: &'static str,
    /// Column: name.
    pub name: &'static str,
    /// Column: how it stands.
    pub level: &'static str,
    /// Column: the copy's age.
    pub as_of: &'static str,
    /// Column: the last run that brought it up to date.
    pub last_success: &'static str,
    /// Column: changes that wait for a run.
    pub waiting: &'static str,
    /// Column: changes that wait for a person.
    pub held: &'static str,
    /// Column: refused changes.
    pub refused: &'static str,
    /// Column: records that differ.
    pub mismatches: &'static str,
    /// Column: changes of the table.
    pub schema: &'static str,
    /// Column: rows that cannot be read.
    pub quarantined: &'static str,
    /// Column: records that expire soon.
    pub expiring: &'static str,
    /// Not read yet.
    pub never: &'static str,
    /// Nothing of it is read.
    pub only_writes: &'static str,
    /// There is nothing to read: Dynamics has no such table.
    pub nothing_there: &'static str,
    /// Level: nothing has run yet.
    pub empty: &'static str,
    /// Level: as it should be.
    pub good: &'static str,
    /// Level: a person has something to do.
    pub attention: &'static str,
    /// Level: it does not work.
    pub broken: &'static str,
    /// Level: the last run passed it over.
    pub skipped: &'static str,
    /// A run has it now.
    pub running: &'static str,
    /// Why the last run did not complete it.
    pub reason: &'static str,
    /// The heading above what expires soonest.
    pub soonest: fn(&str) -> String,
    /// So many more than those that are listed.
    pub more: fn(u64) -> String,
    /// The link to a record.
    pub open: &'static str,
}

/// The changes that wait for a person.
pub struct Resolutions {
    /// The heading.
    pub heading: &'static str,
    /// What these are.
    pub lead: &'static str,
    /// A conflict.
    pub held: &'static str,
    /// A refused one.
    pub refused: &'static str,
    /// Upsert.
    pub upsert: &'static str,
    /// Create.
    pub create: &'static str,
    /// Update.
    pub update: &'static str,
    /// Delete.
    pub delete: &'static str,
    /// Which fields.
    pub fields: &'static str,
    /// When it was handed in.
    pub accepted: &'static str,
    /// Who wants it.
    pub from: &'static str,
    /// An app, by the name of its key.
    pub app: fn(&str) -> String,
    /// An expiry.
    pub expiry: &'static str,
    /// The end of an expiry.
    pub renewal: &'static str,
    /// A field that the app owns.
    pub assertion: &'static str,
    /// Why it stands so.
    pub reason: &'static str,
    /// Its id.
    pub id: &'static str,
    /// Button.
    pub retry: &'static str,
    /// Button.
    pub drop: &'static str,
    /// Button.
    pub keep_app: &'static str,
    /// Button.
    pub keep_dynamics: &'static str,
    /// The same, for who hears only the buttons: of which change.
    pub about: fn(&str, &str) -> String,
    /// There are more than these.
    pub more: &'static str,
}

/// The history of runs.
pub struct Runs {
    /// The heading.
    pub heading: &'static str,
    /// There are none.
    pub none: &'static str,
    /// The chart's title.
    pub chart: &'static str,
    /// What the chart shows: so many runs, of which so many complete, so many in part, so many failed.
    pub described: fn(usize, usize, usize, usize) -> String,
    /// What its bars are.
    pub legend: &'static str,
    /// Column: when it began.
    pub began: &'static str,
    /// Column: how it ended.
    pub status: &'static str,
    /// Column: how long it took.
    pub took: &'static str,
    /// Column: rows that came from Dynamics.
    pub pulled: &'static str,
    /// Column: records written.
    pub stored: &'static str,
    /// Column: records removed.
    pub deleted: &'static str,
    /// Column: changes written to Dynamics.
    pub pushed: &'static str,
    /// Column: requests to Dynamics.
    pub requests: &'static str,
    /// Status.
    pub complete: &'static str,
    /// Status.
    pub partial: &'static str,
    /// Status.
    pub failed: &'static str,
    /// Status.
    pub underway: &'static str,
    /// Status.
    pub held: &'static str,
    /// Status.
    pub unknown: &'static str,
    /// So many hours, minutes and seconds.
    pub duration: fn(u64, u64, u64) -> String,
}

/// Exports.
pub struct Exports {
    /// The heading.
    pub heading: &'static str,
    /// What they are.
    pub lead: &'static str,
    /// A stream's rows, live.
    pub from_dynamics: &'static str,
    /// A stream's rows, from the copy.
    pub from_copy: &'static str,
    /// A stream's changes that are not over.
    pub changes: &'static str,
    /// The heading above the latest.
    pub latest: &'static str,
    /// There were none.
    pub none: &'static str,
    /// Column: when.
    pub began: &'static str,
    /// Column: whose key.
    pub key: &'static str,
    /// Column: what of.
    pub stream: &'static str,
    /// Column: from Dynamics or from the copy.
    pub source: &'static str,
    /// Column: how many rows.
    pub rows: &'static str,
    /// Column: how it ended.
    pub outcome: &'static str,
    /// Column: SHA-256.
    pub hash: &'static str,
    /// Source.
    pub dynamics: &'static str,
    /// Source.
    pub copy: &'static str,
    /// Source: the copy, in place of a Dynamics that is down.
    pub fallback: &'static str,
    /// Source: changes that are not over.
    pub waiting: &'static str,
    /// Outcome.
    pub underway: &'static str,
    /// Outcome.
    pub complete: &'static str,
    /// Outcome.
    pub incomplete: &'static str,
}

/// What the scheduled check found.
pub struct Checks {
    /// The heading.
    pub heading: &'static str,
    /// Nobody has looked yet.
    pub never: &'static str,
    /// When somebody looked.
    pub looked: fn(&str) -> String,
    /// Signing in.
    pub token: &'static str,
    /// Dynamics itself.
    pub dynamics: &'static str,
    /// It works.
    pub works: &'static str,
    /// It answers within so many milliseconds.
    pub answers: fn(u64) -> String,
    /// It was not asked.
    pub not_asked: &'static str,
    /// It does not work.
    pub fails: &'static str,
    /// A client secret.
    pub secret: &'static str,
    /// A certificate.
    pub certificate: &'static str,
    /// The credential, whatever it is.
    pub credential: &'static str,
    /// It is good until that day, so many days.
    pub until: fn(&str, i64) -> String,
    /// It has ended, on that day.
    pub ended: fn(&str) -> String,
    /// Not known.
    pub not_known: &'static str,
    /// The budget.
    pub budget: &'static str,
    /// Such a share, in percent, of what Dynamics allows.
    pub share: fn(u8) -> String,
    /// So many requests may be made now.
    pub remaining: fn(u32) -> String,
    /// Messages to operations.
    pub operations: &'static str,
    /// Messages to coordinators.
    pub coordinators: &'static str,
    /// So many get them, so many have not confirmed yet.
    pub subscribers: fn(u32, u32) -> String,
    /// Nobody is told; the log says it.
    pub to_the_log: &'static str,
}

/// What field comes from what column.
pub struct Mapping {
    /// The heading.
    pub heading: &'static str,
    /// Which table, and which way.
    pub table: &'static str,
    /// Dynamics to app.
    pub pull: &'static str,
    /// App to Dynamics.
    pub push: &'static str,
    /// Both.
    pub both: &'static str,
    /// Column: the app's name.
    pub field: &'static str,
    /// Column: Dynamics' name.
    pub column: &'static str,
    /// Column: remarks.
    pub remarks: &'static str,
    /// Identifies a row.
    pub key: &'static str,
    /// Only Dynamics changes it.
    pub owned_by_dynamics: &'static str,
    /// Only the app changes it.
    pub owned_by_app: &'static str,
    /// The time of writing.
    pub stamp: &'static str,
    /// A day.
    pub date: &'static str,
    /// Refers to a table.
    pub lookup: fn(&str) -> String,
    /// One of some values.
    pub choice: fn(&str) -> String,
}

/// What became of a button.
pub struct Notices {
    /// A run was started.
    pub started: &'static str,
    /// One goes on already.
    pub underway: &'static str,
    /// A guard was released.
    pub released: &'static str,
    /// A test message was sent.
    pub tested: &'static str,
    /// A change was decided about.
    pub resolved: &'static str,
    /// It cannot be done any more.
    pub not_possible: &'static str,
    /// It could not be done.
    pub failed: &'static str,
}

/// The texts of the page.
pub struct Page {
    /// The language, as HTML names it.
    pub language: &'static str,
    /// The title.
    pub title: &'static str,
    /// Skips to the content.
    pub skip: &'static str,
    /// When this was read.
    pub read_at: fn(&str) -> String,
    /// Reads it again.
    pub reload: &'static str,
    /// Button: run now.
    pub run_now: &'static str,
    /// Button: test message.
    pub test_alert: &'static str,
    /// The same for programs.
    pub for_programs: &'static str,
    /// What settings are wrong.
    pub settings: &'static str,
    /// What the store said.
    pub store: &'static str,
    /// See [`Overall`].
    pub overall: Overall,
    /// See [`Concerns`].
    pub concerns: Concerns,
    /// See [`Streams`].
    pub streams: Streams,
    /// See [`Resolutions`].
    pub resolutions: Resolutions,
    /// See [`Runs`].
    pub runs: Runs,
    /// See [`Exports`].
    pub exports: Exports,
    /// See [`Checks`].
    pub checks: Checks,
    /// See [`Mapping`].
    pub mapping: Mapping,
    /// See [`Notices`].
    pub notices: Notices,
}

impl InBoth for Page {
    const NB: &'static Self = &nb::PAGE;
    const EN: &'static Self = &en::PAGE;
}
