//! From the environment to something that runs: settings, stream file, AWS clients, Dynamics client.

use std::sync::Arc;

use clock::SystemClock;
use dynamics_client::{ClientConfig, DynamicsClient, HttpTransport, InstanceUrl};
use jiff::Timestamp;
use settings::{Environment, Problems, SyncSettings};
use streams::StreamFile;
use sync_engine::{Engine, Limits, RequestError, RunError, RunReport, RunRequest, RunStatus};
use sync_store::Store;
use thiserror::Error;
use tokio::sync::Mutex;

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
    settings: SyncSettings,
    streams: StreamFile,
    store: Store,
    secrets: aws_sdk_secretsmanager::Client,
    /// Made on first use.
    dynamics: Mutex<Option<Dynamics>>,
}

/// The client, kept with its token and with what it knows of budget and throttles.
struct Dynamics {
    client: DynamicsClient,
    tenant: String,
    client_id: String,
    instance: InstanceUrl,
    /// Whether the last run failed, so that the secret may be wrong, or corrected since.
    in_doubt: bool,
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
        let aws = aws_config::load_from_env().await;
        Ok(Self {
            store: Store::new(&aws, settings.tables.clone()),
            secrets: aws_sdk_secretsmanager::Client::new(&aws),
            settings,
            streams,
            dynamics: Mutex::new(None),
        })
    }

    /// One invocation of a run. Credentials that cannot be read are the run's to report, not a reason
    /// to run nothing.
    pub(crate) async fn run(
        &self,
        request: &RunRequest,
        deadline: Timestamp,
    ) -> Result<RunReport, RunError> {
        let mut kept = self.dynamics.lock().await;
        let sync = Engine {
            dynamics: self.client(&mut kept).await,
            store: self.store.clone(),
            streams: self.streams.clone(),
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
        };
        let report = sync.run(request, deadline, &|_| {}).await;
        if let (Some(kept), Ok(report)) = (&mut *kept, &report) {
            kept.in_doubt = report.status == RunStatus::Failed;
        }
        report
    }

    /// The client of this process. After a run that failed the secret is read again: with another
    /// credential the client goes on as it is, with another application or environment it is a new one.
    async fn client(&self, kept: &mut Option<Dynamics>) -> Result<DynamicsClient, String> {
        if let Some(kept) = kept
            && !kept.in_doubt
        {
            return Ok(kept.client.clone());
        }
        let config = self.settings.dynamics.resolve(&self.secrets).await;
        let config = config.map_err(|error| error.to_string())?;
        if let Some(kept) = kept
            && kept.tenant == config.tenant
            && kept.client_id == config.client_id
            && kept.instance == config.instance
        {
            kept.client.renew_credential(config.credential);
            return Ok(kept.client.clone());
        }
        let new = kept.insert(Dynamics::connect(config)?);
        Ok(new.client.clone())
    }
}

impl Dynamics {
    fn connect(config: ClientConfig) -> Result<Self, String> {
        let transport = HttpTransport::new().map_err(|error| error.to_string())?;
        let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), "jitter");
        Ok(Self {
            tenant: config.tenant.clone(),
            client_id: config.client_id.clone(),
            instance: config.instance.clone(),
            client: DynamicsClient::new(config, Arc::new(transport), Arc::new(SystemClock), seed),
            in_doubt: false,
        })
    }
}
