//! What rows say now, as Dynamics has them.
//!
//! Never in here: which row a change is for.

use std::collections::HashMap;
use std::pin::pin;

use dynamics_client::{Entry, Filter, PageRequest, Row};
use futures::StreamExt;
use streams::{Stream, ToDynamics};
use sync_store::{Change, DynamicsRow, Operation};
use uuid::Uuid;

use crate::Failure;
use crate::plan::MODIFIED_BY;
use crate::push::Judging;
use crate::push::current::Current;
use crate::push::lookup::is_inactive;
use crate::row_reader::{ReadRow, RowReader};

/// Rows asked for by their ids in one request: their conditions must fit into an address.
const IDS_A_REQUEST: usize = 100;

impl Judging<'_> {
    /// The rows with these ids as Dynamics has them now; those that are not there are left out.
    pub(crate) async fn read_rows(
        &self,
        rows: &[Uuid],
    ) -> Result<HashMap<Uuid, RowState>, Failure> {
        let reader = RowReader::new(self.plan, self.generation);
        let mut states = HashMap::new();
        for chunk in rows.chunks(IDS_A_REQUEST) {
            let key = &self.plan.primary_id;
            let Some(filter) = Filter::any(chunk.iter().map(|id| Filter::eq_guid(key, *id))) else {
                continue;
            };
            let query = self.plan.query_with_author().filter(filter);
            let mut pages = pin!(self.client.pages(PageRequest::from(query)));
            while let Some(page) = pages.next().await {
                for entry in &page?.entries {
                    let Entry::Row(row) = entry else { continue };
                    let Some(id) = row.guid(key) else { continue };
                    states.insert(id, self.state_of(&reader, row, id));
                }
            }
        }
        Ok(states)
    }

    fn state_of(&self, reader: &RowReader<'_>, row: &Row, id: Uuid) -> RowState {
        let mut state = RowState::of(reader, row, id);
        if let RowState::There(current) = &mut state {
            let by = row.guid(&format!("_{MODIFIED_BY}_value"));
            current.ours = by == Some(self.invocation.identity.user_id);
            current.by_us = self.written.get(&id).cloned();
            // Our own write is no reason to take the row for newer than it was.
            if let (true, Some(by_us)) = (current.ours, &current.by_us) {
                current.modified_on = by_us.modified_on;
            }
        }
        state
    }
}

impl RowState {
    /// Whether the row is as gone as the change wants it, perhaps by an earlier try: a row that is outside
    /// is nobody's to deactivate any more.
    pub(crate) fn is_deactivated_for(&self, change: &Change, stream: &Stream) -> bool {
        let deactivates = stream.deletes.to_dynamics == ToDynamics::Deactivate
            && change.wanted.operation == Operation::Delete;
        deactivates && matches!(self, Self::Outside { inactive: true })
    }
}

/// What is known of a row.
#[derive(Clone, Debug)]
pub(crate) enum RowState {
    There(Current),
    /// It does not meet the stream's `where`.
    Outside {
        inactive: bool,
    },
    /// It cannot be read, and why.
    Unreadable(String),
}

impl RowState {
    fn of(reader: &RowReader<'_>, row: &Row, id: Uuid) -> Self {
        match reader.read(row, &id.to_string()) {
            Ok(ReadRow::Member(row)) => Self::There(Current::of(row)),
            Ok(ReadRow::Leaver { .. }) => Self::Outside {
                inactive: is_inactive(row),
            },
            Err(unreadable) => {
                Self::Unreadable(format!("its row cannot be read: {}", unreadable.reason))
            }
        }
    }
}

impl Current {
    pub(crate) fn of(row: DynamicsRow) -> Self {
        Self {
            fields: row.fields,
            version: row.version,
            modified_on: row.modified_on,
            ours: false,
            by_us: None,
        }
    }
}
