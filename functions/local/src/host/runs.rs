//! Runs that somebody starts from the page: in this process, one at a time.

use std::fmt;
use std::sync::Arc;

use access::Access;
use alerts::Watch;
use clock::SystemClock;
use futures::future::BoxFuture;
use health::{NotStarted, StartRun, Started};
use jiff::Timestamp;
use streams::StreamFile;
use sync_engine::{Engine, Limits, RunRequest, RunStatus};
use sync_store::Store;
use tokio::sync::Mutex;

pub(super) struct Runs {
    pub(super) store: Store,
    pub(super) streams: StreamFile,
    pub(super) dynamics: Arc<Access>,
    pub(super) watch: Watch,
    /// Held by the run that goes on.
    pub(super) turn: Arc<Mutex<()>>,
}

impl StartRun for Runs {
    fn start(&self, request: RunRequest) -> BoxFuture<'_, Result<Started, NotStarted>> {
        Box::pin(async move {
            let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() else {
                return Ok(Started::Underway);
            };
            let engine = Engine {
                dynamics: self.dynamics.client().await,
                store: self.store.clone(),
                streams: self.streams.clone(),
                clock: Arc::new(SystemClock),
                limits: Limits::default(),
            };
            let (dynamics, watch) = (Arc::clone(&self.dynamics), self.watch.clone());
            let id = request.run_id.clone();
            tokio::spawn(async move {
                let _turn = turn;
                // A terminal has no deadline. What becomes of the streams is in the store, and on the page.
                match engine.run(&request, Timestamp::MAX, &|_| {}).await {
                    Ok(report) => dynamics.ended(report.status == RunStatus::Failed).await,
                    Err(error) => tracing::error!(reason = %error, "the run failed"),
                }
                if let Err(error) = watch.look().await {
                    tracing::error!(reason = %error, "nobody could be told how it stands");
                }
            });
            Ok(Started::Run(id))
        })
    }
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runs")
            .field("streams", &self.streams.hash)
            .finish_non_exhaustive()
    }
}
