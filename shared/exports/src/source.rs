//! The rows of an export, one by one, wherever they come from.
//!
//! The next page is fetched while the one at hand is written; more than these two are never there.

use std::pin::pin;

use futures::future::try_join;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use streams::Stream;
use sync_engine::{Failure, Live, LivePage};
use sync_store::{Change, ChangeState, Error, Store};

use crate::cells::{Written, written};
use crate::changes;
use crate::columns::Column;
use crate::writing::{Broken, Writer};

/// So many changes are read at once.
const CHANGES: usize = 200;

/// Where the rows come from, with everything that is needed to read them.
pub(crate) enum Rows {
    Live {
        live: Box<Live>,
        first: LivePage,
        rest: BoxStream<'static, Result<LivePage, Failure>>,
        columns: Vec<Column>,
    },
    Copy {
        store: Store,
        stream: String,
        since: Option<Timestamp>,
        columns: Vec<Column>,
    },
    Changes {
        store: Store,
        stream: Box<Stream>,
        states: Vec<ChangeState>,
        /// Of the first of these states.
        first: Vec<Change>,
    },
}

impl Rows {
    /// The names of the columns.
    pub(crate) fn headings(&self) -> Vec<String> {
        match self {
            Self::Live { columns, .. } | Self::Copy { columns, .. } => {
                let names = columns.iter().map(|column| column.name.clone());
                std::iter::once("id".to_owned()).chain(names).collect()
            }
            Self::Changes { stream, .. } => changes::headings(stream),
        }
    }

    /// Writes all of them.
    pub(crate) async fn write(self, writer: &mut Writer, zone: &TimeZone) -> Result<(), Broken> {
        match self {
            Self::Live {
                live,
                first,
                rest,
                columns,
            } => write_live(&live, first, rest, &columns, writer, zone).await,
            Self::Copy {
                store,
                stream,
                since,
                columns,
            } => {
                let mut records = pin!(store.records(&stream));
                while let Some(record) = records.try_next().await.map_err(broken)? {
                    if since.is_some_and(|since| record.modified_on.is_none_or(|at| at < since)) {
                        continue;
                    }
                    let cells = columns
                        .iter()
                        .map(|column| written(record.fields.get(&column.name), column.form, zone));
                    writer.row(std::iter::once(id(&record.id)).chain(cells))?;
                    writer.pour_if_full().await?;
                }
                Ok(())
            }
            Self::Changes {
                store,
                stream,
                states,
                first,
            } => write_changes(&store, &stream, states, first, writer, zone).await,
        }
    }
}

async fn write_live(
    live: &Live,
    first: LivePage,
    mut rest: BoxStream<'static, Result<LivePage, Failure>>,
    columns: &[Column],
    writer: &mut Writer,
    zone: &TimeZone,
) -> Result<(), Broken> {
    let mut page = first;
    loop {
        // A file that nobody takes any more ends at once; a page that does not come ends it only after the
        // one at hand is written.
        let fetch = async { Ok::<_, Broken>(rest.next().await) };
        let write = write_page(live, &page, columns, writer, zone);
        match try_join(fetch, write).await? {
            (None, ()) => return Ok(()),
            (Some(next), ()) => page = next.map_err(broken)?,
        }
    }
}

async fn write_page(
    live: &Live,
    page: &LivePage,
    columns: &[Column],
    writer: &mut Writer,
    zone: &TimeZone,
) -> Result<(), Broken> {
    for row in live.rows(page) {
        let row = row.map_err(broken)?;
        let cells = columns
            .iter()
            .map(|column| written(row.fields.get(&column.name), column.form, zone));
        writer.row(std::iter::once(id(&row.id)).chain(cells))?;
        writer.pour_if_full().await?;
    }
    Ok(())
}

async fn write_changes(
    store: &Store,
    stream: &Stream,
    states: Vec<ChangeState>,
    first: Vec<Change>,
    writer: &mut Writer,
    zone: &TimeZone,
) -> Result<(), Broken> {
    let fields = changes::fields(stream);
    let mut first = Some(first);
    for state in states {
        let mut found = match first.take() {
            Some(first) => first,
            None => some_changes(store, stream, state, None)
                .await
                .map_err(broken)?,
        };
        while let Some(last) = found.last() {
            let after = Some(last.sequence);
            for change in &found {
                writer.row(changes::cells(change, &fields, zone).into_iter())?;
                writer.pour_if_full().await?;
            }
            let next = some_changes(store, stream, state, after).await;
            found = next.map_err(broken)?;
        }
    }
    Ok(())
}

/// As many changes in this state as are read at once, the first of all or those after a sequence.
pub(crate) async fn some_changes(
    store: &Store,
    stream: &Stream,
    state: ChangeState,
    after: Option<u64>,
) -> Result<Vec<Change>, Error> {
    store
        .changes(&stream.name, Some(state), after, CHANGES)
        .await
}

fn id(id: &str) -> Written<'_> {
    Written::Text(id.into())
}

fn broken(error: impl std::fmt::Display) -> Broken {
    Broken::Source(error.to_string())
}
