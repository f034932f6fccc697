//! The kinds of walk over pages, and where each leaves the cursor.
//!
//! Only this file decides what a saved position means. A delta link replaces an older one only when
//! the last page of its walk is stored.

use dynamics_client::{Filter, Link, Next, PageRequest};
use jiff::{SignedDuration, Timestamp};
use sync_store::{Cursor, Position};

use crate::Failure;
use crate::plan::{MODIFIED_ON, Plan};

/// How far the overlap read reaches back before the load began.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// One walk over pages.
#[derive(Clone)]
pub(crate) enum Walk {
    /// The whole table, with change tracking. `since`: when its first page was served.
    Load {
        next: Option<String>,
        since: Option<Timestamp>,
    },
    /// What changed while the load ran.
    Overlap {
        delta: String,
        next: Option<String>,
        since: Timestamp,
    },
    /// What changed since the last walk ended.
    Delta {
        delta: String,
        next: Option<String>,
        since: Option<Timestamp>,
    },
}

impl Walk {
    /// The walk that goes on from a saved position.
    pub(crate) fn from(position: &Position) -> Self {
        match position.clone() {
            Position::Start => Self::Load {
                next: None,
                since: None,
            },
            Position::Loading { next, since } => Self::Load {
                next: Some(next),
                since: Some(since),
            },
            Position::Overlap { delta, next, since } => Self::Overlap { delta, next, since },
            Position::Settled { delta } => Self::Delta {
                delta,
                next: None,
                since: None,
            },
            Position::Reading { delta, next, since } => Self::Delta {
                delta,
                next: Some(next),
                since: Some(since),
            },
        }
    }

    /// The first page of the walk, or the one it goes on from.
    pub(crate) fn request(&self, plan: &Plan, cursor: &Cursor) -> PageRequest {
        let size = cursor.page_size;
        match self {
            Self::Load { next: None, .. } => {
                PageRequest::Query(plan.query().track_changes().max_page_size(size))
            }
            Self::Overlap {
                next: None, since, ..
            } => {
                let from = since.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN);
                let query = plan
                    .query()
                    .filter(Filter::ge_time(MODIFIED_ON, from))
                    .order_by([MODIFIED_ON, plan.primary_id.as_str()])
                    .max_page_size(size);
                PageRequest::Query(query)
            }
            Self::Overlap {
                next: Some(link), ..
            } => PageRequest::Link {
                link: Link::from(link.clone()),
                max_page_size: Some(size),
                track_changes: false,
            },
            Self::Load {
                next: Some(link), ..
            }
            | Self::Delta {
                next: Some(link), ..
            }
            | Self::Delta {
                delta: link,
                next: None,
                ..
            } => PageRequest::changes(Link::from(link.clone()), Some(size)),
        }
    }

    /// When the walk's first page was served; `first_page` is that time if it is this page.
    pub(crate) fn begun(&self, first_page: Timestamp) -> Timestamp {
        match self {
            Self::Load { since, .. } | Self::Delta { since, .. } => since.unwrap_or(first_page),
            Self::Overlap { since, .. } => *since,
        }
    }

    /// Where the cursor stands once a page that ends in `next` is stored.
    pub(crate) fn position_after(
        &self,
        next: &Next,
        begun: Timestamp,
        single_page: bool,
        plan: &Plan,
    ) -> Result<Position, Failure> {
        let since = begun;
        Ok(match (self, next) {
            (Self::Load { .. }, Next::Page(next)) => Position::Loading {
                next: next.as_str().to_owned(),
                since,
            },
            // A load of one page is one query: nothing can have changed in between.
            (Self::Load { .. }, Next::Delta(delta)) if single_page || !plan.has_modified_on => {
                Position::Settled {
                    delta: delta.as_str().to_owned(),
                }
            }
            (Self::Load { .. }, Next::Delta(delta)) => Position::Overlap {
                delta: delta.as_str().to_owned(),
                next: None,
                since,
            },
            (Self::Load { .. }, Next::End) => {
                return Err(Failure::NoDeltaLink {
                    table: plan.stream.table.clone(),
                });
            }
            (Self::Overlap { delta, .. }, Next::Page(next)) => Position::Overlap {
                delta: delta.clone(),
                next: Some(next.as_str().to_owned()),
                since,
            },
            (Self::Overlap { delta, .. }, Next::End | Next::Delta(_)) => Position::Settled {
                delta: delta.clone(),
            },
            (Self::Delta { delta, .. }, Next::Page(next)) => Position::Reading {
                delta: delta.clone(),
                next: next.as_str().to_owned(),
                since,
            },
            (Self::Delta { .. }, Next::Delta(delta)) => Position::Settled {
                delta: delta.as_str().to_owned(),
            },
            // Nothing changed and no new link: the old one stays good.
            (Self::Delta { delta, .. }, Next::End) => Position::Settled {
                delta: delta.clone(),
            },
        })
    }

    /// Whether the walk goes on from a link that was saved by an earlier invocation.
    pub(crate) fn is_resumed(&self) -> bool {
        matches!(
            self,
            Self::Load { next: Some(_), .. } | Self::Delta { next: Some(_), .. }
        )
    }
}
