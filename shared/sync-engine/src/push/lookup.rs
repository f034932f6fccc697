//! Which row a business key names: as Dataverse compares keys, past inactive rows, and through merges.
//!
//! Never in here: a row of the copy, which knows its key only as of the last run.

use std::collections::BTreeSet;
use std::pin::pin;

use dynamics_client::{Cell, Entry, PageRequest, Query, Row, RowKey};
use futures::StreamExt;
use sync_store::{Fields, Value};
use uuid::Uuid;

use crate::Failure;
use crate::plan::{MASTER, MERGED, Plan, STATE};
use crate::push::Judging;
use crate::push::lookup_many::LookedUp;
use crate::push::rows::{INACTIVE, Unfit};
use crate::second_look::row_of;

/// Rows with one key asked for in one request.
const MATCHES: u32 = 50;
/// How often a row may have been merged into another one that was merged again.
const MERGES: usize = 8;

/// What a key leads to.
#[derive(Clone)]
pub(crate) enum Found {
    Nothing,
    Row(Uuid),
    Unfit(Unfit),
}

impl Judging<'_> {
    /// The value of a lookup field that is to refer to the row with this key.
    pub(crate) async fn referred(
        &self,
        field: &str,
        key: &Fields,
        looked_up: &LookedUp,
    ) -> Result<Result<Value, Unfit>, Failure> {
        let Some((plan, _)) = self.referred.get(field) else {
            let why = format!(
                "field `{field}`: no stream of the stream file reads the table it refers to, so its row can only be named by its GUID"
            );
            return Ok(Err(Unfit::Refused(why)));
        };
        Ok(match looked_up.get(plan, key) {
            Found::Row(id) => Ok(Value::Text(id.to_string())),
            // It may be what waits there.
            Found::Nothing if self.store.is_waited_for(&plan.stream.name).await? => {
                Err(Unfit::Later(format!(
                    "field `{field}`: Dynamics has no active row with this key yet, and changes of stream `{}` wait",
                    plan.stream.name
                )))
            }
            Found::Nothing => Err(Unfit::Refused(format!(
                "field `{field}`: Dynamics has no active row with this key"
            ))),
            Found::Unfit(Unfit::Refused(why)) => {
                Err(Unfit::Refused(format!("field `{field}`: {why}")))
            }
            Found::Unfit(later) => Err(later),
        })
    }

    /// Looks a row up by the values of its stream's key, as Dataverse compares them. Inactive rows do not
    /// count; one that was merged stands for the row it was merged into.
    pub(crate) async fn look_up(&self, plan: &Plan, key: &RowKey) -> Result<Found, Failure> {
        let Some(filter) = key.filter(&plan.table) else {
            return Ok(Found::Nothing);
        };
        let query = Query::new(&plan.stream.table)
            .select(plan.identity_columns())
            .filter(filter)
            .max_page_size(MATCHES);
        let mut pages = pin!(self.client.pages(PageRequest::from(query)));
        let mut found = BTreeSet::new();
        while found.len() < 2
            && let Some(page) = pages.next().await
        {
            for entry in &page?.entries {
                if let Entry::Row(row) = entry {
                    found.extend(self.stands_for(plan, row).await?);
                }
            }
        }
        Ok(Found::of(found))
    }

    /// The active row that a row with the key stands for: itself, or the one that it was merged into.
    pub(crate) async fn stands_for(&self, plan: &Plan, row: &Row) -> Result<Option<Uuid>, Failure> {
        let mut merged;
        let mut row = row;
        for _ in 0..MERGES {
            let Some(master) = master_of(row) else {
                return Ok((!is_inactive(row))
                    .then(|| row.guid(&plan.primary_id))
                    .flatten());
            };
            let query = Query::new(&plan.stream.table).select(plan.identity_columns());
            match row_of(&self.client, query, &plan.primary_id, master).await? {
                Some(found) => merged = found,
                None => return Ok(None),
            }
            row = &merged;
        }
        Ok(None)
    }
}

impl Found {
    /// What rows with the key come to.
    pub(crate) fn of(rows: impl IntoIterator<Item = Uuid>) -> Self {
        let mut rows = rows.into_iter();
        match (rows.next(), rows.next()) {
            (None, _) => Self::Nothing,
            (Some(one), None) => Self::Row(one),
            (Some(one), Some(other)) => Self::Unfit(Unfit::Refused(format!(
                "two active rows have this key: {one} and {other}. Merge or correct them in Dynamics, then retry"
            ))),
        }
    }
}

fn master_of(row: &Row) -> Option<Uuid> {
    match row.cell(MERGED) {
        Cell::Value(_) if row.cell(MERGED).boolean() == Ok(Some(true)) => {
            row.guid(&format!("_{MASTER}_value"))
        }
        _ => None,
    }
}

pub(crate) fn is_inactive(row: &Row) -> bool {
    row.cell(STATE).integer() == Ok(Some(INACTIVE))
}
