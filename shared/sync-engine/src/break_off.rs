//! What is left to do about a run that was broken off: somebody pressed Ctrl-C.
//!
//! Everything it stored is valid, and its leases would pass by themselves; whoever runs it again at once should
//! not have to wait for that.

use sync_store::Acquired;

use crate::{Engine, RunError};

impl Engine {
    /// Gives back what a run still holds that is not carried out any more, in this process or any other. What
    /// was in flight when it stopped comes too late: each stream is taken once more, so that its fencing number
    /// rises, and given back.
    ///
    /// # Errors
    /// When DynamoDB fails, with the first failure: one stream keeps no other from it. What was not given back
    /// passes by itself within 90 seconds.
    pub async fn break_off(&self, run_id: &str) -> Result<(), RunError> {
        let mut outcome = Ok(());
        for stream in &self.streams.streams {
            outcome = outcome.and(self.take_back(run_id, &stream.name).await);
        }
        outcome?;
        tracing::info!(run_id, "run broken off");
        Ok(())
    }

    async fn take_back(&self, run_id: &str, stream: &str) -> Result<(), RunError> {
        let state = self.store.stream_state(stream).await?;
        let holder = state.and_then(|state| state.lease);
        if holder.is_none_or(|(owner, _)| owner != run_id) {
            return Ok(());
        }
        let now = self.clock.now();
        match self.store.acquire(stream, run_id, now).await? {
            Acquired::Granted { lease, .. } => self.store.release(lease).await?,
            // It had passed already.
            Acquired::Held { .. } => {}
        }
        Ok(())
    }
}
