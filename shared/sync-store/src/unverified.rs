//! A row that Dynamics has but that could not be read: its record says so until it can be.
//!
//! Never in here: why it could not be read, and where its id waits for the next try.

use jiff::Timestamp;

use crate::error::Error;
use crate::hiding::{HidingRule, Shown};
use crate::item::number;
use crate::record::Stored;
use crate::revision::{Decision, Rewrite};
use crate::{Applied, Lease, Store};

impl Store {
    /// Marks a record as not saying what its row says since `version` (0 if that is unknown), and hides
    /// it if `rule` says so. The values stay those that were last read. A record of an older generation
    /// is lifted into this one, at version 0: the sweep of older generations leaves it, and any version
    /// of this generation that can be read replaces it.
    ///
    /// [`Applied::Unchanged`] also if there is no record: what the app never saw needs no mark.
    ///
    /// # Errors
    /// As [`Store::put_row`].
    pub async fn mark_unverified(
        &self,
        lease: &Lease,
        id: &str,
        (generation, version): (u64, i64),
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let stream = lease.stream();
        let Some(first) = self.read_stored(stream, id).await? else {
            return Ok(Applied::Unchanged);
        };
        let applied = self
            .under_revision((stream, id), &first, |stored| {
                self.check_fence(lease, id, generation, stored)?;
                if let Some(applied) = verdict(stored, generation, version) {
                    return Ok(Decision::Leave(applied));
                }
                let shown = Shown::of(stored.wanted(), true, rule, &stored.hidden_by);
                let rewrite = Rewrite::new(now)
                    .set("unverified", number(version))
                    .set("fence", number(lease.fence()))
                    .shown(&shown);
                Ok(Decision::Write(if stored.generation < generation {
                    rewrite
                        .set("generation", number(generation))
                        .set("version", number(0))
                } else {
                    rewrite
                }))
            })
            .await?;
        Ok(applied.unwrap_or(Applied::Unchanged))
    }
}

/// Why the record is not marked; `None` if it is.
fn verdict(stored: &Stored, generation: u64, version: i64) -> Option<Applied> {
    // An unknown version may be the newest: in doubt the record is marked.
    let newer_is_stored = stored.version > version && version > 0;
    if stored.deleted {
        Some(Applied::Unchanged)
    } else if stored.generation < generation {
        None
    } else if stored.generation > generation || newer_is_stored {
        Some(Applied::Stale)
    } else {
        let marked = stored.unverified.is_some_and(|since| since >= version);
        marked.then_some(Applied::Unchanged)
    }
}
