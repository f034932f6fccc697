//! Applies one page to the copy.
//!
//! A page is read whole before anything of it is written. Writes go side by side; each is guarded by
//! (generation, version), so their order does not matter.
//!
//! Never in here: moving the cursor.

use std::collections::{HashMap, HashSet};

use dynamics_client::{Entry, Page};
use futures::{StreamExt, TryStreamExt, stream};
use streams::FromDynamics;
use sync_store::{Applied, Witness};

use crate::Failure;
use crate::row_reader::{ReadRow, RowReader, Unreadable};
use crate::writer::{Work, Writer};

/// What applying pages came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) pulled: u64,
    pub(crate) stored: u64,
    /// Of them, those in which Dynamics made something else of what was written to it.
    pub(crate) returned: u64,
    pub(crate) deleted: u64,
    pub(crate) unchanged: u64,
    pub(crate) excluded: u64,
}

/// A page, read and sorted by what is to be done about its rows.
#[derive(Default)]
pub(crate) struct Sorted {
    /// Rows that belong to the stream, each once, with its highest version.
    pub(crate) members: Vec<ReadRow>,
    /// Rows that do not, likewise.
    pub(crate) leavers: Vec<ReadRow>,
    /// Ids of rows that are gone.
    pub(crate) deletes: Vec<String>,
    /// Rows that cannot be read; their ids are known.
    pub(crate) unreadable: Vec<Unreadable>,
    /// The row with the highest version.
    pub(crate) newest: Option<Witness>,
    /// Every id that Dynamics told as deleted, whatever the stream does about it.
    pub(crate) told_deleted: HashSet<String>,
}

/// What became of a page's rows.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    /// A record holds a higher version of this row than Dynamics has.
    pub(crate) went_back: Option<String>,
    /// Records that a delete buried, now or before, with the version they had.
    pub(crate) buried: Vec<(String, i64)>,
    /// Rows in which Dynamics made something else of what was written to it.
    pub(crate) returned: Vec<String>,
    /// Rows whose record in the copy is damaged.
    pub(crate) damaged: Vec<Unreadable>,
}

/// Reads a page.
///
/// # Errors
/// [`Failure::RowWithoutId`]: such a row cannot even be set aside.
pub(crate) fn sort(reader: RowReader<'_>, page: &Page) -> Result<Sorted, Failure> {
    let mut sorted = Sorted::default();
    let mut rows: HashMap<String, ReadRow> = HashMap::new();
    let mut live = HashSet::new();
    for entry in &page.entries {
        let row = match entry {
            Entry::Deleted(id) => {
                sorted.told_deleted.insert(id.to_string());
                continue;
            }
            Entry::Row(row) => row,
        };
        let Some(id) = row.guid(reader.primary_id()).map(|id| id.to_string()) else {
            return Err(Failure::RowWithoutId {
                key: reader.primary_id().to_owned(),
            });
        };
        live.insert(id.clone());
        match reader.read(row, &id) {
            Err(unreadable) => sorted.unreadable.push(unreadable),
            Ok(read) => {
                sorted.newest = newest(sorted.newest.take(), &id, read.version());
                // Pages may overlap within one answer: the last version wins.
                match rows.get(&id) {
                    Some(other) if other.version() >= read.version() => {}
                    _ => drop(rows.insert(id, read)),
                }
            }
        }
    }
    for row in rows.into_values() {
        match row {
            ReadRow::Member(_) => sorted.members.push(row),
            ReadRow::Leaver { .. } => sorted.leavers.push(row),
        }
    }
    if reader.stream().deletes.from_dynamics == FromDynamics::Tombstone {
        // A row that the same answer shows as live was deleted and created again: live rows are read
        // from the table itself, deletes from a log of the past.
        let gone = sorted.told_deleted.iter().filter(|id| !live.contains(*id));
        sorted.deletes = gone.cloned().collect();
    }
    Ok(sorted)
}

/// Whichever of the two has the higher version.
pub(crate) fn newest(known: Option<Witness>, id: &str, version: i64) -> Option<Witness> {
    match known {
        Some(known) if known.version >= version => Some(known),
        _ => Some(Witness {
            id: id.to_owned(),
            version,
        }),
    }
}

impl Sorted {
    /// The records that may vanish when this page is written.
    pub(crate) fn vanishing(&self) -> Vec<String> {
        let leavers = self.leavers.iter().map(|row| row.id().to_owned());
        leavers.chain(self.deletes.iter().cloned()).collect()
    }

    /// What makes nothing vanish: rows that belong to the stream, and marks on the records of those that
    /// cannot be read.
    pub(crate) fn take_present(&mut self) -> Vec<Work> {
        let unverified = self.unreadable.drain(..).map(|row| Work::Unverified {
            id: row.id,
            version: row.version.unwrap_or(0),
        });
        let members = self.members.drain(..).map(Work::Row);
        unverified.chain(members).collect()
    }

