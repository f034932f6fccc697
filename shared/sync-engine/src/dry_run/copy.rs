//! The copy's side of a dry run: what changed in Dynamics.
//!
//! Never in here: what has expired.

use dynamics_client::PageRequest;
use futures::StreamExt;
use sync_store::{Cursor, CursorKind, Position};

use crate::Failure;
use crate::apply::sort;
use crate::dry_run::{DryRun, Side, What, changed};
use crate::invocation::before_everything;
use crate::plan::Plan;
use crate::report::StreamReport;
use crate::row_reader::{ReadRow, RowReader};
use crate::walk::Walk;

/// Records looked at in one request.
const RECORDS_AT_ONCE: usize = 100;

impl DryRun<'_> {
    /// Reads what a run would read; `false` when time runs out.
    pub(crate) async fn copy(
        &self,
        plan: &Plan,
        report: &mut StreamReport,
    ) -> Result<bool, Failure> {
        let (first, generation) = self.first_page(plan, report).await?;
        let mut pages = std::pin::pin!(self.invocation.client.pages(first));
        while let Some(page) = pages.next().await {
            let page = page?;
            report.pulled += page.entries.len() as u64;
            let sorted = sort(RowReader::new(plan, generation), &page)?;
            report.quarantined += sorted.unreadable.len() as u64;
            let leavers = sorted.leavers.iter().map(|row| row.id().to_owned());
            let gone: Vec<String> = leavers.chain(sorted.deletes.iter().cloned()).collect();
            self.compare(&sorted.members, report).await?;
            self.remove(&gone, report).await?;
            if self.out_of_time() {
                return Ok(false);
            }
        }
        self.expiries(report).await
    }

    /// Where a run would begin to read, and the generation that its records would be of.
    async fn first_page(
        &self,
        plan: &Plan,
        report: &mut StreamReport,
    ) -> Result<(PageRequest, u64), Failure> {
        let store = &self.invocation.engine.store;
        let organization = self.invocation.identity.organization_id.to_string();
        let saved = store.cursor(&plan.stream.name).await?;
        let good = saved.filter(|cursor| {
            cursor.organization == organization && cursor.fingerprint == plan.fingerprint
        });
        let mark = good.and_then(|cursor| {
            let mark = match &cursor.position {
                Position::Settled { mark }
                | Position::Reading { mark, .. }
                | Position::Sweeping { mark, .. }
                | Position::Overlap { mark, .. }
                | Position::Listing { mark, .. }
                | Position::Comparing { mark, .. } => mark.clone(),
                Position::Start | Position::Loading { .. } => return None,
            };
            Some((cursor, mark))
        });
        if let Some((cursor, mark)) = mark {
            if cursor.kind == CursorKind::ModifiedOn {
                report.notes.push(
                    "deletes are told by a walk over all keys, which a dry run does not make"
                        .to_owned(),
                );
            }
            let position = Position::Settled { mark };
            let walk = Walk::from(&position);
            let generation = cursor.generation;
            if let Some(walk) = walk {
                return Ok((walk.request(plan, &cursor), generation));
            }
        }
        report.notes.push(
            "the whole table would be read; records whose rows are gone are not told".to_owned(),
        );
        // Any way of reading the table will do: nothing is kept of where it ends.
        let cursor = Cursor {
            kind: CursorKind::ModifiedOn,
            ..before_everything()
        };
        let walk = Walk::Load {
            next: None,
            since: None,
        };
        Ok((walk.request(plan, &cursor), 0))
    }

    async fn compare(&self, rows: &[ReadRow], report: &mut StreamReport) -> Result<(), Failure> {
        let (store, stream) = (&self.invocation.engine.store, self.invocation.stream);
        for rows in rows.chunks(RECORDS_AT_ONCE) {
            let ids: Vec<String> = rows.iter().map(|row| row.id().to_owned()).collect();
            let mut records = store.records_by_id(&stream.name, &ids).await?;
            for row in rows {
                let ReadRow::Member(row) = row else { continue };
                let what = match records.remove(&row.id) {
                    Some(Ok(record)) if !record.deleted => {
                        let fields = changed(&record.dynamics, &row.fields);
                        if fields.is_empty() {
                            report.unchanged += 1;
                            continue;
                        }
                        What::Changed(fields)
                    }
                    Some(Err(damaged)) => What::Left(damaged.to_string()),
                    _ => What::Created(row.fields.clone()),
                };
                report.stored += u64::from(!matches!(what, What::Left(_)));
                self.tell(&row.id, Side::Copy, what);
            }
        }
        Ok(())
    }

    async fn remove(&self, ids: &[String], report: &mut StreamReport) -> Result<(), Failure> {
        let (store, stream) = (&self.invocation.engine.store, self.invocation.stream);
        for ids in ids.chunks(RECORDS_AT_ONCE) {
            for (id, record) in store.records_by_id(&stream.name, ids).await? {
                if record.is_ok_and(|record| !record.deleted) {
                    report.deleted += 1;
                    self.tell(&id, Side::Copy, What::Removed);
                }
            }
        }
        Ok(())
    }
}
