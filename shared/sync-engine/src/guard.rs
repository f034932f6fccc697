//! The mass-change guard: more than a tenth of a stream never vanishes from the copy without a person
//! having said so, whatever the cause: deletes, rows that left the stream, a sweep, a walk over all keys.
//!
//! It is asked before anything vanishes, and what it grants is counted and saved before it happens: a run
//! that is killed in between counts it once more, and never not at all. It counts from one time the cursor
//! was at rest to the next, so that neither pages nor nights add up to what a single page would not be
//! allowed.
//!
//! Never in here: an expiry. In doubt a record is hidden.

use crate::Failure;
use crate::pull::Pull;

/// So many may always vanish: a tenth of a small stream is nothing.
const ALWAYS: u64 = 10;
/// One in so many may vanish.
const ONE_IN: u64 = 10;

/// So many may go whatever that is of: always, or because a person `released` them.
pub(crate) fn allowed(released: Option<u64>) -> u64 {
    released.unwrap_or(0).max(ALWAYS)
}

/// So many of this many may.
pub(crate) fn share(of: u64) -> u64 {
    of / ONE_IN
}

impl Pull<'_> {
    /// Returns once the records with these ids may vanish, in addition to those that already did.
    ///
    /// # Errors
    /// [`Failure::Guarded`] if they would be too many.
    pub(crate) async fn grant(&mut self, ids: &[String]) -> Result<(), Failure> {
        if ids.is_empty() {
            return Ok(());
        }
        // Only records that are there can vanish: many of the ids may never have been.
        let stream = &self.plan.stream.name;
        let there = self.store.live_among(stream, ids).await?;
        if there == 0 {
            return Ok(());
        }
        self.grant_counted(there).await?;
        self.keeper.save(&self.cursor).await
    }

    /// The same for so many records, all of which are there. The caller saves the cursor before they
    /// vanish.
    pub(crate) async fn grant_counted(&mut self, records: u64) -> Result<(), Failure> {
        let vanishing = self.cursor.vanished + records;
        if records > 0 && vanishing > allowed(self.released) {
            let live = self.live().await?;
            if vanishing > share(live) {
                return Err(Failure::Guarded {
                    stream: self.plan.stream.name.clone(),
                    vanishing,
                    of: live,
                });
            }
        }
        self.cursor.vanished = vanishing;
        Ok(())
    }

    /// How many records there were when the cursor was last at rest.
    async fn live(&mut self) -> Result<u64, Failure> {
        let live = match self.cursor.live {
            Some(live) => live,
            None => {
                let stream = &self.plan.stream.name;
                self.store.count_live(stream).await? + self.cursor.vanished
            }
        };
        self.cursor.live = Some(live);
        Ok(live)
    }
}
