//! Asks for one row by its id and makes its record say what the row says: for rows that could not be
//! read, that a walk over all keys met and the copy does not have, or that were reported deleted right
//! after they were reported changed.

use dynamics_client::{DynamicsClient, Entry, Filter, PageRequest, Query, Row};
use streams::FromDynamics;
use sync_store::Applied;
use uuid::Uuid;

use crate::Failure;
use crate::pull::Pull;
use crate::row_reader::{ReadRow, RowReader, Unreadable};
use crate::writer::Work;

/// What a second look found.
pub(crate) enum Look {
    /// The record now says what the row says, be it that the row is gone.
    Stored,
    /// The row is there and cannot be read.
    Unreadable(Unreadable),
}

impl Pull<'_> {
    /// Asks for the row with this id.
    pub(crate) async fn look(&mut self, id: &str) -> Result<Look, Failure> {
        let row = match id.parse::<Uuid>() {
            Ok(guid) => {
                row_of(&self.client, self.plan.query(), &self.plan.primary_id, guid).await?
            }
            // Nothing in Dynamics has such an id.
            Err(_) => None,
        };
        let reader = RowReader::new(self.plan, self.cursor.generation).of_single_rows();
        let work = match row.map(|row| reader.read(&row, id)) {
            Some(Ok(row)) => Work::Row(row),
            Some(Err(unreadable)) => return Ok(Look::Unreadable(unreadable)),
            None if self.plan.stream.deletes.from_dynamics == FromDynamics::Ignore => {
                return Ok(Look::Stored);
            }
            None => Work::Delete(id.to_owned()),
        };
        if !matches!(work, Work::Row(ReadRow::Member(_))) {
            self.grant(&[id.to_owned()]).await?;
        }
        match self.write_one(&work).await {
            Ok(Applied::Stale) if matches!(work, Work::Row(_)) => {
                Err(Failure::WentBack { id: id.to_owned() })
            }
            Ok(_) => Ok(Look::Stored),
            Err(failure) if failure.is_damage() => Ok(Look::Unreadable(Unreadable::damaged(id))),
            Err(failure) => Err(failure),
        }
    }

    async fn write_one(&mut self, work: &Work) -> Result<Applied, Failure> {
        let generation = self.cursor.generation;
        let applied = self.writer().write(work, generation).await?;
        self.tally.count(applied);
        Ok(applied)
    }
}

/// What the query says of one row; `None` if there is no such row, or it is out of sight.
pub(crate) async fn row_of(
    client: &DynamicsClient,
    query: Query,
    primary_id: &str,
    id: Uuid,
) -> Result<Option<Row>, Failure> {
    let query = query
        .filter(Filter::eq_guid(primary_id, id))
        .max_page_size(1);
    let page = client.page(&PageRequest::from(query)).await?;
    Ok(page.entries.into_iter().find_map(|entry| match entry {
        Entry::Row(row) => Some(row),
        Entry::Deleted(_) => None,
    }))
}
