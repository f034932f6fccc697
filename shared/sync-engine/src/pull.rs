//! The pull of one stream: walks over pages until change tracking has nothing more, storing each page
//! before the cursor moves past it, while the next page is already on its way.
//!
//! It may be dropped at any await: the cursor then stands before the page that was not stored, and
//! storing a page twice changes nothing.

use std::time::Duration;

use clock::Clock;
use dynamics_client::{DynamicsClient, ErrorKind, Page};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use sync_store::{Cursor, Position, Store};

use crate::Failure;
use crate::Progress;
use crate::apply::{Tally, apply_page};
use crate::keeper::Keeper;
use crate::plan::Plan;
use crate::row_reader::RowReader;
use crate::walk::Walk;
use crate::writer::Writer;

/// No page is begun with less time than this before the deadline, nor with less than twice what the
/// slowest page so far took.
const TIME_PER_PAGE_MIN: Duration = Duration::from_secs(5);

/// The pull of one stream in one invocation.
pub(crate) struct Pull<'a> {
    pub(crate) client: DynamicsClient,
    pub(crate) store: &'a Store,
    pub(crate) plan: &'a Plan,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) deadline: Timestamp,
    pub(crate) progress: &'a (dyn Fn(Progress<'_>) + Sync),
    pub(crate) keeper: Keeper<'a>,
    pub(crate) cursor: Cursor,
    pub(crate) tally: Tally,
    /// Pages stored whose cursor was saved and had moved.
    pub(crate) pages: u64,
    pub(crate) writes_in_flight: usize,
    pub(crate) slowest_page: Duration,
}

/// How a pull ended without an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ended {
    /// The copy holds everything that Dynamics had at this time.
    UpToDate(Timestamp),
    /// The deadline is near. Everything stored so far is saved.
    OutOfTime,
}

impl Pull<'_> {
    /// Reads until change tracking has nothing more, or time runs out.
    pub(crate) async fn run(&mut self) -> Result<Ended, Failure> {
        loop {
            let walk = Walk::from(&self.cursor.position);
            match self.walk(&walk).await {
                Ok(Some(begun)) if matches!(self.cursor.position, Position::Settled { .. }) => {
                    return Ok(Ended::UpToDate(begun));
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(Ended::OutOfTime),
                Err(failure) => self.recover(&walk, failure)?,
            }
        }
    }

    /// A saved next link may stop working; the delta that it belongs to can be read again from its
    /// start. (A load cannot: rows deleted since its first page would be missed.)
    fn recover(&mut self, walk: &Walk, failure: Failure) -> Result<(), Failure> {
        match (walk, &failure) {
            (
                Walk::Delta {
                    delta,
                    next: Some(_),
                    ..
                },
                Failure::Dynamics(error),
            ) if error.kind() == ErrorKind::LinkRefused => {
                tracing::warn!(
                    stream = self.plan.stream.name,
                    "a saved page link was refused; the delta is read again from its start"
                );
                self.cursor.position = Position::Settled {
                    delta: delta.clone(),
                };
                Ok(())
            }
            _ => Err(failure),
        }
    }

    /// Walks to the end of one walk and answers when it began, or `None` when time runs out.
    async fn walk(&mut self, walk: &Walk) -> Result<Option<Timestamp>, Failure> {
        if !self.has_time_for_a_page() {
            return Ok(None);
        }
        let client = self.client.clone();
        let mut pages = std::pin::pin!(client.pages(walk.request(self.plan, &self.cursor)));
        let asked = self.clock.now();
        let Some(mut page) = in_time(pages.next().await)? else {
            return Ok(None);
        };
        let begun = walk.begun(self.asked_by_their_clock(asked, &page));
        let mut single_page = !walk.is_resumed();
        loop {
            let started = self.clock.now();
            let more = matches!(page.next, dynamics_client::Next::Page(_));
            single_page &= !more;
            let position = walk.position_after(&page.next, begun, single_page, self.plan)?;
            let ahead = more && self.has_time_for_a_page();
            let fetch = async { if ahead { pages.next().await } else { None } };
            // A page that cannot be stored ends the pull at once; one that cannot be fetched only after
            // this one is stored.
            let fetch = async { Ok::<_, Failure>(fetch.await) };
            let (_, fetched) = futures::try_join!(self.store_page(&page, position), fetch)?;
            self.slowest_page = self
                .slowest_page
                .max(clock::elapsed(started, self.clock.now()));
            if !more {
                return Ok(Some(begun));
            }
            let Some(next) = in_time(fetched)? else {
                return Ok(None);
            };
            if !self.has_time_for_a_page() {
                return Ok(None);
            }
            page = next;
        }
    }

    /// Stores a page, then moves the cursor to `position`: never the other way round.
    async fn store_page(&mut self, page: &Page, position: Position) -> Result<(), Failure> {
        if self.cursor.position == Position::Start {
            // In this order: the records' own note of their generation without a cursor means that the
            // cursor was lost.
            self.keeper.save(&self.cursor).await?;
            self.store
                .begin_generation(self.keeper.lease(), self.cursor.generation)
                .await?;
        }
        let reader = RowReader::new(self.plan, self.cursor.generation);
        let writer = Writer {
            store: self.store,
            clock: self.clock,
            keeper: &self.keeper,
            deadline: self.deadline,
            in_flight: self.writes_in_flight,
        };
        let tally = apply_page(&writer, reader, page).await?;
        self.tally.add(tally);
        let moved = self.cursor.position != position;
        self.cursor.position = position;
        self.keeper.save(&self.cursor).await?;
        self.pages += u64::from(moved);
        (self.progress)(Progress {
            stream: &self.plan.stream.name,
            rows: self.tally.pulled,
        });
        Ok(())
    }

    fn has_time_for_a_page(&self) -> bool {
        let needed = TIME_PER_PAGE_MIN.max(self.slowest_page * 2);
        clock::after(self.clock.now(), needed) < self.deadline
    }

    /// When Dynamics began to answer, by its own clock: its `Date` header less what the answer took,
    /// so that nothing it had by then is missing from the page.
    fn asked_by_their_clock(&self, asked: Timestamp, page: &Page) -> Timestamp {
        let took = clock::elapsed(asked, self.clock.now());
        let took = SignedDuration::try_from(took).unwrap_or(SignedDuration::MAX);
        page.served_at
            .and_then(|served| served.checked_sub(took).ok())
            .unwrap_or(asked)
    }
}

/// The next page; `None` when the client would have had to wait beyond the deadline.
fn in_time(fetched: Option<Result<Page, dynamics_client::Error>>) -> Result<Option<Page>, Failure> {
    match fetched {
        Some(Err(error)) if error.kind() == ErrorKind::Deadline => Ok(None),
        Some(Err(error)) => Err(error.into()),
        Some(Ok(page)) => Ok(Some(page)),
        None => Ok(None),
    }
}
