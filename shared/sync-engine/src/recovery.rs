//! What a stream does about a cursor that it cannot go on from, so that nobody has to: a walk that begins
//! again, smaller pages, or a new generation, which reads everything again and sweeps away what is left
//! of the old one.
//!
//! Never in here: a cure for what a person must mend. And never without an end: an invocation begins only
//! so many generations.

use std::error::Error as _;
use std::fmt;

use dynamics_client::{Depth, Error, ErrorKind};
use sync_store::{Cursor, CursorKind, KeyWalk, Position};

use crate::Failure;
use crate::pull::Pull;
use crate::request::Mode;
use crate::walk::{Walk, listing};

/// Rows per page: the most that Dataverse gives.
pub(crate) const PAGE_SIZE_MAX: u32 = 5_000;
/// A page that is too large or too slow is asked for again in halves, down to this.
const PAGE_SIZE_MIN: u32 = 50;
/// So many generations one invocation begins; whatever asks for more is not cured by another.
const GENERATIONS_MAX: u32 = 3;

/// Why a stream is read again in full.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Why {
    First,
    CursorGone,
    Asked,
    Environment,
    Meaning,
    FirstPage,
    TokenExpired,
    LoadInterrupted,
    WentBack,
    SmallerPages,
    NarrowerSight,
    ChangeTracking,
    NoChangeTracking,
    MuchMissing,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "it was never read before",
            Self::CursorGone => "its cursor was gone although its records are there",
            Self::Asked => "the run was asked to",
            Self::Environment => "it was read from another Dynamics environment before",
            Self::Meaning => "the stream file or a column's type changed what its records mean",
            Self::FirstPage => "an earlier load ended before its first page was stored",
            Self::TokenExpired => "its change-tracking token was too old or not accepted any more",
            Self::LoadInterrupted => "the saved page link of an interrupted load was not accepted",
            Self::WentBack => {
                "Dynamics showed rows in older versions than before, as after a restore"
            }
            Self::SmallerPages => "a page of the load was too large or too slow",
            Self::NarrowerSight => {
                "the application user may no longer read the whole table, which change tracking demands; changes are told by `modifiedon` from now on"
            }
            Self::ChangeTracking => "changes can be told by change tracking from now on",
            Self::NoChangeTracking => {
                "change tracking was switched off; changes are told by `modifiedon` from now on"
            }
            Self::MuchMissing => "a walk over all keys met too many rows that the copy did not have",
        })
    }
}

enum Cure {
    /// Go on from an earlier position.
    Again(Position),
    NewGeneration(Why),
}

/// Whether a page did not come because it is too large or takes Dynamics too long. It takes several
/// silent tries to tell, for which there may not be time: then the deadline is what failed, and the
/// slowness its cause.
pub(crate) fn asks_for_smaller_pages(error: &Error) -> bool {
    let slow = |error: &Error| matches!(error.kind(), ErrorKind::TooLarge | ErrorKind::TooSlow);
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<Error>());
    slow(error) || (error.kind() == ErrorKind::Deadline && cause.is_some_and(slow))
}

