//! Deleting the changes of a stream that is removed, those that wait among them.
//!
//! Never in here: a waiting change deleted without being counted.

use futures::{StreamExt, TryStreamExt, stream};

use crate::Store;
use crate::change::ChangeState;
use crate::change_item::{change_key, listed};
use crate::error::Error;
use crate::removal::{Holder, Items, PAGE, SIDE_BY_SIDE};
use crate::tables::{LISTED, SORT_KEY, STATE_INDEX};

impl Store {
    /// Deletes them and tells how many of them waited. The numbers of their order are not given out again.
    pub(crate) async fn remove_changes(&self, holder: Holder<'_>) -> Result<u64, Error> {
        let of = holder.lease.stream();
        let mut waited = 0;
        loop {
            let pointers = self.pointers(of, None, PAGE).await?;
            if pointers.is_empty() {
                break;
            }
            self.renew(holder.lease, holder.clock.now()).await?;
            waited += stream::iter(pointers)
                .map(|(sequence, id)| self.remove_waiting(of, sequence, id))
                .buffer_unordered(SIDE_BY_SIDE)
                .try_fold(0, async |sum, one| Ok(sum + one))
                .await?;
        }
        for state in ChangeState::ALL {
            let items = Items {
                table: &self.tables.changes,
                sort_key: SORT_KEY,
                index: Some((STATE_INDEX, LISTED)),
                partition: listed(of, state),
                prefix: None,
                action: format!("delete the changes of stream `{of}` in"),
            };
            self.remove(&items, Some(holder)).await?;
        }
        Ok(waited)
    }

    async fn remove_waiting(&self, stream: &str, sequence: u64, id: String) -> Result<u64, Error> {
        let parts = vec![
            self.delete_change(change_key(&id)),
            self.delete_pointer(stream, sequence),
        ];
        let removed = self.transact(parts, || self.change_failure("delete", &id));
        Ok(removed.await?.map_or(0, |()| 1))
    }
}
