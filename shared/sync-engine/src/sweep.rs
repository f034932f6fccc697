//! After a stream was read again in full: whatever was last read under an older generation and was not
//! met under this one is gone from Dynamics, or from what the stream is about.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use streams::FromDynamics;
use sync_store::{Head, Mark, PARTITIONS, Position};

use crate::Failure;
use crate::pull::Pull;
use crate::writer::Work;

/// Partitions that are counted side by side.
const SIDE_BY_SIDE: usize = 4;
/// Records that are written between two looks at the time.
const CHUNK: usize = 500;

impl Pull<'_> {
    /// Counts what would go, asks the guard, and begins; `false` if time runs out.
    pub(crate) async fn begin_sweep(
        &mut self,
        mark: Mark,
        since: Timestamp,
    ) -> Result<bool, Failure> {
        if !self.has_time_for_a_page() {
            return Ok(false);
        }
        let left = match self.plan.stream.deletes.from_dynamics {
            FromDynamics::Tombstone => self.count_left().await?,
            // A record stays as it was last read.
            FromDynamics::Ignore => 0,
        };
        self.grant_counted(left).await?;
        if left == 0 {
            self.cursor.swept = true;
            self.move_to(Position::Settled { mark }, since).await?;
            return Ok(true);
        }
        let position = Position::Sweeping {
            mark,
            since,
            partition: 0,
        };
        self.move_to(position, since).await?;
        Ok(true)
    }

    async fn count_left(&self) -> Result<u64, Failure> {
        let (store, stream) = (self.store, self.plan.stream.name.as_str());
        let generation = self.cursor.generation;
        let count = |partition| async move {
            store
                .heads(stream, partition)
                .try_fold(0, async |count, head| {
                    Ok(count + u64::from(is_left(&head, generation)))
                })
                .await
        };
        let counts = stream::iter(0..PARTITIONS).map(count);
        let sum = counts
            .buffer_unordered(SIDE_BY_SIDE)
            .try_fold(0, async |sum, count| Ok(sum + count))
            .await?;
        Ok(sum)
    }

    /// Goes through the partitions that are left; `false` if time runs out.
    pub(crate) async fn sweep(&mut self) -> Result<bool, Failure> {
        while let Position::Sweeping {
            mark,
            since,
            partition,
        } = self.cursor.position.clone()
        {
            let (store, stream) = (self.store, self.plan.stream.name.clone());
            let generation = self.cursor.generation;
            let left = store
                .heads(&stream, partition)
                .try_filter(|head| std::future::ready(is_left(head, generation)))
                .map_ok(|head| Work::Left(head.id))
                .try_chunks(CHUNK);
            let mut left = std::pin::pin!(left);
            while let Some(work) = left.try_next().await.map_err(|error| error.1)? {
                if !self.has_time_for_a_page() {
                    return Ok(false);
                }
                self.write_all(work).await?;
            }
            let position = if partition + 1 < PARTITIONS {
                Position::Sweeping {
                    mark,
                    since,
                    partition: partition + 1,
                }
            } else {
                self.cursor.swept = true;
                Position::Settled { mark }
            };
            self.move_to(position, since).await?;
        }
        Ok(true)
    }
}

/// Whether a record was last read under an older generation. One that is damaged says nothing, and is set
/// aside when its row comes.
fn is_left(head: &Head, generation: u64) -> bool {
    head.generation < generation && !head.deleted && !head.damaged
}
