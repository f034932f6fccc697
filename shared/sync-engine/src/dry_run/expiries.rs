//! What a dry run tells of a stream's expiry: of its own records, and of those that they refer to.
//!
//! It is told of the copy as it stands. Counted are its own records only.

use std::collections::HashMap;

use futures::TryStreamExt;
use sync_store::{Fields, PARTITIONS};

use crate::Failure;
use crate::dry_run::{DryRun, Side, What, changed};
use crate::expire::{Expired, ExpiryPass};
use crate::expire_targets::Targets;
use crate::expiries::targets_of;
use crate::expiry::{ExpiryRule, Standing};
use crate::expiry_changes::Wish;
use crate::report::StreamReport;

impl DryRun<'_> {
    /// What the stream's expiry would hide and show; `false` when time runs out.
    pub(crate) async fn expiries(&self, report: &mut StreamReport) -> Result<bool, Failure> {
        let (engine, stream) = (self.invocation.engine, self.invocation.stream);
        if stream.expiry.is_none() {
            return Ok(true);
        }
        let rule = ExpiryRule::of(stream, &engine.streams.time_zone, engine.clock.now());
        let pass = ExpiryPass {
            engine,
            run_id: self.invocation.run_id,
            name: &stream.name,
            stream: Some(stream),
            targets: targets_of(Some(stream)),
            deadline: self.invocation.deadline,
        };
        let mut referred = HashMap::new();
        for partition in 0..PARTITIONS {
            let mut records = std::pin::pin!(engine.store.hideable(&stream.name, partition));
            while let Some(record) = records.try_next().await? {
                let standing = rule.standing(&record.wanted, record.unverified);
                let hides = standing == Standing::Expired;
                report.suppressed += u64::from(hides);
                report.expiring += u64::from(rule.warns(&record.wanted).is_some());
                pass.note_references(&mut referred, &record, standing);
                match (hides, record.suppressed) {
                    (true, false) => self.tell(&record.id, Side::Copy, What::Hidden),
                    (false, true) if !record.is_hidden_by_others() => {
                        self.tell(&record.id, Side::Copy, What::Shown);
                    }
                    _ => {}
                }
                if let Some(wish) = engine.wish(stream, rule, &record, standing) {
                    let told = self.wish(&stream.name, &wish, &record.dynamics).await?;
                    report.pushed += u64::from(told);
                }
            }
            if self.out_of_time() {
                return Ok(false);
            }
        }
        for target in &pass.targets {
            let mut damaged = Expired::default();
            let targets = pass.targets_now(target, &referred, &mut damaged).await?;
            self.targets(target, targets).await?;
        }
        Ok(true)
    }

    /// What it would hide and show of another stream, and have written there.
    async fn targets(&self, target: &str, targets: Targets<'_>) -> Result<(), Failure> {
        let (store, by) = (&self.invocation.engine.store, &self.invocation.stream.name);
        for (id, values) in targets.work {
            let Some(record) = store.record_parts(target, &id).await? else {
                continue;
            };
            let others = record.hidden_by.iter().any(|other| other != by);
            match values {
                Some(_) if !record.deleted && record.hidden_by.is_empty() => {
                    self.tell_of(target, &id, Side::Copy, What::Hidden);
                }
                None if !others => self.tell_of(target, &id, Side::Copy, What::Shown),
                _ => {}
            }
        }
        for wish in targets.wishes {
            if let Some(record) = store.record_parts(target, &wish.row).await? {
                self.wish(target, &wish, &record.dynamics).await?;
            }
        }
        Ok(())
    }

    /// What an expiry wants written, unless it was handed in already; answers whether it was told.
    async fn wish(&self, stream: &str, wish: &Wish, dynamics: &Fields) -> Result<bool, Failure> {
        let store = &self.invocation.engine.store;
        if store.change(&wish.id(stream, 0)).await?.is_some() {
            return Ok(false);
        }
        let fields = changed(dynamics, &wish.over(dynamics));
        self.tell_of(stream, &wish.row, Side::Dynamics, What::Changed(fields));
        Ok(true)
    }
}
