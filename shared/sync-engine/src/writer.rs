//! Writes one record at a time, as often as it takes: DynamoDB throttles a table that is still growing,
//! and a refused write says nothing about the row.
//!
//! Never in here: a write without asking the [`Keeper`] first.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use clock::Clock;
use jiff::Timestamp;
use sync_store::{Applied, Error, ErrorKind, Fields, Hideable, Store};

use crate::Failure;
use crate::expiry::ExpiryRule;
use crate::keeper::Keeper;
use crate::row_reader::ReadRow;

/// The first wait after a write that failed, doubled with each further one.
const WAIT_MIN: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(5);
/// A table that throttles is growing, and does so within minutes.
const THROTTLED_TRIES: u32 = 100;
/// Without an answer there is no telling whether there ever will be one.
const UNANSWERED_TRIES: u32 = 8;

/// One write of a record.
pub(crate) enum Work {
    /// The row as it was read.
    Row(ReadRow),
    /// The row is gone from Dynamics, or out of sight.
    Delete(String),
    /// The row, at this version (0: none), cannot be read.
    Unverified { id: String, version: i64 },
    /// The record was last read under an older generation, and its row was not met under this one.
    Left(String),
    /// The record is hidden or shown again, as its stream's expiry now says.
    Hide(Box<Hideable>),
    /// A record of another stream is hidden by one of this, with these values; or no longer (`None`).
    Target {
        stream: String,
        id: String,
        values: Option<Fields>,
    },
}

/// What writing records takes.
pub(crate) struct Writer<'a> {
    pub(crate) store: &'a Store,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) keeper: &'a Keeper<'a>,
    /// What hides a record of the stream that is written.
    pub(crate) rule: ExpiryRule<'a>,
    /// No write is tried again after this.
    pub(crate) deadline: Timestamp,
    /// How many records are written side by side.
    pub(crate) in_flight: usize,
}

impl Writer<'_> {
    /// Writes, and waits and tries again while DynamoDB throttles or does not answer. A write may be
    /// repeated although it took effect: its condition then says that nothing is left to do.
    pub(crate) async fn write(&self, work: &Work, generation: u64) -> Result<Applied, Failure> {
        let mut wait = WAIT_MIN;
        let mut tries = 0;
        loop {
            self.keeper.ensure().await?;
            let error = match self.try_once(work, generation).await {
                Ok(applied) => return Ok(applied),
                Err(error) => error,
            };
            tries += 1;
            let tries_max = match error.kind() {
                ErrorKind::Throttled => THROTTLED_TRIES,
                ErrorKind::Unavailable => UNANSWERED_TRIES,
                _ => 1,
            };
            let wait_now = wait + work.spread(wait);
            let too_late = clock::after(self.clock.now(), wait_now) >= self.deadline;
            if tries >= tries_max || too_late {
                return Err(error.into());
            }
            self.clock.sleep(wait_now).await;
            wait = (wait * 2).min(WAIT_MAX);
        }
    }

    async fn try_once(&self, work: &Work, generation: u64) -> Result<Applied, Error> {
        let store = self.store;
        let hiding = &|wanted: &_, unverified| self.rule.hiding(wanted, unverified);
        let (lease, now) = (self.keeper.lease(), self.clock.now());
        match work {
            Work::Row(ReadRow::Member(row)) => store.put_row(lease, row, hiding, now).await,
            Work::Row(ReadRow::Leaver { id, version }) => {
                let guard = (generation, *version);
                store.bury_version(lease, id, guard, now).await
            }
            Work::Delete(id) => store.bury(lease, id, generation, now).await,
            Work::Unverified { id, version } => {
                let guard = (generation, *version);
                store.mark_unverified(lease, id, guard, hiding, now).await
            }
            Work::Left(id) => store.bury_version(lease, id, (generation, 0), now).await,
            Work::Hide(record) => store.rehide(lease, record, hiding, now).await,
            Work::Target { stream, id, values } => match values {
                Some(values) => {
                    store
                        .hide_target(lease, stream, id, values, hiding, now)
                        .await
                }
                None => store.show_target(lease, stream, id, hiding, now).await,
            },
        }
    }
}

impl Work {
    /// The record that is written.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Row(ReadRow::Member(row)) => &row.id,
            Self::Hide(record) => &record.id,
            Self::Row(ReadRow::Leaver { id, .. })
            | Self::Delete(id)
            | Self::Left(id)
            | Self::Unverified { id, .. }
            | Self::Target { id, .. } => id,
        }
    }

    /// A part of `wait` that differs from record to record, so that writes which were throttled
    /// together do not come back together.
    fn spread(&self, wait: Duration) -> Duration {
        let mut hasher = DefaultHasher::new();
        self.id().hash(&mut hasher);
        wait / 256 * u32::from(hasher.finish().to_le_bytes()[0])
    }
}