    /// What makes records vanish.
    pub(crate) fn into_absent(self) -> Vec<Work> {
        let leavers = self.leavers.into_iter().map(Work::Row);
        leavers
            .chain(self.deletes.into_iter().map(Work::Delete))
            .collect()
    }
}

/// Writes records side by side.
pub(crate) async fn write(
    work: Vec<Work>,
    writer: &Writer<'_>,
    generation: u64,
) -> Result<Outcome, Failure> {
    stream::iter(work)
        .map(|work| async move {
            match writer.write(&work, generation).await {
                // One bad record never blocks the rest.
                Err(failure) if failure.is_damage() => Ok((work, None)),
                applied => Ok::<_, Failure>((work, Some(applied?))),
            }
        })
        .buffer_unordered(writer.in_flight)
        .try_fold(Outcome::default(), async |outcome, (work, applied)| {
            Ok(match applied {
                Some(applied) => outcome.with(work, applied),
                None => outcome.damaged(&work),
            })
        })
        .await
}

impl Outcome {
    fn damaged(mut self, work: &Work) -> Self {
        self.damaged.push(Unreadable::damaged(work.id()));
        self
    }

    fn with(mut self, work: Work, applied: Applied) -> Self {
        if matches!(work, Work::Unverified { .. }) {
            return self;
        }
        self.tally.count(applied);
        match (work, applied) {
            (Work::Delete(id), Applied::Buried { was } | Applied::StillBuried { was }) => {
                self.buried.push((id, was));
            }
            (Work::Row(row), Applied::StoredOtherwise) => self.returned.push(row.id().to_owned()),
            (Work::Row(row), Applied::Stale) => self.went_back = Some(row.id().to_owned()),
            _ => {}
        }
        self
    }
}

impl Tally {
    pub(crate) fn count(&mut self, applied: Applied) {
        match applied {
            Applied::Stored => self.stored += 1,
            Applied::StoredOtherwise => {
                self.stored += 1;
                self.returned += 1;
            }
            Applied::Buried { .. } => self.deleted += 1,
            Applied::Unchanged | Applied::Stale | Applied::StillBuried { .. } => {
                self.unchanged += 1;
            }
            Applied::Barred => self.excluded += 1,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.pulled += other.pulled;
        self.stored += other.stored;
        self.returned += other.returned;
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
            creatable: true,
            updatable: true,
            required: None,
            secured: false,
            secured_on_create: false,
            secured_on_update: false,
        };
        let table = Table {
            logical_name: "a".into(),
            entity_set: "as".into(),
            primary_id: "aid".into(),
            primary_name: None,
            change_tracking: true,
            kind: TableKind::Standard,
            is_activity: false,
            has_state: false,
            privileges: BTreeMap::new(),
            columns: BTreeMap::from([("name".into(), column(dynamics_client::ColumnKind::Text))]),
        };
        Plan::bind(&file.streams[0], &table, &file).unwrap()
    }

    fn sorted(plan: &Plan, entries: Vec<Entry>) -> Sorted {
        let page = Page {
            entries,
            next: Next::End,
            served_at: None,
        };
        sort(RowReader::new(plan, 1), &page).unwrap()
    }

    fn live(version: i64) -> Entry {
        let json = format!("{{\"aid\":\"{ID}\",\"name\":\"x\",\"versionnumber\":{version}}}");
        Entry::Row(serde_json::from_str(&json).unwrap())
    }

    fn deleted() -> Entry {
        Entry::Deleted(ID.parse().unwrap())
    }

    #[test]
    fn a_delete_in_the_same_answer_as_the_live_row_is_older_than_it() {
        let plan = plan("tombstone");
        for entries in [vec![live(7), deleted()], vec![deleted(), live(7)]] {
            let sorted = sorted(&plan, entries);
            assert_eq!((sorted.members.len(), sorted.deletes.len()), (1, 0));
        }
        assert_eq!(sorted(&plan, vec![deleted()]).deletes, [ID]);
    }

    #[test]
    fn deletes_are_left_alone_where_the_stream_file_says_so() {
        assert!(sorted(&plan("ignore"), vec![deleted()]).deletes.is_empty());
    }

    #[test]
    fn a_row_that_comes_twice_in_one_answer_is_written_once_in_its_last_version() {
        let plan = plan("tombstone");
        for versions in [[7, 9], [9, 7]] {
            let sorted = sorted(&plan, versions.map(live).into());
            assert_eq!(sorted.members.len(), 1);
            assert_eq!(sorted.members[0].version(), 9);
            assert_eq!(sorted.newest.unwrap().version, 9);
        }
    }
}
