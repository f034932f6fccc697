//! How the sync stands, found out in time: who asks gets an answer within three seconds, whatever does not
//! answer behind us.

use std::time::Duration;

use changes::{Changes, Filter};
use clock::Clock;
use futures::future::{self, Either};
use situation::Situation;
use streams::StreamFile;
use sync_store::{Change, ChangeState, ExportRecord, Store};

/// Half a second remains of the three for everything else.
const READ_WITHIN: Duration = Duration::from_millis(2_500);

/// So many exports are shown.
const EXPORTS_SHOWN: i32 = 10;

/// So many changes of each state are shown.
const CHANGES_SHOWN: usize = 20;

/// How the sync stands.
pub(crate) enum Standing {
    /// Settings or the stream file are wrong: what exactly, one line each.
    NotSetUp(Vec<String>),
    /// The tables do not answer, and what they said.
    Unreadable(String),
    /// As it was read.
    Known(Box<Known>),
}

/// What was read.
pub(crate) struct Known {
    pub(crate) situation: Situation,
    /// Some of the changes that wait for a person.
    pub(crate) changes: Vec<Change>,
    /// There are more of them.
    pub(crate) more_changes: bool,
    /// The latest exports.
    pub(crate) exports: Vec<ExportRecord>,
}

/// Reads how the sync stands; `with_changes` also what changes wait for a person.
pub(crate) async fn read(
    store: &Store,
    file: &StreamFile,
    changes: Option<&Changes>,
    clock: &dyn Clock,
) -> Standing {
    let reading = Box::pin(async {
        let situation = Situation::read(store, file, clock.now());
        futures::try_join!(
            async { situation.await.map_err(|error| error.to_string()) },
            open(changes),
            async {
                let exports = store.latest_exports(EXPORTS_SHOWN).await;
                exports.map_err(|error| error.to_string())
            },
        )
    });
    match future::select(reading, clock.sleep(READ_WITHIN)).await {
        Either::Left((Ok((situation, (changes, more_changes), exports)), _)) => {
            Standing::Known(Box::new(Known {
                situation,
                changes,
                more_changes,
                exports,
            }))
        }
        Either::Left((Err(reason), _)) => {
            tracing::error!(%reason, "how the sync stands cannot be read");
            Standing::Unreadable(reason)
        }
        Either::Right(_) => {
            let reason = "DynamoDB does not answer in time; whether the sync works is not known";
            tracing::error!(reason, "how the sync stands cannot be read");
            Standing::Unreadable(reason.to_owned())
        }
    }
}

/// Changes that wait for a person, conflicts first; and whether there are more.
async fn open(changes: Option<&Changes>) -> Result<(Vec<Change>, bool), String> {
    let Some(changes) = changes else {
        return Ok((Vec::new(), false));
    };
    let in_state = async |state| {
        let filter = Filter {
            state: Some(state),
            limit: CHANGES_SHOWN,
            ..Filter::default()
        };
        let page = changes.list(&filter).await;
        page.map_err(|problem| problem.to_string())
    };
    let (held, refused) =
        futures::try_join!(in_state(ChangeState::Held), in_state(ChangeState::Refused))?;
    let more = held.next.is_some() || refused.next.is_some();
    let shown = held.changes.into_iter().chain(refused.changes);
    Ok((shown.collect(), more))
}
