//! From what was typed and the environment to something that runs.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use alerts::Watch;
use anyhow::{Context, bail};
use aws_config::SdkConfig;
use clock::{Clock, SystemClock};
use dynamics_client::{ClientConfig, DynamicsClient, HttpTransport};
use local_store::LocalStore;
use settings::{AlertSettings, DynamicsSource, Problems, SettingsError, process_environment};
use streams::{Stream, StreamFile};
use sync_engine::{Engine, Limits};
use sync_store::{Store, TableNames};

use crate::arguments::Common;

/// The store, and the embedded engine behind it unless the tables are in AWS.
pub(crate) struct OpenStore {
    pub(crate) store: Store,
    _engine: Option<LocalStore>,
}

impl OpenStore {
    /// Opens what `--state` or `--aws` says.
    pub(crate) async fn open(common: &Common) -> anyhow::Result<Self> {
        if !common.aws {
            return Self::embedded(LocalStore::open(&common.state).await?).await;
        }
        let mut problems = Problems::default();
        let tables = settings::table_names(&process_environment, &mut problems);
        let tables = problems.into_result(tables)?;
        let store = Store::new(&aws::config().await, tables);
        Ok(Self {
            store,
            _engine: None,
        })
    }

    /// A store on an embedded engine, with its tables.
    pub(crate) async fn embedded(engine: LocalStore) -> anyhow::Result<Self> {
        let tables = TableNames {
            state: "state".to_owned(),
            records: "records".to_owned(),
            changes: "changes".to_owned(),
        };
        let store = Store::new(engine.config(), tables);
        store.create_tables().await?;
        Ok(Self {
            store,
            _engine: Some(engine),
        })
    }
}

/// Tells whoever sees this terminal how it stands: without topics messages go to the log.
pub(crate) fn watch_here(store: &Store, streams: &StreamFile) -> Watch {
    let (nobody, nowhere) = (AlertSettings::default(), SdkConfig::builder().build());
    let (store, streams) = (store.clone(), streams.clone());
    Watch::new(store, streams, nobody, &nowhere, Arc::new(SystemClock))
}

/// Tells how it stands those who should know. What was told is noted in the tables and not told again, so that
/// with the tables of a deployment it must go to the deployment's topics: else nobody there would hear of it.
pub(crate) async fn watch(
    common: &Common,
    store: &Store,
    streams: &StreamFile,
) -> anyhow::Result<Watch> {
    if !common.aws {
        return Ok(watch_here(store, streams));
    }
    let mut problems = Problems::default();
    let settings = settings::alert_settings(&process_environment, &mut problems);
    let settings = problems.into_result(Some(settings))?;
    if settings.operations_topic.is_none() || settings.coordinators_topic.is_none() {
        bail!(
            "with --aws alerts go where those of the deployment go: set SYNC_OPERATIONS_TOPIC_ARN and \
             SYNC_COORDINATORS_TOPIC_ARN as its functions have them"
        );
    }
    let aws = aws::config().await;
    let (store, streams) = (store.clone(), streams.clone());
    Ok(Watch::new(
        store,
        streams,
        settings,
        &aws,
        Arc::new(SystemClock),
    ))
}

/// The stream file that `--streams` or `SYNC_STREAMS` names.
pub(crate) fn stream_file(common: &Common) -> anyhow::Result<StreamFile> {
    let Some(path) = &common.streams else {
        bail!("which stream file? Give --streams FILE, or set SYNC_STREAMS");
    };
    Ok(StreamFile::read(path)?)
}

/// A stream of the file by its name.
pub(crate) fn stream<'a>(file: &'a StreamFile, name: &str) -> anyhow::Result<&'a Stream> {
    let names = || {
        let names: Vec<_> = file
            .streams
            .iter()
            .map(|stream| stream.name.as_str())
            .collect();
        names.join(", ")
    };
    file.stream(name)
        .with_context(|| format!("the stream file has no stream `{name}`; it has {}", names()))
}

/// The stream file and the access to Dynamics; what is wrong with both is said together.
pub(crate) async fn sources(common: &Common) -> anyhow::Result<(StreamFile, ClientConfig)> {
    match (stream_file(common), dynamics_config().await) {
        (Ok(streams), Ok(config)) => Ok((streams, config)),
        (Err(streams), Err(config)) => bail!("{streams}\n{config}"),
        (Err(error), Ok(_)) => Err(error),
        (Ok(_), Err(error)) => Err(error.into()),
    }
}

/// Everything a run works with.
pub(crate) fn with_dynamics(
    config: ClientConfig,
    streams: StreamFile,
    store: Store,
) -> anyhow::Result<Engine> {
    Ok(Engine {
        dynamics: Ok(client(config)?),
        store,
        streams,
        clock: Arc::new(SystemClock),
        limits: Limits::default(),
    })
}

/// A client of the environment.
pub(crate) fn client(config: ClientConfig) -> anyhow::Result<DynamicsClient> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let transport = Arc::new(HttpTransport::new()?);
    let seed = RandomState::new().hash_one("jitter");
    Ok(DynamicsClient::new(config, transport, clock, seed))
}

/// Whether no setting says anything about the access to Dynamics.
pub(crate) fn dynamics_is_unset() -> bool {
    DynamicsSource::is_unset(&process_environment)
}

/// The access to Dynamics, as the settings have it.
pub(crate) async fn dynamics_config() -> Result<ClientConfig, SettingsError> {
    let mut problems = Problems::default();
    let source = DynamicsSource::from_env(&process_environment, &mut problems);
    match problems.into_result(source)? {
        DynamicsSource::Values(config) => Ok(*config),
        secret @ DynamicsSource::Secret { .. } => {
            let aws = aws::config().await;
            secret.resolve(&settings::secrets_client(&aws)).await
        }
    }
}
