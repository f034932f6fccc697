//! Runs that somebody starts from the page: in this process, one at a time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use access::Access;
use alerts::Watch;
use clock::SystemClock;
use futures::future::BoxFuture;
use health::{NotStarted, StartRun, Started};
use jiff::Timestamp;
use streams::StreamFile;
use sync_engine::{Engine, Limits, RunRequest, RunStatus};
use sync_store::Store;
use tokio::task::JoinHandle;

pub(super) struct Runs {
    pub(super) store: Store,
    pub(super) streams: StreamFile,
    pub(super) dynamics: Arc<Access>,
    pub(super) watch: Watch,
    /// Held by the run that goes on.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    /// The latest run of this process.
    pub(super) underway: Mutex<Option<Underway>>,
}

/// A run that was started, and may be over.
pub(super) struct Underway {
    engine: Engine,
    id: String,
    task: JoinHandle<()>,
}

impl Runs {
    /// Breaks off the run that goes on, if one does, so that the next need not wait for it.
    pub(super) async fn stop(&self) {
        let underway = self.underway.lock();
        let underway = underway.unwrap_or_else(PoisonError::into_inner).take();
        let Some(Underway { engine, id, task }) = underway else {
            return;
        };
        if task.is_finished() {
            return;
        }
        task.abort();
        // It says that it was aborted.
        let _ = task.await;
        if let Err(error) = engine.break_off(&id).await {
            tracing::warn!(reason = %error, "the next run has to wait up to 90 seconds");
        }
    }
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
            let same = engine.clone();
            let task = tokio::spawn(async move {
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
            let underway = Underway {
                engine: same,
                id: id.clone(),
                task,
            };
            *self.underway.lock().unwrap_or_else(PoisonError::into_inner) = Some(underway);
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
