//! The kinds of walk over pages, and where each leaves the cursor.
//!
//! Only this file decides what a saved position means. A mark replaces an older one only when the last
//! page of its walk is stored.

use dynamics_client::{Filter, Link, Next, PageRequest};
use jiff::{SignedDuration, Timestamp};
use sync_store::{Cursor, CursorKind, Mark, Position};

use crate::Failure;
use crate::plan::{MODIFIED_ON, Plan};

/// How far a read by `modifiedon` reaches back: a row gets its time before others can see it, and
/// Dynamics' servers have a clock each.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// One walk over pages.
#[derive(Clone, Debug)]
pub(crate) enum Walk {
    /// The whole table. `since`: when its first page was served.
    Load {
        next: Option<String>,
        since: Option<Timestamp>,
    },
    /// What changed while the load ran.
    Overlap {
        mark: Mark,
        next: Option<String>,
        since: Timestamp,
    },
    /// What changed since the last walk ended.
    Changes {
        mark: Mark,
        next: Option<String>,
        since: Option<Timestamp>,
    },
    /// All keys and versions.
    Keys {
        mark: Mark,
        next: Option<String>,
        since: Timestamp,
        pages: u64,
    },
}

impl Walk {
    /// The walk that goes on from a saved position; `None` where no page comes next.
    pub(crate) fn from(position: &Position) -> Option<Self> {
        Some(match position.clone() {
            Position::Start => Self::Load {
                next: None,
                since: None,
            },
            Position::Loading { next, since } => Self::Load {
                next: Some(next),
                since: Some(since),
            },
            Position::Overlap { mark, next, since } => Self::Overlap { mark, next, since },
            Position::Settled { mark } => Self::Changes {
                mark,
                next: None,
                since: None,
            },
            Position::Reading { mark, next, since } => Self::Changes {
                mark,
                next: Some(next),
                since: Some(since),
            },
            Position::Listing {
                mark,
                since,
                next,
                pages,
            } => Self::Keys {
                mark,
                next,
                since,
                pages,
            },
            Position::Sweeping { .. } | Position::Comparing { .. } => return None,
        })
    }

