//! Decides, before anything is read, whether a stream can go on from its saved cursor.

use std::collections::HashSet;

use dynamics_client::{Entry, Page, Query};
use sync_store::{Cursor, CursorKind, Position};
use uuid::Uuid;

use crate::Failure;
use crate::plan::VERSION;
use crate::pull::Pull;
use crate::recovery::Why;
use crate::request::Mode;
use crate::second_look::row_of;

impl Pull<'_> {
    /// Goes on from `saved` if it was made for what is read now; else begins a new generation.
    pub(crate) async fn resume(&mut self, saved: Option<Cursor>) -> Result<(), Failure> {
        let why = match saved {
            Some(saved) => {
                self.floor = saved.witness.as_ref().map(|row| row.version);
                self.cursor = saved;
                self.why_read_again().await?
            }
            None => {
                let known = self.store.generation(&self.plan.stream.name).await?;
                Some(known.map_or(Why::First, |_| Why::CursorGone))
            }
        };
        if let Some(why) = why {
            return self.begin_generation(why).await;
        }
        self.walk_keys_again();
        Ok(())
    }

    async fn why_read_again(&mut self) -> Result<Option<Why>, Failure> {
        let cursor = &self.cursor;
        if cursor.position == Position::Start {
            // Part of the first page may be stored. A row of it that was deleted since is in no page that
            // comes now, and no later change tells of it.
            return Ok(Some(Why::FirstPage));
        }
        if cursor.organization != self.invocation.identity.organization_id.to_string() {
            return Ok(Some(Why::Environment));
        }
        if cursor.fingerprint != self.plan.fingerprint {
            return Ok(Some(Why::Meaning));
        }
        if self.invocation.mode == Mode::Full && cursor.full_by.as_deref() != Some(self.run_id) {
            return Ok(Some(Why::Asked));
        }
        match (cursor.kind, self.plan.change_tracking) {
            (CursorKind::ChangeTracking, false) => return Ok(Some(Why::NoChangeTracking)),
            (CursorKind::ModifiedOn, true) if self.kind().await? == CursorKind::ChangeTracking => {
                return Ok(Some(Why::ChangeTracking));
            }
            _ => {}
        }
        self.check_witness().await
    }

    /// Looks at a row whose version is known: after a restore of the environment it has a lower one, or is
    /// not there, and change tracking alone would say nothing until its counter has caught up.
    async fn check_witness(&mut self) -> Result<Option<Why>, Failure> {
        let Some(witness) = self.cursor.witness.clone() else {
            return Ok(None);
        };
        let Ok(id) = witness.id.parse::<Uuid>() else {
            return Ok(None);
        };
        let key = self.plan.primary_id.as_str();
        let query = Query::new(&self.plan.stream.table).select([key, VERSION]);
        let client = self.invocation.preparing_client();
        match row_of(&client, query, key, id).await? {
            Some(row) if row.version().is_some_and(|now| now < witness.version) => {
                return Ok(Some(Why::WentBack));
            }
            Some(_) => {}
            None if self.deletes_are_told_next() => self.witness_missing = true,
            // It may just be deleted, or out of sight; a walk over all keys compares the versions.
            None => self.cursor.witness = None,
        }
        Ok(None)
    }

    /// Whether the walk that comes next tells of every delete; one that goes on in its middle may have
    /// done so before.
    fn deletes_are_told_next(&self) -> bool {
        let settled = matches!(self.cursor.position, Position::Settled { .. });
        settled && self.cursor.kind == CursorKind::ChangeTracking
    }

    /// Takes note of what a page says about the witness.
    pub(crate) fn meet_witness(&mut self, page: &Page, told_deleted: &HashSet<String>) {
        let Some(witness) = &self.cursor.witness else {
            return;
        };
        let key = self.plan.primary_id.as_str();
        let is_it = |entry: &Entry| match entry {
            Entry::Row(row) => row.guid(key).is_some_and(|id| id.to_string() == witness.id),
            Entry::Deleted(_) => false,
        };
        if told_deleted.contains(&witness.id) {
            self.cursor.witness = None;
            self.witness_missing = false;
        } else if self.witness_missing && page.entries.iter().any(is_it) {
            self.witness_missing = false;
        }
    }

    /// A walk over all keys of an earlier run that ended, and whose outcome was not carried out: too many
    /// records would have vanished. They may be back, so it is made again.
    fn walk_keys_again(&mut self) {
        let ours = self
            .cursor
            .walk
            .as_ref()
            .is_some_and(|walk| walk.run_id == self.run_id);
        if let Position::Comparing {
            mark,
            granted: false,
            ..
        } = &self.cursor.position
            && !ours
        {
            self.cursor.position = Position::Settled { mark: mark.clone() };
        }
    }
}
