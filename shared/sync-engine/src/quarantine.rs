//! Rows that cannot be read are set aside, so that one bad row never blocks the others: the id and the
//! reason are kept, the record is marked, and the row is asked for by its id in every run until it can be
//! read or is gone.
//!
//! Never in here: a value of a row.

use sync_store::{Quarantined, Unread};

use crate::Failure;
use crate::pull::Pull;
use crate::row_reader::Unreadable;
use crate::second_look::Look;

/// So many rows are asked for again in one run, those tried least often first. More than that is no bad
/// row but a mapping that does not fit, which is mended in the stream file; that reads everything again.
const AGAIN_MAX: usize = 1_000;

impl Pull<'_> {
    /// Notes rows that cannot be read. Their records are marked by the page's writes.
    pub(crate) async fn set_aside(&mut self, rows: &[Unreadable]) -> Result<(), Failure> {
        for row in rows {
            self.keeper.ensure().await?;
            let unread = Unread {
                id: row.id.clone(),
                generation: self.cursor.generation,
                version: row.version,
                reason: row.reason.clone(),
            };
            let now = self.clock.now();
            self.store
                .put_quarantined(&self.plan.stream.name, &unread, now)
                .await?;
        }
        Ok(())
    }

    /// Asks again for the rows that were set aside before this invocation; `false` if time runs out.
    pub(crate) async fn read_quarantined_again(&mut self) -> Result<bool, Failure> {
        let stream = self.plan.stream.name.clone();
        for row in self.store.quarantined(&stream, AGAIN_MAX).await? {
            let tried = row.tried_by.as_deref() == Some(self.run_id) || row.since >= self.begun_at;
            if tried {
                continue;
            }
            if !self.has_time_for_a_page() {
                return Ok(false);
            }
            self.keeper.ensure().await?;
            if self.healed(&row).await? {
                self.store.leave_quarantine(&stream, &row.id).await?;
                continue;
            }
            match self.look(&row.id).await? {
                Look::Stored => self.store.leave_quarantine(&stream, &row.id).await?,
                Look::Unreadable(still) => {
                    let now = self.clock.now();
                    self.store
                        .note_try(&stream, &row.id, self.run_id, &still.reason, now)
                        .await?;
                    self.mark(&still).await?;
                }
            }
        }
        Ok(true)
    }

    /// Whether a later read of the row, in a page, could be stored.
    async fn healed(&self, row: &Quarantined) -> Result<bool, Failure> {
        let head = self.store.head(&self.plan.stream.name, &row.id).await?;
        Ok(head.is_some_and(|head| {
            let newer =
                (head.generation, head.version) >= (row.generation, row.version.unwrap_or(0));
            let whole = !head.unverified && !head.deleted && !head.damaged;
            head.generation == self.cursor.generation && newer && whole
        }))
    }

    /// Marks the record of a row that cannot be read.
    pub(crate) async fn mark(&self, row: &Unreadable) -> Result<(), Failure> {
        let work = crate::writer::Work::Unverified {
            id: row.id.clone(),
            version: row.version.unwrap_or(0),
        };
        let generation = self.cursor.generation;
        match self.writer().write(&work, generation).await {
            // It cannot be marked, and is set aside all the same.
            Err(failure) if failure.is_damage() => Ok(()),
            marked => marked.map(drop),
        }
    }
}
