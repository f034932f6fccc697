//! The pull of one stream: walks over pages until there is nothing more, storing each page before the
//! cursor moves past it, while the next page is already on its way.
//!
//! It may be dropped at any await: the cursor then stands before the page that was not stored, and
//! storing a page twice changes nothing.
//!
//! Never in here: what a failure is cured with (`recovery`), or what a position means (`walk`).

use std::time::Duration;

use clock::Clock;
use dynamics_client::{DynamicsClient, ErrorKind, Next, Page};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use sync_store::{Cursor, CursorKind, KeyWalk, Mark, Position, Store, Witness};

use crate::Failure;
use crate::apply::{Tally, sort};
use crate::expiry::ExpiryRule;
use crate::invocation::Invocation;
use crate::keeper::Keeper;
use crate::plan::Plan;
use crate::recovery::asks_for_smaller_pages;
use crate::row_reader::RowReader;
use crate::walk::Walk;
use crate::writer::Writer;

/// No page is begun with less time than this before the deadline, nor with less than twice what the
/// slowest page so far took.
const TIME_PER_PAGE_MIN: Duration = Duration::from_secs(5);

/// The pull of one stream in one invocation.
pub(crate) struct Pull<'a> {
    pub(crate) invocation: Invocation<'a>,
    pub(crate) run_id: &'a str,
    pub(crate) client: DynamicsClient,
    pub(crate) store: &'a Store,
    pub(crate) plan: &'a Plan,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) begun_at: Timestamp,
    pub(crate) keeper: Keeper<'a>,
    /// So many records a person lets vanish.
    pub(crate) released: Option<u64>,
    pub(crate) cursor: Cursor,
    pub(crate) tally: Tally,
    /// How often the cursor was saved in a new position.
    pub(crate) moves: u64,
    /// What a walk over all keys found and mended.
    pub(crate) repaired: u64,
    /// Rows whose values of the app's own fields were changed in Dynamics.
    pub(crate) asserted: u64,
    /// The rows of these, and of those that came back otherwise than they were written.
    pub(crate) mismatched: Vec<String>,
    /// How many generations this invocation began.
    pub(crate) generations: u32,
    /// What people may want to know although nothing failed.
    pub(crate) notes: Vec<String>,
    /// The row with the highest version that this invocation has seen.
    pub(crate) newest: Option<Witness>,
    /// The cursor's witness is not in Dynamics any more, and no walk has told so yet.
    pub(crate) witness_missing: bool,
    /// The version of the newest row when changes were last read to the end: newer ones are told by those
    /// that are read now.
    pub(crate) floor: Option<i64>,
    /// When the read of changes that this invocation finished had begun.
    pub(crate) fresh: Option<Timestamp>,
    pub(crate) slowest_page: Duration,
}

/// What a pull does next.
enum Step {
    Walk(Walk),
    BeginSweep(Mark, Timestamp),
    Sweep,
    Compare,
    Quarantine(Timestamp),
}

/// How a pull ended without an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ended {
    /// The copy holds everything that Dynamics had at this time.
    UpToDate(Timestamp),
    /// The deadline is near. Everything stored so far is saved.
    OutOfTime,
}

impl<'a> Pull<'a> {
    /// Reads until there is nothing more, or time runs out.
    pub(crate) async fn run(&mut self) -> Result<Ended, Failure> {
        loop {
            let next = self.next();
            let mut pages = 0;
            let went_on = match &next {
                Step::Walk(walk) => self.walk(walk, &mut pages).await,
                Step::BeginSweep(mark, begun) => self.begin_sweep(mark.clone(), *begun).await,
                Step::Sweep => self.sweep().await,
                Step::Compare => self.compare().await,
                Step::Quarantine(_) => self.read_quarantined_again().await,
            };
            match (went_on, next) {
                (Ok(false), _) => return Ok(Ended::OutOfTime),
                (Ok(true), Step::Quarantine(begun)) => {
                    return Ok(Ended::UpToDate(self.up_to_date_as_of(begun)));
                }
                (Ok(true), _) => {}
                (Err(failure), Step::Walk(walk)) => {
                    let failure = self.count_ahead(failure).await;
                    self.recover(Some((&walk, pages)), failure).await?;
                }
                (Err(failure), _) => self.recover(None, failure).await?,
            }
        }
    }

    /// What comes next in this position. Changes are read once in each invocation.
    fn next(&self) -> Step {
        match (&self.cursor.position, self.fresh) {
            (Position::Settled { .. }, Some(begun)) if self.cursor.swept => Step::Quarantine(begun),
            (Position::Settled { mark }, Some(begun)) => Step::BeginSweep(mark.clone(), begun),
            (Position::Sweeping { .. }, _) => Step::Sweep,
            (position, _) => Walk::from(position).map_or(Step::Compare, Step::Walk),
        }
    }

    /// As of when the copy is what Dynamics has, if changes were read that began then: where only a walk
    /// over all keys tells of deletes, no later than that.
    fn up_to_date_as_of(&self, begun: Timestamp) -> Timestamp {
        match (&self.cursor.walk, self.cursor.kind) {
            (Some(walk), CursorKind::ModifiedOn) => begun.min(walk.begun),
            _ => begun,
        }
    }

