//! How the sync stands, for programs and as a page for people, and the buttons that are on it. One
//! [`Health`] serves API Gateway and the loopback server alike.
//!
//! Looking reads only what runs and the scheduled check left in the store: nobody can spend the request
//! budget of Dynamics by looking. It answers within three seconds, also when nothing behind it does, and
//! also when it has not been set up correctly: then it says what is wrong.
//!
//! Never in here: Lambda; what anything means (see `situation`); a text for people (see `wording`); a value
//! of a record or of a change.

mod check;
mod document;
mod page;
mod release;
mod routes;
mod standing;
mod start_run;

use std::fmt;
use std::sync::{Arc, Mutex};

use access::Access;
use alerts::Watch;
use changes::Changes;
use clock::Clock;
use jiff::Timestamp;
use streams::StreamFile;
use sync_store::Store;

pub use check::{Checked, NotChecked};
pub use start_run::{NotStarted, StartRun, Started};

/// Shows how the sync stands, and does what the page's buttons say.
#[derive(Clone)]
pub struct Health {
    setup: Arc<Setup>,
    clock: Arc<dyn Clock>,
    /// What was last found out for those who only ask whether it is well.
    last: Arc<Mutex<Option<(Timestamp, bool)>>>,
}

enum Setup {
    /// Settings or the stream file are wrong; the stream file, if it is not that.
    Wrong {
        problems: Vec<String>,
        streams: Option<StreamFile>,
    },
    Right(Box<Ready>),
}

/// Everything that looking and doing need.
struct Ready {
    store: Store,
    streams: StreamFile,
    changes: Changes,
    runs: Arc<dyn StartRun>,
    watch: Watch,
    access: Arc<Access>,
}

/// What a [`Health`] is made of.
pub struct Parts {
    /// Where runs and the scheduled check leave what they found.
    pub store: Store,
    /// The streams.
    pub streams: StreamFile,
    /// Starts runs when somebody asks for one.
    pub runs: Arc<dyn StartRun>,
    /// Tells people.
    pub watch: Watch,
    /// The access to Dynamics: for the scheduled check alone.
    pub access: Arc<Access>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Health {
    /// Of these parts.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            streams,
            runs,
            watch,
            access,
            clock,
        } = parts;
        let changes = Changes::new(store.clone(), streams.clone(), Arc::clone(&clock));
        let ready = Ready {
            store,
            streams,
            changes,
            runs,
            watch,
            access,
        };
        Self::of(Setup::Right(Box::new(ready)), clock)
    }

    /// Where settings or the stream file are wrong: shows `problems`, which name variables and no values,
    /// and does nothing else. The stream file says the language, where it is not what is wrong.
    pub fn not_set_up(
        problems: Vec<String>,
        streams: Option<StreamFile>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::of(Setup::Wrong { problems, streams }, clock)
    }

    fn of(setup: Setup, clock: Arc<dyn Clock>) -> Self {
        Self {
            setup: Arc::new(setup),
            clock,
            last: Arc::default(),
        }
    }

    fn streams(&self) -> Option<&StreamFile> {
        match &*self.setup {
            Setup::Wrong { streams, .. } => streams.as_ref(),
            Setup::Right(ready) => Some(&ready.streams),
        }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health")
            .field("streams", &self.streams().map(|file| &file.hash))
            .finish_non_exhaustive()
    }
}
