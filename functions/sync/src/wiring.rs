//! From the environment to something that runs: settings, stream file, AWS clients, Dynamics client.

use std::sync::Arc;
use std::time::Duration;

use access::Access;
use alerts::Watch;
use clock::{Clock, SystemClock};
use jiff::Timestamp;
use metrics::Metrics;
use settings::{Environment, Problems, SyncSettings};
use streams::StreamFile;
use sync_engine::{Engine, Limits, RequestError, RunError, RunReport, RunRequest, RunStatus};
use sync_store::Store;
use thiserror::Error;

/// What telling people leaves of the invocation's time: a run whose answer does not get out counts as failed.
const TIME_TO_ANSWER: Duration = Duration::from_secs(1);

/// Why an invocation fails as a whole. The name is stable: alarms and the state machine match on it.
#[derive(Clone, Debug, Error)]
pub(crate) enum Failure {
    /// Settings or the stream file are wrong: nothing was tried.
    #[error("{0}")]
    Settings(String),
    /// The event is wrong.
    #[error("{0}")]
    Request(String),
    /// The state table could not be used.
    #[error("{0}")]
    Store(String),
}

impl Failure {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Settings(_) => "DynamicsSync.Settings",
            Self::Request(_) => "DynamicsSync.Request",
            Self::Store(_) => "DynamicsSync.Store",
        }
    }

    pub(crate) fn request(error: RequestError) -> Self {
        Self::Request(error.to_string())
    }

    pub(crate) fn run(error: RunError) -> Self {
        match error {
            RunError::Request(error) => Self::request(error),
            RunError::Store(error) => Self::Store(error.to_string()),
        }
    }
}

/// Everything that lives as long as the process.
pub(crate) struct Function {
    streams: StreamFile,
    store: Store,
    dynamics: Access,
    watch: Watch,
    metrics: Metrics,
}

impl Function {
    /// Reads settings and the stream file, and reports what is wrong with both together.
    pub(crate) async fn build(environment: &Environment<'_>) -> Result<Self, Failure> {
        let settings = SyncSettings::from_env(environment).map_err(|error| error.to_string());
        // The path may be good although other settings are not.
        let streams = settings::streams_path(environment, &mut Problems::default())
            .map(|path| StreamFile::read(&path).map_err(|error| error.to_string()));
        let (settings, streams) = match (settings, streams) {
            (Ok(settings), Some(Ok(streams))) => (settings, streams),
            (settings, streams) => {
                let mistakes = [settings.err(), streams.and_then(Result::err)];
                let mistakes: Vec<_> = mistakes.into_iter().flatten().collect();
                return Err(Failure::Settings(mistakes.join("\n")));
            }
        };
        let aws = aws::config().await;
        let store = Store::new(&aws, settings.tables);
        let clock = Arc::new(SystemClock);
        Ok(Self {
            watch: Watch::new(store.clone(), streams.clone(), settings.alerts, &aws, clock),
            store,
            streams,
            dynamics: Access::new(
                settings.dynamics,
                settings::secrets_client(&aws),
                Arc::new(SystemClock),
            ),
            metrics: Metrics::new(settings.stage),
        })
    }

    /// One invocation of a run. Credentials that cannot be read are the run's to report, not a reason
    /// to run nothing.
    pub(crate) async fn run(
        &self,
        request: &RunRequest,
        deadline: Timestamp,
    ) -> Result<RunReport, RunError> {
        let began = SystemClock.now();
        let sync = Engine {
            dynamics: self.dynamics.client().await,
            store: self.store.clone(),
            streams: self.streams.clone(),
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
        };
        let report = sync.run(request, deadline, &|_| {}).await;
        if let Ok(report) = &report {
            let failed = report.status == RunStatus::Failed;
            self.dynamics.ended(failed).await;
            self.count(request, report, began);
            self.tell(request, report, deadline).await;
        }
        report
    }

    /// Lets CloudWatch know what the run has come to. A dry run has moved nothing.
    fn count(&self, request: &RunRequest, report: &RunReport, began: Timestamp) {
        if request.dry_run {
            return;
        }
        let now = SystemClock.now();
        let took = clock::elapsed(began, now);
        metrics::write(&self.metrics.of_run(report, took, now));
    }

    /// Lets people know of what the run has found, if it is over. The run stands, whatever becomes of that.
    async fn tell(&self, request: &RunRequest, report: &RunReport, deadline: Timestamp) {
        let goes_on = matches!(report.status, RunStatus::Continue | RunStatus::Held);
        if request.dry_run || goes_on {
            return;
        }
        let until = deadline.checked_sub(TIME_TO_ANSWER).unwrap_or(deadline);
        match self.watch.look_until(until).await {
            Ok(Some(_)) => {}
            Ok(None) => tracing::error!(
                "no time was left to tell people how the run ended; the next check does"
            ),
            Err(error) => tracing::error!(%error, "nobody was told how the run ended"),
        }
    }
}
