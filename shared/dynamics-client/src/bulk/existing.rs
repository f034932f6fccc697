//! Which of many rows exist: asked for many at once.
//!
//! Never in here: a write.

use std::collections::BTreeSet;
use std::pin::pin;

use futures::TryStreamExt;
use uuid::Uuid;

use crate::client::DynamicsClient;
use crate::error::Error;
use crate::filter::Filter;
use crate::page::{Entry, PageRequest};
use crate::query::Query;
use crate::table::Table;

/// Rows that are looked for in one request: a fifth of the conditions, and about a fourth of the address,
/// that Dataverse takes.
const LOOK_FOR: usize = 100;

impl DynamicsClient {
    /// Those of these ids that rows of the table have, whatever their state. One request for each 100.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn existing(&self, table: &Table, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let key = &table.primary_id;
        let mut existing = BTreeSet::new();
        for some in ids.chunks(LOOK_FOR) {
            let by_id = |id: &Uuid| Filter::eq_guid(key, *id);
            let Some(filter) = Filter::any(some.iter().map(by_id)) else {
                continue;
            };
            let query = Query::new(&table.entity_set).select([key]).filter(filter);
            let mut pages = pin!(self.pages(PageRequest::from(query)));
            while let Some(page) = pages.try_next().await? {
                existing.extend(page.entries.iter().filter_map(|entry| match entry {
                    Entry::Row(row) => row.guid(key),
                    Entry::Deleted(_) => None,
                }));
            }
        }
        Ok(existing)
    }
}
