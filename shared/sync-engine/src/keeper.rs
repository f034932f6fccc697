//! Keeps a stream's lease while a page is being stored, and stops a run that lost it.
//!
//! Every write of a record asks here first: once the lease is half way through, it is renewed before
//! anything more is written, and if another run has taken over, nothing more is. (A write that is
//! already on its way then meets the fencing number in the record.)

use std::time::Duration;

use clock::Clock;
use futures::lock::Mutex;
use jiff::Timestamp;
use sync_store::{Cursor, Lease, Store};

use crate::Failure;

/// A lease renewed longer ago than this is renewed before more is written; half of what it lasts.
const AGE_MAX: Duration = Duration::from_secs(45);

pub(crate) struct Keeper<'a> {
    store: &'a Store,
    clock: &'a dyn Clock,
    lease: &'a Lease,
    renewed_at: Mutex<Timestamp>,
}

impl<'a> Keeper<'a> {
    /// Keeps `lease`, which was taken at `taken_at`.
    pub(crate) fn new(
        store: &'a Store,
        clock: &'a dyn Clock,
        lease: &'a Lease,
        taken_at: Timestamp,
    ) -> Self {
        Self {
            store,
            clock,
            lease,
            renewed_at: Mutex::new(taken_at),
        }
    }

    /// The lease that is kept.
    pub(crate) fn lease(&self) -> &'a Lease {
        self.lease
    }

    /// Returns once the lease is good for at least half of its length.
    pub(crate) async fn ensure(&self) -> Result<(), Failure> {
        let mut renewed_at = self.renewed_at.lock().await;
        let now = self.clock.now();
        // A clock that was set back tells nothing about the lease's age.
        if now < *renewed_at || clock::elapsed(*renewed_at, now) > AGE_MAX {
            self.store.renew(self.lease, now).await?;
            *renewed_at = now;
        }
        Ok(())
    }

    /// Saves the cursor, which renews the lease.
    pub(crate) async fn save(&self, cursor: &Cursor) -> Result<(), Failure> {
        let now = self.clock.now();
        self.store.checkpoint(self.lease, cursor, now).await?;
        *self.renewed_at.lock().await = now;
        Ok(())
    }

    /// Saves the cursor at the end of everything that was to be done; what the guard stopped is over.
    pub(crate) async fn save_at_rest(&self, cursor: &Cursor) -> Result<(), Failure> {
        let now = self.clock.now();
        self.store
            .checkpoint_at_rest(self.lease, cursor, now)
            .await?;
        *self.renewed_at.lock().await = now;
        Ok(())
    }
}
