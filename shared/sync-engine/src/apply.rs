//! Applies one page to the copy.
//!
//! A page is read whole before anything of it is written: if a row cannot be read, nothing is stored
//! and the cursor stays. Writes go side by side; each is guarded by (generation, version), so their
//! order does not matter.

use std::collections::HashSet;

use dynamics_client::{Entry, Page};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use streams::FromDynamics;
use sync_store::{Applied, Store};

use crate::Failure;
use crate::keeper::Keeper;
use crate::row_reader::{ReadRow, RowReader, Unreadable};

/// How many records are written side by side. A partition takes 1,000 writes a second and a stream
/// has 16 partitions; this keeps a page below that at DynamoDB's usual 3 to 5 milliseconds a write.
const WRITES_IN_FLIGHT: usize = 64;

/// What applying pages came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) pulled: u64,
    pub(crate) stored: u64,
    pub(crate) deleted: u64,
    pub(crate) unchanged: u64,
}

/// One write that a page asks for.
enum Work {
    Row(ReadRow),
    Delete(String),
}

/// Applies a page under `generation`.
pub(crate) async fn apply_page(
    store: &Store,
    reader: RowReader<'_>,
    page: &Page,
    keeper: &Keeper<'_>,
    now: Timestamp,
) -> Result<Tally, Failure> {
    let work = work_of(reader, page)?;
    let pulled = page.entries.len() as u64;
    stream::iter(work)
        .map(async |work| {
            keeper.ensure().await?;
            apply(store, reader, work, now).await
        })
        .buffer_unordered(WRITES_IN_FLIGHT)
        .try_fold(
            Tally {
                pulled,
                ..Tally::default()
            },
            async |tally, applied| Ok(tally.with(applied)),
        )
        .await
}

fn work_of(reader: RowReader<'_>, page: &Page) -> Result<Vec<Work>, Failure> {
    let mut work = Vec::with_capacity(page.entries.len());
    let mut live = HashSet::new();
    let mut deletes = Vec::new();
    let mut unreadable: Vec<Unreadable> = Vec::new();
    for entry in &page.entries {
        match entry {
            Entry::Deleted(id) => deletes.push(*id),
            Entry::Row(row) => {
                live.extend(row.guid(reader.primary_id()));
                match reader.read(row) {
                    Ok(row) => work.push(Work::Row(row)),
                    Err(row) => unreadable.push(row),
                }
            }
        }
    }
    if let Some(first) = unreadable.first() {
        return Err(Failure::UnreadableRows {
            count: unreadable.len(),
            of: page.entries.len(),
            id: first.id.clone().unwrap_or_else(|| "(unknown)".to_owned()),
            reason: first.reason.clone(),
        });
    }
    if reader.stream().deletes == FromDynamics::Tombstone {
        // A row that the same answer shows as live was deleted and created again: live rows are read
        // from the table itself, deletes from a log of the past.
        let gone = deletes.into_iter().filter(|id| !live.contains(id));
        work.extend(gone.map(|id| Work::Delete(id.to_string())));
    }
    Ok(work)
}

async fn apply(
    store: &Store,
    reader: RowReader<'_>,
    work: Work,
    now: Timestamp,
) -> Result<Applied, Failure> {
    let stream = &reader.stream().name;
    let generation = reader.generation();
    Ok(match work {
        Work::Row(ReadRow::Member(row)) => store.put_row(stream, &row, now).await?,
        Work::Row(ReadRow::Leaver { id, version }) => {
            store
                .bury_version(stream, &id, (generation, version), now)
                .await?
        }
        Work::Delete(id) => store.bury(stream, &id, generation, now).await?,
    })
}

impl Tally {
    fn with(mut self, applied: Applied) -> Self {
        match applied {
            Applied::Stored => self.stored += 1,
            Applied::Buried => self.deleted += 1,
            Applied::Unchanged | Applied::Stale => self.unchanged += 1,
            Applied::NeverSeen => {}
        }
        self
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.pulled += other.pulled;
        self.stored += other.stored;
        self.deleted += other.deleted;
        self.unchanged += other.unchanged;
    }
}
