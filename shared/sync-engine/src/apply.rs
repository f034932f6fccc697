//! Applies one page to the copy.
//!
//! A page is read whole before anything of it is written: if a row cannot be read, nothing is stored
//! and the cursor stays. Writes go side by side; each is guarded by (generation, version), so their
//! order does not matter.

use std::collections::HashSet;

use dynamics_client::{Entry, Page};
use futures::{StreamExt, TryStreamExt, stream};
use streams::FromDynamics;
use sync_store::Applied;

use crate::Failure;
use crate::row_reader::{RowReader, Unreadable};
use crate::writer::{Work, Writer};

/// What applying pages came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) pulled: u64,
    pub(crate) stored: u64,
    pub(crate) deleted: u64,
    pub(crate) unchanged: u64,
    pub(crate) excluded: u64,
}

/// Applies a page.
pub(crate) async fn apply_page(
    writer: &Writer<'_>,
    reader: RowReader<'_>,
    page: &Page,
) -> Result<Tally, Failure> {
    let work = work_of(reader, page)?;
    let pulled = page.entries.len() as u64;
    stream::iter(work)
        .map(|work| writer.write(work, reader.generation()))
        .buffer_unordered(writer.in_flight)
        .try_fold(
            Tally {
                pulled,
                ..Tally::default()
            },
            async |tally, applied| Ok(tally.with(applied)),
        )
        .await
}

fn work_of(reader: RowReader<'_>, page: &Page) -> Result<Vec<Work>, Failure> {
    let mut work = Vec::with_capacity(page.entries.len());
    let mut live = HashSet::new();
    let mut deletes = Vec::new();
    let mut unreadable: Vec<Unreadable> = Vec::new();
    for entry in &page.entries {
        match entry {
            Entry::Deleted(id) => deletes.push(*id),
            Entry::Row(row) => {
                live.extend(row.guid(reader.primary_id()));
                match reader.read(row) {
                    Ok(row) => work.push(Work::Row(row)),
                    Err(row) => unreadable.push(row),
                }
            }
        }
    }
    if let Some(first) = unreadable.first() {
        return Err(Failure::UnreadableRows {
            count: unreadable.len(),
            of: page.entries.len(),
            id: first.id.clone().unwrap_or_else(|| "(unknown)".to_owned()),
            reason: first.reason.clone(),
        });
    }
    if reader.stream().deletes == FromDynamics::Tombstone {
        // A row that the same answer shows as live was deleted and created again: live rows are read
        // from the table itself, deletes from a log of the past.
        let gone = deletes.into_iter().filter(|id| !live.contains(id));
        work.extend(gone.map(|id| Work::Delete(id.to_string())));
    }
    Ok(work)
}

impl Tally {
    fn with(mut self, applied: Applied) -> Self {
        match applied {
            Applied::Stored => self.stored += 1,
            Applied::Buried => self.deleted += 1,
            Applied::Unchanged | Applied::Stale => self.unchanged += 1,
            Applied::Barred => self.excluded += 1,
        }
        self
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.pulled += other.pulled;
        self.stored += other.stored;
        self.deleted += other.deleted;
        self.unchanged += other.unchanged;
        self.excluded += other.excluded;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dynamics_client::{Next, Table, TableKind};
    use streams::StreamFile;

    use super::*;
    use crate::plan::Plan;

    const ID: &str = "3f0e1c9a-0000-4000-8000-000000000001";

    fn plan(deletes: &str) -> Plan {
        let text = format!(
            "time_zone = \"Europe/Oslo\"\n[[stream]]\nname = \"a\"\ntable = \"as\"\n\
             deletes = {{ from_dynamics = \"{deletes}\" }}\nfields = {{ name = \"name\" }}\n"
        );
        let file = StreamFile::parse(&text, "streams.toml").unwrap();
        let column = |kind| dynamics_client::Column {
            kind,
            readable: true,
            secured: false,
        };
        let table = Table {
            logical_name: "a".into(),
            entity_set: "as".into(),
            primary_id: "aid".into(),
            change_tracking: true,
            kind: TableKind::Standard,
            columns: BTreeMap::from([("name".into(), column(dynamics_client::ColumnKind::Text))]),
        };
        Plan::bind(&file.streams[0], &table, &file.time_zone).unwrap()
    }

    fn work_on(plan: &Plan, entries: Vec<Entry>) -> Vec<Work> {
        let page = Page {
            entries,
            next: Next::End,
            served_at: None,
        };
        work_of(RowReader::new(plan, 1), &page).unwrap()
    }

    fn live() -> Entry {
        let json = format!("{{\"aid\":\"{ID}\",\"name\":\"x\",\"versionnumber\":7}}");
        Entry::Row(serde_json::from_str(&json).unwrap())
    }

    fn deleted() -> Entry {
        Entry::Deleted(ID.parse().unwrap())
    }

    #[test]
    fn a_delete_in_the_same_answer_as_the_live_row_is_older_than_it() {
        let plan = plan("tombstone");
        for entries in [vec![live(), deleted()], vec![deleted(), live()]] {
            let work = work_on(&plan, entries);
            assert!(matches!(work.as_slice(), [Work::Row(_)]));
        }
        assert!(
            matches!(work_on(&plan, vec![deleted()]).as_slice(), [Work::Delete(id)] if id == ID)
        );
    }

    #[test]
    fn deletes_are_left_alone_where_the_stream_file_says_so() {
        assert!(work_on(&plan("ignore"), vec![deleted()]).is_empty());
    }
}
