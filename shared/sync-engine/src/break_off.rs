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
    /// When DynamoDB fails. What was not given back passes by itself within 90 seconds.
    pub async fn break_off(&self, run_id: &str) -> Result<(), RunError> {
        for stream in &self.streams.streams {
            let state = self.store.stream_state(&stream.name).await?;
            let holder = state.and_then(|state| state.lease);
            if holder.is_none_or(|(owner, _)| owner != run_id) {
                continue;
            }
            let now = self.clock.now();
            match self.store.acquire(&stream.name, run_id, now).await? {
                Acquired::Granted { lease, .. } => self.store.release(lease).await?,
                // It had passed already.
                Acquired::Held { .. } => {}
            }
        }
        tracing::info!(run_id, "run broken off");
        Ok(())
    }
}
