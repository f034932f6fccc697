//! The walk over all keys of a table, and what the copy makes of it: records whose row was not met are
//! gone or out of sight, rows without a record or with a newer version are read by their id.
//!
//! It is how deletes are told where Dynamics does not track changes, and it should find nothing where it
//! does. The keys met are kept in the state table, so that the walk can go on in another process.

use std::collections::HashSet;

use dynamics_client::{Entry, Page};
use futures::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use streams::FromDynamics;
use sync_store::{CursorKind, PARTITIONS, Position};
use uuid::Uuid;

use crate::Failure;
use crate::pull::Pull;
use crate::request::Mode;
use crate::row_reader::RowReader;
use crate::writer::Work;

/// Where changes are told by `modifiedon`, deletes are looked for this often: every night, also where
/// one night comes a little earlier than the one before.
const EVERY: SignedDuration = SignedDuration::from_hours(20);
/// So many rows are read one by one; beyond that it is cheaper to read the whole table.
const LOOKS_MAX: usize = 1_000;

/// What one partition's records and keys come to.
#[derive(Default)]
struct Differences {
    /// Records whose row was not met.
    gone: Vec<String>,
    /// Rows whose record is missing or has another version.
    missing: Vec<String>,
}

impl Pull<'_> {
    /// Whether the keys must be walked now, after changes were read.
    pub(crate) fn key_walk_is_due(&self) -> bool {
        let Some(walk) = &self.cursor.walk else {
            return self.invocation.mode == Mode::Reconcile;
        };
        let asked = self.invocation.mode == Mode::Reconcile && walk.run_id != self.run_id;
        let next = walk.begun.checked_add(EVERY).unwrap_or(Timestamp::MAX);
        let nightly = self.cursor.kind == CursorKind::ModifiedOn && next <= self.clock.now();
        asked || nightly || !walk.ended
    }

    /// Keeps the keys of a page: those of rows that belong to the stream, or may.
    pub(crate) async fn store_keys(&mut self, page: &Page, number: u64) -> Result<(), Failure> {
        let reader = RowReader::new(self.plan, self.cursor.generation);
        let keys: Vec<(u128, i64)> = page
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Row(row) if reader.belongs(row).unwrap_or(true) => {
                    let id = row.guid(reader.primary_id())?;
                    Some((id.as_u128(), row.version().unwrap_or(0)))
                }
                _ => None,
            })
            .collect();
        self.keeper.ensure().await?;
        let (stream, begun) = (self.plan.stream.name.as_str(), self.walk_begun());
        let now = self.clock.now();
        self.store
            .put_listing(stream, begun, number, &keys, now)
            .await?;
        Ok(())
    }

    /// Compares the records with the keys; `false` if time runs out.
    pub(crate) async fn compare(&mut self) -> Result<bool, Failure> {
        let Position::Comparing {
            mark,
            since,
            pages,
            granted,
        } = self.cursor.position.clone()
        else {
            return Ok(true);
        };
        if !self.has_time_for_a_page() {
            return Ok(false);
        }
        let stream = &self.plan.stream.name;
        let quarantined = self.store.quarantined_ids(stream).await?;
        if !granted {
            self.ask_guard(pages, &quarantined).await?;
            let position = Position::Comparing {
                mark: mark.clone(),
                since,
                pages,
                granted: true,
            };
            self.move_to(position, since).await?;
        }
        for partition in 0..PARTITIONS {
            let found = self.differences(partition, pages, &quarantined).await?;
            if !self.mend(found).await? {
                return Ok(false);
            }
        }
        let begun = self.walk_begun();
        if let Some(walk) = &mut self.cursor.walk {
            walk.ended = true;
        }
        self.move_to(Position::Settled { mark }, since).await?;
        let stream = &self.plan.stream.name;
        self.store.drop_listing(stream, begun).await?;
        Ok(true)
    }

    /// Nothing may vanish before it is known that not too much will, and nothing is read one by one
    /// before it is known that it is not too much.
    async fn ask_guard(
        &mut self,
        pages: u64,
        quarantined: &HashSet<String>,
    ) -> Result<(), Failure> {
        let (mut gone, mut missing) = (0, 0);
        for partition in 0..PARTITIONS {
            let found = self.differences(partition, pages, quarantined).await?;
            gone += found.gone.len() as u64;
            missing += found.missing.len();
        }
        if missing > LOOKS_MAX {
            return Err(Failure::MuchMissing);
        }
        self.grant_counted(gone).await
    }

    async fn differences(
        &self,
        partition: u8,
        pages: u64,
        quarantined: &HashSet<String>,
    ) -> Result<Differences, Failure> {
        let stream = self.plan.stream.name.as_str();
        let begun = self.walk_begun();
        let met = self.store.listing(stream, begun, partition, pages).await?;
        let mut met = met.ok_or(Failure::ListingGone)?;
        let mut found = Differences::default();
        let mut heads = std::pin::pin!(self.store.heads(stream, partition));
        while let Some(head) = heads.try_next().await? {
            if head.deleted && !head.damaged {
                continue;
            }
            let key = head.id.parse::<Uuid>().ok().map(|id| id.as_u128());
            let version = key.and_then(|key| met.remove(&key));
            match version {
                // Its quarantine asks for it.
                _ if (head.damaged || head.unverified) && quarantined.contains(&head.id) => {}
                _ if head.damaged => found.missing.push(head.id),
                None => found.gone.push(head.id),
                // A newer version may have been read after the walk; a second look tells that from a row
                // that went back.
                Some(version) => {
                    let is_it =
                        (head.generation, head.version) == (self.cursor.generation, version);
                    if !is_it || head.unverified {
                        found.missing.push(head.id);
                    }
                }
            }
        }
        let unknown = met.into_keys().map(|key| Uuid::from_u128(key).to_string());
        found
            .missing
            .extend(unknown.filter(|id| !quarantined.contains(id)));
        if self.plan.stream.deletes.from_dynamics == FromDynamics::Ignore {
            found.gone.clear();
        }
        Ok(found)
    }

    async fn mend(&mut self, found: Differences) -> Result<bool, Failure> {
        let gone = found.gone.into_iter().map(Work::Delete).collect();
        let before = self.changed();
        self.write_all(gone).await?;
        if self.cursor.kind == CursorKind::ChangeTracking {
            self.repaired += self.changed() - before;
        }
        for id in found.missing {
            if !self.has_time_for_a_page() {
                return Ok(false);
            }
            self.keeper.ensure().await?;
            let before = self.changed();
            self.look_and_keep(&id).await?;
            self.repaired += self.changed() - before;
        }
        Ok(true)
    }

    /// How many records this invocation has changed.
    fn changed(&self) -> u64 {
        self.tally.stored + self.tally.deleted
    }

    fn walk_begun(&self) -> Timestamp {
        let begun = self.cursor.walk.as_ref().map(|walk| walk.begun);
        begun.unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
