//! What is done with a page: its rows go to the copy, and then, and only then, the cursor moves past it.
//!
//! Never in here: fetching the next page.

use dynamics_client::Page;
use jiff::Timestamp;
use sync_store::Position;

use crate::apply::{newest, sort, write};
use crate::pull::Pull;
use crate::row_reader::RowReader;
use crate::second_look::Look;
use crate::walk::{Walk, listing};
use crate::writer::Work;
use crate::{Failure, Progress};

impl Pull<'_> {
    /// Stores a page, then moves the cursor to `position`: never the other way round.
    pub(crate) async fn store_page(
        &mut self,
        walk: &Walk,
        page: &Page,
        number: u64,
        position: Position,
        begun: Timestamp,
    ) -> Result<(), Failure> {
        match walk {
            Walk::Keys { pages, .. } => self.store_keys(page, pages + number - 1).await?,
            _ => self.apply(page).await?,
        }
        self.move_to(position, begun).await?;
        (self.invocation.progress)(Progress {
            stream: &self.plan.stream.name,
            rows: self.tally.pulled,
        });
        Ok(())
    }

    /// Applies a page of rows and deletes to the copy: first what makes nothing vanish, so that the guard
    /// withholds nothing else.
    async fn apply(&mut self, page: &Page) -> Result<(), Failure> {
        let reader = RowReader::new(self.plan, self.cursor.generation);
        let mut sorted = sort(reader, page)?;
        self.set_aside(&sorted.unreadable).await?;
        self.meet_witness(page, &sorted.told_deleted);
        if let Some(row) = &sorted.newest {
            self.newest = newest(self.newest.take(), &row.id, row.version);
        }
        self.tally.pulled += page.entries.len() as u64;
        self.assert_owned(&sorted.members).await?;
        self.write_all(sorted.take_present()).await?;
        // Nothing can vanish that never was.
        if self.cursor.generation > 1 || self.cursor.position != Position::Start {
            self.grant(&sorted.vanishing()).await?;
        }
        for (id, was) in self.write_all(sorted.into_absent()).await? {
            // It was told changed and now deleted, on different pages, so that their order says nothing:
            // it may have been deleted and created again.
            if self.floor.is_some_and(|floor| was > floor) {
                self.look_and_keep(&id).await?;
            }
        }
        Ok(())
    }

    /// Writes records side by side and counts what that came to. Answers those that deletes buried, now or
    /// before, with their versions.
    pub(crate) async fn write_all(
        &mut self,
        work: Vec<Work>,
    ) -> Result<Vec<(String, i64)>, Failure> {
        let generation = self.cursor.generation;
        let outcome = write(work, &self.writer(), generation).await?;
        self.tally.add(outcome.tally);
        self.mismatched.extend(outcome.returned);
        self.set_aside(&outcome.damaged).await?;
        match outcome.went_back {
            Some(id) => Err(Failure::WentBack { id }),
            None => Ok(outcome.buried),
        }
    }

    /// A second look at a row, which is set aside if it cannot be read.
    pub(crate) async fn look_and_keep(&mut self, id: &str) -> Result<(), Failure> {
        if let Look::Unreadable(row) = self.look(id).await? {
            // Set aside first: a mark that nobody knows of would never be taken off.
            self.set_aside(std::slice::from_ref(&row)).await?;
            self.mark(&row).await?;
        }
        Ok(())
    }

    /// Saves the cursor in a new position. One that is settled is at rest, or the walk over all keys that
    /// is due begins.
    pub(crate) async fn move_to(
        &mut self,
        mut position: Position,
        begun: Timestamp,
    ) -> Result<(), Failure> {
        // In the middle of changes the witness stays the newest row of those before: what is newer was
        // told by these.
        if !matches!(position, Position::Reading { .. })
            && let Some(row) = self.newest.take()
        {
            self.cursor.witness = newest(self.cursor.witness.take(), &row.id, row.version);
        }
        if let Position::Settled { mark } = &position {
            if self.witness_missing {
                return Err(Failure::WitnessGone);
            }
            if self.cursor.swept && self.key_walk_is_due() {
                let now = self.clock.now();
                self.cursor.walk = Some(self.key_walk(now));
                position = listing(mark, begun);
            }
        }
        let at_rest = self.cursor.swept && matches!(position, Position::Settled { .. });
        self.moves += u64::from(self.cursor.position != position);
        self.cursor.position = position;
        if at_rest {
            self.cursor.vanished = 0;
            self.cursor.live = None;
            self.keeper.save_at_rest(&self.cursor).await
        } else {
            self.keeper.save(&self.cursor).await
        }
    }
}