    /// A guard that trips in the middle of a walk has counted what came so far. A person must be shown all
    /// that would vanish, so the rest of the walk is read and counted too, as far as there is time.
    async fn count_ahead(&mut self, failure: Failure) -> Failure {
        let Failure::Guarded {
            stream,
            vanishing,
            of,
        } = failure
        else {
            return failure;
        };
        let mut total = self.cursor.vanished;
        if let Some(walk) = Walk::from(&self.cursor.position) {
            let client = self.client.clone();
            let mut pages = std::pin::pin!(client.pages(walk.request(self.plan, &self.cursor)));
            while self.has_time_for_a_page()
                && let Some(Ok(page)) = pages.next().await
                && let Ok(sorted) = sort(RowReader::new(self.plan, self.cursor.generation), &page)
                && let Ok(there) = self.store.live_among(&stream, &sorted.vanishing()).await
            {
                total += there;
            }
        }
        Failure::Guarded {
            stream,
            vanishing: vanishing.max(total),
            of,
        }
    }

    /// Walks to the end of one walk; `false` when time runs out. `read` counts the pages that came.
    async fn walk(&mut self, walk: &Walk, read: &mut u64) -> Result<bool, Failure> {
        if !self.has_time_for_a_page() {
            return Ok(false);
        }
        let client = self.client.clone();
        let mut pages = std::pin::pin!(client.pages(walk.request(self.plan, &self.cursor)));
        let asked = self.clock.now();
        let Some(mut page) = in_time(pages.next().await)? else {
            return Ok(false);
        };
        let begun = walk.begun(self.asked_by_their_clock(asked, &page));
        loop {
            *read += 1;
            let started = self.clock.now();
            let more = matches!(page.next, Next::Page(_));
            let kind = self.cursor.kind;
            let position = walk.position_after(&page.next, begun, *read, self.plan, kind)?;
            let ahead = more && self.has_time_for_a_page();
            let fetch = async { if ahead { pages.next().await } else { None } };
            // A page that cannot be stored ends the pull at once; one that cannot be fetched only after
            // this one is stored.
            let fetch = async { Ok::<_, Failure>(fetch.await) };
            let store = self.store_page(walk, &page, *read, position, begun);
            let (_, fetched) = futures::try_join!(store, fetch)?;
            self.slowest_page = self
                .slowest_page
                .max(clock::elapsed(started, self.clock.now()));
            if !more {
                let told_all = !matches!(self.cursor.position, Position::Overlap { .. });
                if told_all && !matches!(walk, Walk::Keys { .. }) {
                    self.fresh.get_or_insert(begun);
                }
                return Ok(true);
            }
            let Some(next) = in_time(fetched)? else {
                return Ok(false);
            };
            if !self.has_time_for_a_page() {
                return Ok(false);
            }
            page = next;
        }
    }

    /// A walk over all keys that this run begins.
    pub(crate) fn key_walk(&self, begun: Timestamp) -> KeyWalk {
        KeyWalk {
            run_id: self.run_id.to_owned(),
            begun,
            ended: false,
        }
    }

    /// Writes records, hidden where the stream's expiry says so.
    pub(crate) fn writer(&self) -> Writer<'_> {
        let time_zone = &self.invocation.engine.streams.time_zone;
        Writer {
            store: self.store,
            clock: self.clock,
            keeper: &self.keeper,
            rule: ExpiryRule::of(self.invocation.stream, time_zone, self.clock.now()),
            deadline: self.invocation.deadline,
            in_flight: self.invocation.engine.limits.writes,
        }
    }

    pub(crate) fn has_time_for_a_page(&self) -> bool {
        let needed = TIME_PER_PAGE_MIN.max(self.slowest_page * 2);
        clock::after(self.clock.now(), needed) < self.invocation.deadline
    }

    /// When Dynamics began to answer, by its own clock: its `Date` header less what the answer took,
    /// so that nothing it had by then is missing from the page. Never later than by our clock: changes
    /// may be read from that time on.
    fn asked_by_their_clock(&self, asked: Timestamp, page: &Page) -> Timestamp {
        let took = clock::elapsed(asked, self.clock.now());
        let took = SignedDuration::try_from(took).unwrap_or(SignedDuration::MAX);
        page.served_at
            .and_then(|served| served.checked_sub(took).ok())
            .map_or(asked, |theirs| theirs.min(self.clock.now()))
    }
}

/// The next page; `None` when the client would have had to wait beyond the deadline.
fn in_time(fetched: Option<Result<Page, dynamics_client::Error>>) -> Result<Option<Page>, Failure> {
    match fetched {
        Some(Err(error))
            if error.kind() == ErrorKind::Deadline && !asks_for_smaller_pages(&error) =>
        {
            Ok(None)
        }
        Some(Err(error)) => Err(error.into()),
        Some(Ok(page)) => Ok(Some(page)),
        None => Ok(None),
    }
}
