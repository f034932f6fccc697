//! Looking changes up: one by its id, or those of a stream or state, page by page.

use std::fmt;

use sync_store::{Change, ChangeState};
use uuid::Uuid;

use crate::Changes;
use web::{Problem, ProblemKind};
use web::{did_you_mean, one_of};

/// The longest page: values of a thousand changes would not fit an answer.
pub(crate) const LIMIT_MAX: usize = 100;
pub(crate) const LIMIT_DEFAULT: usize = 50;

/// Which changes are asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Filter {
    /// Of this stream; else of all in the stream file.
    pub stream: Option<String>,
    /// In this state; else in any.
    pub state: Option<ChangeState>,
    /// Those after the page that gave this as its `next`.
    pub after: Option<String>,
    /// At most so many, 1 to 100.
    pub limit: usize,
}

/// Some changes, in the order of the stream file and then in that of their acceptance.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The changes.
    pub changes: Vec<Change>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// Where a page ends.
struct Cursor<'a> {
    stream: &'a str,
    sequence: u64,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            stream: None,
            state: None,
            after: None,
            limit: LIMIT_DEFAULT,
        }
    }
}

impl Changes {
    /// The change with this id.
    ///
    /// # Errors
    /// If there is none, or the tables cannot be used.
    pub async fn change(&self, id: &str) -> Result<Change, Problem> {
        let Ok(id) = Uuid::try_parse(id) else {
            return Err(no_such_change());
        };
        let found = self.store.change(&id.to_string()).await;
        found
            .map_err(|error| of_reading(&error))?
            .ok_or_else(no_such_change)
    }

    /// One page of changes.
    ///
    /// # Errors
    /// If the filter is malformed, or the tables cannot be used.
    pub async fn list(&self, filter: &Filter) -> Result<Page, Problem> {
        let known: Vec<&str> = self
            .streams
            .streams
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        let streams = match &filter.stream {
            None => known,
            Some(name) if known.contains(&name.as_str()) => vec![name.as_str()],
            Some(name) => {
                let near = did_you_mean(name, known.iter().copied());
                let detail = format!("`stream`: expected {}{near}", one_of(known));
                return Err(Problem::malformed(detail));
            }
        };
        if !(1..=LIMIT_MAX).contains(&filter.limit) {
            let detail = format!("`limit`: expected a number from 1 to {LIMIT_MAX}");
            return Err(Problem::malformed(detail));
        }
        let after = filter.after.as_deref();
        let after = after.map(|text| Cursor::read(text, &streams)).transpose()?;
        let rest = streams
            .iter()
            .skip_while(|name| after.as_ref().is_some_and(|after| after.stream != **name));
        let mut changes = Vec::new();
        for name in rest {
            // One more than wanted says whether there is a next page.
            let wanted = filter.limit + 1 - changes.len();
            let after = after.as_ref().filter(|after| after.stream == *name);
            let after = after.map(|after| after.sequence);
            let found = self.store.changes(name, filter.state, after, wanted).await;
            changes.extend(found.map_err(|error| of_reading(&error))?);
            if changes.len() > filter.limit {
                break;
            }
        }
        let more = changes.len() > filter.limit;
        changes.truncate(filter.limit);
        let last = changes.last().filter(|_| more);
        let next = last.map(|change| Cursor::of(change).to_string());
        Ok(Page { changes, next })
    }
}

impl<'a> Cursor<'a> {
    fn of(change: &'a Change) -> Self {
        Self {
            stream: &change.wanted.stream,
            sequence: change.sequence,
        }
    }

    fn read(text: &'a str, streams: &[&str]) -> Result<Self, Problem> {
        let read = || {
            let (stream, sequence) = text.split_once(':')?;
            let sequence = sequence.parse().ok()?;
            streams
                .contains(&stream)
                .then_some(Self { stream, sequence })
        };
        read().ok_or_else(|| {
            Problem::malformed(
                "`after`: expected what `next` of the page before says, with the same `stream`",
            )
        })
    }
}

impl fmt::Display for Cursor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.stream, self.sequence)
    }
}

fn of_reading(error: &sync_store::Error) -> Problem {
    Problem::of_store(error, "ask again")
}

/// There is no change with this id.
pub(crate) fn no_such_change() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "there is no change with this id; one that is over is kept for 90 days",
    )
}