impl Pull<'_> {
    /// Goes on after a failure if there is a way. `walk` is the one that failed, with the number of pages
    /// that had come before.
    pub(crate) async fn recover(
        &mut self,
        walk: Option<(&Walk, u64)>,
        failure: Failure,
    ) -> Result<(), Failure> {
        match self.cure(walk, &failure).await? {
            None => Err(failure),
            Some(Cure::Again(position)) => {
                tracing::warn!(
                    stream = self.plan.stream.name,
                    page_size = self.cursor.page_size,
                    "a walk begins again"
                );
                if matches!(position, Position::Listing { .. }) {
                    let now = self.clock.now();
                    self.cursor.walk = Some(self.key_walk(now));
                }
                self.cursor.position = position;
                // Smaller pages must be remembered even if no page comes in this invocation.
                self.keeper.save(&self.cursor).await
            }
            Some(Cure::NewGeneration(_)) if self.generations >= GENERATIONS_MAX => Err(failure),
            Some(Cure::NewGeneration(why)) => self.begin_generation(why).await,
        }
    }

    async fn cure(
        &mut self,
        walk: Option<(&Walk, u64)>,
        failure: &Failure,
    ) -> Result<Option<Cure>, Failure> {
        let error = match failure {
            Failure::WentBack { .. } | Failure::WitnessGone => {
                return Ok(Some(Cure::NewGeneration(Why::WentBack)));
            }
            Failure::ListingGone => return Ok(self.list_again()),
            Failure::MuchMissing => return Ok(Some(Cure::NewGeneration(Why::MuchMissing))),
            Failure::Dynamics(error) => error,
            _ => return Ok(None),
        };
        let Some((walk, pages)) = walk else {
            return Ok(None);
        };
        Ok(match error.kind() {
            ErrorKind::DeltaExpired => Some(Cure::NewGeneration(Why::TokenExpired)),
            // A link that has just been given and is refused at once is another fault.
            ErrorKind::LinkRefused if pages == 0 => Some(match (walk.beginning(), walk) {
                (Some(beginning), _) if walk.is_resumed() => Cure::Again(beginning),
                (_, Walk::Changes { .. }) => Cure::NewGeneration(Why::TokenExpired),
                _ => Cure::NewGeneration(Why::LoadInterrupted),
            }),
            _ if asks_for_smaller_pages(error) => self.smaller_pages(walk),
            ErrorKind::Forbidden if self.cursor.kind == CursorKind::ChangeTracking => {
                (self.kind().await? == CursorKind::ModifiedOn)
                    .then_some(Cure::NewGeneration(Why::NarrowerSight))
            }
            _ => None,
        })
    }

    fn list_again(&self) -> Option<Cure> {
        let Position::Comparing { mark, since, .. } = &self.cursor.position else {
            return None;
        };
        Some(Cure::Again(listing(mark, *since)))
    }

    fn smaller_pages(&mut self, walk: &Walk) -> Option<Cure> {
        if self.cursor.page_size <= PAGE_SIZE_MIN {
            return None;
        }
        self.cursor.page_size = (self.cursor.page_size / 2).max(PAGE_SIZE_MIN);
        let rows = self.cursor.page_size;
        self.notes.push(format!(
            "a page was too large or too slow; pages have {rows} rows from now on"
        ));
        Some(match (walk, &self.cursor.position) {
            // Rows that were deleted since the load's first page would stay.
            (Walk::Load { .. }, Position::Loading { .. }) => Cure::NewGeneration(Why::SmallerPages),
            _ => Cure::Again(walk.beginning()?),
        })
    }

    /// Begins a new generation: whatever was stored before is kept until it was read again, or swept.
    pub(crate) async fn begin_generation(&mut self, why: Why) -> Result<(), Failure> {
        let stream = self.plan.stream.name.as_str();
        // The cursor may be older than the records: the state table was restored, or the cursor reset.
        let known = self.store.generation(stream).await?.unwrap_or(0);
        let generation = self.cursor.generation.max(known) + 1;
        // Whatever the reason: a run that asks for everything has it with this.
        let asked = self.invocation.mode == Mode::Full;
        let kind = self.kind().await?;
        self.cursor = Cursor {
            generation,
            organization: self.invocation.identity.organization_id.to_string(),
            fingerprint: self.plan.fingerprint.clone(),
            kind,
            page_size: self.cursor.page_size,
            full_by: match asked {
                true => Some(self.run_id.to_owned()),
                false => self.cursor.full_by.take(),
            },
            swept: generation == 1,
            walk: self.load_as_walk(kind),
            witness: None,
            vanished: self.cursor.vanished,
            live: self.cursor.live,
            position: Position::Start,
        };
        self.generations += 1;
        self.newest = None;
        self.witness_missing = false;
        self.fresh = None;
        if why != Why::First {
            self.notes
                .push(format!("the whole table is read again: {why}"));
            tracing::warn!(stream, generation, why = %why, "the whole table is read again");
        }
        // In this order: the records' own note of their generation without a cursor means that the
        // cursor was lost.
        self.keeper.save(&self.cursor).await?;
        let lease = self.keeper.lease();
        Ok(self.store.begin_generation(lease, generation).await?)
    }

    /// Where deletes are told by a walk over all keys, the load counts as one of the night: it meets every
    /// key. It is no run's that asks for one, because rows may be deleted behind it.
    fn load_as_walk(&self, kind: CursorKind) -> Option<KeyWalk> {
        (kind == CursorKind::ModifiedOn).then(|| KeyWalk {
            run_id: String::new(),
            begun: self.clock.now(),
            ended: true,
        })
    }

    /// How changes can be told: by change tracking where it is on and the application user may read the
    /// whole table, which it demands; else by `modifiedon`.
    pub(crate) async fn kind(&self) -> Result<CursorKind, Failure> {
        if !self.plan.change_tracking {
            return Ok(CursorKind::ModifiedOn);
        }
        let Some(privilege) = self.plan.read_privilege.as_deref() else {
            return Ok(CursorKind::ChangeTracking);
        };
        let client = self.invocation.preparing_client();
        let user = self.invocation.identity.user_id;
        let depth = match client.privilege_depth(user, privilege).await {
            Ok(depth) => depth,
            // Who may not ask finds out by reading.
            Err(error) if matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::NotFound) => {
                None
            }
            Err(error) => return Err(error.into()),
        };
        Ok(match depth {
            Some(depth) if depth < Depth::Global && self.plan.has_modified_on => {
                CursorKind::ModifiedOn
            }
            _ => CursorKind::ChangeTracking,
        })
    }
}