    /// The first page of the walk, or the one it goes on from.
    pub(crate) fn request(&self, plan: &Plan, cursor: &Cursor) -> PageRequest {
        let size = cursor.page_size;
        let track_changes = cursor.kind == CursorKind::ChangeTracking && !self.is_plain();
        let by_link = |link: &String| PageRequest::Link {
            link: Link::from(link.clone()),
            max_page_size: Some(size),
            track_changes,
        };
        let query = match self {
            Self::Load {
                next: Some(link), ..
            }
            | Self::Overlap {
                next: Some(link), ..
            }
            | Self::Changes {
                next: Some(link), ..
            }
            | Self::Keys {
                next: Some(link), ..
            }
            | Self::Changes {
                mark: Mark::Delta(link),
                ..
            } => return by_link(link),
            Self::Load { .. } if track_changes => plan.query().track_changes(),
            // In the order of the keys, which no change moves.
            Self::Load { .. } => plan.query().order_by([plan.primary_id.as_str()]),
            Self::Keys { .. } => plan.query_keys().order_by([plan.primary_id.as_str()]),
            Self::Overlap { since, .. }
            | Self::Changes {
                mark: Mark::Watermark(since),
                ..
            } => {
                let from = since.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN);
                plan.query()
                    .filter(Filter::ge_time(MODIFIED_ON, from))
                    .order_by([MODIFIED_ON, plan.primary_id.as_str()])
            }
        };
        PageRequest::Query(query.max_page_size(size))
    }

    /// Whether the walk is an ordinary query, also where changes are tracked.
    fn is_plain(&self) -> bool {
        matches!(self, Self::Overlap { .. } | Self::Keys { .. })
    }

    /// When the walk's first page was served; `first_page` is that time if it is this page.
    pub(crate) fn begun(&self, first_page: Timestamp) -> Timestamp {
        match self {
            Self::Load { since, .. } | Self::Changes { since, .. } => since.unwrap_or(first_page),
            Self::Overlap { since, .. } | Self::Keys { since, .. } => *since,
        }
    }

    /// Where the cursor stands once a page that ends in `next` is stored; `page` counts the pages of
    /// this walk that this process has read, from 1.
    pub(crate) fn position_after(
        &self,
        next: &Next,
        since: Timestamp,
        page: u64,
        plan: &Plan,
        kind: CursorKind,
    ) -> Result<Position, Failure> {
        let link = match next {
            Next::Page(link) => Some(link.as_str().to_owned()),
            Next::Delta(_) | Next::End => None,
        };
        Ok(match (self, link) {
            (Self::Load { .. }, Some(next)) => Position::Loading { next, since },
            (Self::Load { next: resumed, .. }, None) => {
                let mark = new_mark(next, since, kind).ok_or_else(|| Failure::NoDeltaLink {
                    table: plan.stream.table.clone(),
                })?;
                // A load of one page is one query: nothing can have changed in between.
                if (page == 1 && resumed.is_none()) || !plan.has_modified_on {
                    Position::Settled { mark }
                } else {
                    Position::Overlap {
                        mark,
                        next: None,
                        since,
                    }
                }
            }
            (Self::Overlap { mark, .. }, Some(next)) => Position::Overlap {
                mark: mark.clone(),
                next: Some(next),
                since,
            },
            (Self::Overlap { mark, .. }, None) => Position::Settled { mark: mark.clone() },
            (Self::Changes { mark, .. }, Some(next)) => Position::Reading {
                mark: mark.clone(),
                next,
                since,
            },
            // Where nothing changed and no new link came, the old one stays good.
            (Self::Changes { mark, .. }, None) => Position::Settled {
                mark: new_mark(next, since, kind).unwrap_or_else(|| mark.clone()),
            },
            (Self::Keys { mark, pages, .. }, next @ Some(_)) => Position::Listing {
                mark: mark.clone(),
                since,
                next,
                pages: pages + page,
            },
            (Self::Keys { mark, pages, .. }, None) => Position::Comparing {
                mark: mark.clone(),
                since,
                pages: pages + page,
                granted: false,
            },
        })
    }

    /// Where the walk begins again, if a saved link of it is refused or its pages are too large; `None`
    /// where that would miss something.
    pub(crate) fn beginning(&self) -> Option<Position> {
        match self {
            // Rows that were deleted since the load's first page would stay.
            Self::Load { next: Some(_), .. } => None,
            Self::Load { next: None, .. } => Some(Position::Start),
            Self::Overlap { mark, since, .. } => Some(Position::Overlap {
                mark: mark.clone(),
                next: None,
                since: *since,
            }),
            Self::Changes { mark, .. } => Some(Position::Settled { mark: mark.clone() }),
            Self::Keys { mark, since, .. } => Some(listing(mark, *since)),
        }
    }

    /// Whether the walk goes on from a link that was saved by an earlier page.
    pub(crate) fn is_resumed(&self) -> bool {
        match self {
            Self::Load { next, .. }
            | Self::Overlap { next, .. }
            | Self::Changes { next, .. }
            | Self::Keys { next, .. } => next.is_some(),
        }
    }
}

/// Where a walk over all keys begins. `since`: what was modified from then on is told by the next read of
/// changes.
pub(crate) fn listing(mark: &Mark, since: Timestamp) -> Position {
    Position::Listing {
        mark: mark.clone(),
        since,
        next: None,
        pages: 0,
    }
}

/// The mark that a finished walk leaves.
fn new_mark(next: &Next, since: Timestamp, kind: CursorKind) -> Option<Mark> {
    match (kind, next) {
        (CursorKind::ModifiedOn, _) => Some(Mark::Watermark(since)),
        (CursorKind::ChangeTracking, Next::Delta(link)) => {
            Some(Mark::Delta(link.as_str().to_owned()))
        }
        (CursorKind::ChangeTracking, _) => None,
    }
}
