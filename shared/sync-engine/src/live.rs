//! A stream's rows as Dynamics holds them now, page by page: for exports.
//!
//! The same plan, the same reading and the same `where` as a pull's, so that a value here is what the copy
//! has in `dynamics`. What hides a record or waits for it is not looked at: this is what Dynamics holds.
//!
//! Never in here: the store. And never more than two pages: the one handed out and the one being fetched.

use std::collections::BTreeSet;

use dynamics_client::{DynamicsClient, Entry, Filter, Next, Page, PageRequest, Row};
use futures::{Stream as Pages, StreamExt, stream};
use jiff::Timestamp;
use streams::{Stream, StreamFile};
use sync_store::Fields;

use crate::Failure;
use crate::convert::Reading;
use crate::plan::{MODIFIED_ON, Plan};
use crate::recovery::asks_for_smaller_pages;
use crate::row_reader::{RowReader, modified_on};

/// Rows asked for a page, Dataverse's own maximum.
const PAGE_SIZE_MAX: u32 = 5_000;
/// Fewer are not asked for, however slow or large the first page is.
const PAGE_SIZE_MIN: u32 = 100;

/// How a stream's rows are read live.
#[derive(Clone, Debug)]
pub struct Live {
    client: DynamicsClient,
    plan: Plan,
    since: Option<Timestamp>,
}

/// A page of rows.
#[derive(Debug)]
pub struct LivePage {
    page: Page,
}

/// A row of the stream.
#[derive(Debug)]
pub struct LiveRow {
    /// The row's GUID.
    pub id: String,
    /// Its values by the app's names. One that cannot be read, such as a choice that the stream file does
    /// not have, is not in it.
    pub fields: Fields,
}

impl Live {
    /// Binds the stream to its table: one request for the table's definition, or two, made with `first`;
    /// `client` reads the rows.
    ///
    /// # Errors
    /// If the table's definition cannot be had or does not fit the stream file, or `since` is asked of a
    /// table that does not say when its rows were modified.
    pub async fn open(
        client: DynamicsClient,
        first: &DynamicsClient,
        stream: &Stream,
        file: &StreamFile,
        since: Option<Timestamp>,
    ) -> Result<Self, Failure> {
        let columns = Plan::columns(stream);
        let table = first.table(&stream.table, &columns).await?;
        let plan = Plan::bind(stream, &table, file)?;
        if since.is_some() && !plan.has_modified_on {
            return Err(Failure::Mapping {
                stream: stream.name.clone(),
                table: stream.table.clone(),
                problems: vec![format!(
                    "it has no column `{MODIFIED_ON}`, so what was modified since a time cannot be told"
                )],
                changed: None,
            });
        }
        Ok(Self {
            client,
            plan,
            since,
        })
    }

    /// The fields whose values are instants or times of day without a zone.
    pub fn times(&self) -> BTreeSet<String> {
        let is_time = |reading: &Reading| matches!(reading, Reading::Instant | Reading::Local);
        let times = self.plan.fields.iter().filter(|one| is_time(&one.reading));
        times.map(|one| one.name().to_owned()).collect()
    }

    /// The fields whose values are calendar days.
    pub fn days(&self) -> BTreeSet<String> {
        let is_day = |reading: &Reading| {
            matches!(
                reading,
                Reading::Day | Reading::DayOfLocal | Reading::DayOfInstant(_)
            )
        };
        let days = self.plan.fields.iter().filter(|one| is_day(&one.reading));
        days.map(|one| one.name().to_owned()).collect()
    }

    /// The first page, whole, and the pages after it, each of which is fetched when it is asked for.
    /// Nothing is waited for beyond `until` for the first page.
    ///
    /// # Errors
    /// If the first page does not come.
    pub async fn pages(
        &self,
        until: Timestamp,
    ) -> Result<
        (
            LivePage,
            impl Pages<Item = Result<LivePage, Failure>> + Send + use<>,
        ),
        Failure,
    > {
        let first_client = self.client.until(until);
        let mut size = PAGE_SIZE_MAX;
        let (request, page) = loop {
            let request = self.request(size);
            match first_client.page(&request).await {
                Ok(page) => break (request, page),
                Err(error) if size > PAGE_SIZE_MIN && asks_for_smaller_pages(&error) => {
                    size = (size / 4).max(PAGE_SIZE_MIN);
                }
                Err(error) => return Err(error.into()),
            }
        };
        let rest = match &page.next {
            Next::Page(link) => self
                .client
                .pages(request.follow(link.clone()))
                .left_stream(),
            Next::Delta(_) | Next::End => stream::empty().right_stream(),
        };
        let rest = rest.map(|page| Ok(LivePage { page: page? }));
        Ok((LivePage { page }, rest))
    }

    /// The rows of a page that belong to the stream, read one by one as they are asked for.
    pub fn rows<'p>(
        &'p self,
        page: &'p LivePage,
    ) -> impl Iterator<Item = Result<LiveRow, Failure>> + 'p {
        let rows = page.page.entries.iter().filter_map(|entry| match entry {
            Entry::Row(row) => Some(row),
            Entry::Deleted(_) => None,
        });
        rows.filter_map(|row| self.read(row).transpose())
    }

    /// `None` if the row does not belong to the stream.
    fn read(&self, row: &Row) -> Result<Option<LiveRow>, Failure> {
        let Some(id) = row.guid(&self.plan.primary_id) else {
            return Err(Failure::RowWithoutId {
                key: self.plan.primary_id.clone(),
            });
        };
        let unreadable = |reason| Failure::UnreadableRow {
            id: id.to_string(),
            reason,
        };
        // Whether a row belongs must be known: shown in doubt, it may be one that must not be seen.
        let belongs = RowReader::new(&self.plan, 0).belongs(row);
        if !belongs.map_err(unreadable)? {
            return Ok(None);
        }
        if let Some(since) = self.since
            && modified_on(row)
                .map_err(unreadable)?
                .is_none_or(|modified| modified < since)
        {
            return Ok(None);
        }
        let fields = self.plan.fields.iter().filter_map(|bound| {
            let value = bound.reading.read(row.cell(&bound.property)).ok()?;
            Some((bound.name().to_owned(), value))
        });
        Ok(Some(LiveRow {
            id: id.to_string(),
            fields: fields.collect(),
        }))
    }

    /// In the order of the keys, which no change moves.
    fn request(&self, size: u32) -> PageRequest {
        let query = self.plan.query().max_page_size(size);
        let query = match self.since {
            Some(since) => query.filter(Filter::ge_time(MODIFIED_ON, since)),
            None => query,
        };
        query.order_by([self.plan.primary_id.as_str()]).into()
    }
}

impl LivePage {
    /// When Dynamics says that it answered.
    pub fn served_at(&self) -> Option<Timestamp> {
        self.page.served_at
    }
}
