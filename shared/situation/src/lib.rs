//! How the sync stands: read from what the runs and the scheduled check left in the store, and judged once,
//! so that the page, the health check and the alerts never say different things.
//!
//! Never in here: Dynamics (looking spends none of the request budget); texts for people; a value of a row.

mod check;
mod concern;
mod history;
mod judge;
mod level;
mod links;
mod night;
mod read;
mod stream;

use jiff::Timestamp;
use sync_engine::RunReport;
use sync_store::RunRecord;

pub use check::{Check, Credential, Dynamics, Outcome, Subscribers, Topic};
pub use concern::{Concern, What};
pub use history::{newest_look, newest_report};
pub use judge::{CHECKED_WITHIN, CREDENTIAL_DAYS};
pub use level::Level;
pub use links::Links;
pub use stream::{Expiring, StreamSituation};

/// How the sync stands.
#[derive(Clone, Debug, Default)]
pub struct Situation {
    /// When this was read.
    pub now: Timestamp,
    /// What the scheduled check found last; `None` if there was none.
    pub check: Option<Check>,
    /// When the first scheduled check of all was.
    pub first_check: Option<Timestamp>,
    /// The latest invocations of runs, newest first, a bounded number.
    pub runs: Vec<RunRecord<RunReport>>,
    /// One entry for each stream of the stream file, in its order.
    pub streams: Vec<StreamSituation>,
    /// How many alerts could not be sent, and will be tried again.
    pub alerts_unsent: u64,
    /// Everything that somebody should know, worst first. [`Situation::judge`] fills it.
    pub concerns: Vec<Concern>,
}

impl Situation {
    /// The one word for all of it: the worst of its concerns; without any, [`Level::Empty`] if nothing has run
    /// yet.
    pub fn verdict(&self) -> Level {
        let all_well = match self.runs.is_empty() {
            true => Level::Empty,
            false => Level::Good,
        };
        let levels = self.concerns.iter().map(|concern| concern.level);
        levels.max().unwrap_or(all_well).max(all_well)
    }
}
