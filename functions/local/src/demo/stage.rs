//! What the demo plays on: the simulated Dynamics, an embedded store in a temporary folder, and the engine
//! and the intake of changes between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::Access;
use anyhow::{Context, ensure};
use changes::Changes;
use clock::{Clock, SystemClock};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, ClientSecret, Credential, InstanceUrl,
};
use dynamics_simulator::{Class, Running, Simulator, TruthRow};
use futures::TryStreamExt;
use local_store::LocalStore;
use serde_json::Value;
use streams::StreamFile;
use sync_engine::{Engine, RunReport, RunRequest, RunStatus};
use sync_store::{ChangeState, Record};
use tempfile::TempDir;

use crate::arguments::Population;
use crate::commands;
use crate::connections::{self, OpenStore};
use crate::host::Host;
use crate::keys_file::KeysFile;
use crate::progress::Bars;
use crate::summary;
use crate::telling::Telling;
use crate::words;

const STREAMS: &str = include_str!("streams.toml");
/// The simulated client secret has no end; the page would ask for one.
const SECRET_LASTS: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(super) struct Stage {
    pub(super) simulator: Simulator,
    pub(super) changes: Changes,
    pub(super) engine: Engine,
    pub(super) telling: Telling,
    config: ClientConfig,
    _dynamics: Running,
    _open: OpenStore,
    folder: TempDir,
}

impl Stage {
    pub(super) async fn build(population: &Population, telling: Telling) -> anyhow::Result<Self> {
        let simulator = Simulator::new(population.options(), Arc::new(SystemClock));
        let dynamics = simulator.start().await?;
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let storage = LocalStore::open(&folder.path().join("demo.db")).await?;
        let open = OpenStore::embedded(storage).await?;
        let streams = StreamFile::parse(STREAMS, "streams.toml")?;
        let config = accepted_by(&simulator, &dynamics)?;
        let changes = Changes::new(open.store.clone(), streams.clone(), Arc::new(SystemClock));
        Ok(Self {
            engine: connections::with_dynamics(config.clone(), streams, open.store.clone())?,
            telling,
            config,
            simulator,
            changes,
            _dynamics: dynamics,
            _open: open,
            folder,
        })
    }

    /// What answers calls over HTTP.
    pub(super) fn host(&self) -> Host {
        let keys = KeysFile::at(self.folder.path().join("keys.json"));
        let dynamics = Access::known(self.config.clone(), Arc::new(SystemClock));
        let (store, streams) = (&self.engine.store, &self.engine.streams);
        let watch = connections::watch_here(store, streams);
        Host::new(store, streams, &Arc::new(dynamics), watch, keys)
    }

    /// One run with its summary, and the copy compared with the truth.
    pub(super) async fn sync(&self) -> anyhow::Result<RunReport> {
        let began = Instant::now();
        let request = RunRequest::new(commands::sync::run_id());
        let bars = Bars::new(&self.engine, self.telling);
        let report = commands::sync::once(&self.engine, &request, &bars).await?;
        drop(bars);
        let seconds = began.elapsed().as_secs_f64();
        summary::print(&report, self.telling);
        let rows: u64 = report.streams.iter().map(|stream| stream.pulled).sum();
        let rows = words::count(rows, "row");
        anstream::println!(" {rows} in {seconds:.1} s.");
        ensure!(
            report.status == RunStatus::Complete,
            "the run is {}",
            report.status.name()
        );
        self.compare().await?;
        Ok(report)
    }

    async fn compare(&self) -> anyhow::Result<()> {
        for stream in &self.engine.streams.streams {
            let (file, now) = (&self.engine.streams, SystemClock.now());
            let verdict = oracle::judge(&self.simulator, &self.engine.store, file, stream, now);
            let verdict = verdict.await?;
            anstream::println!(" {}: {verdict}.", stream.name);
            ensure!(
                verdict.is_equal(),
                "the copy of stream `{}` is wrong",
                stream.name
            );
        }
        Ok(())
    }

    /// Records as the app reads them, by id.
    pub(super) async fn records(
        &self,
        stream: &str,
        ids: &[String],
    ) -> anyhow::Result<BTreeMap<String, Record>> {
        let mut found = BTreeMap::new();
        let mut records = std::pin::pin!(self.engine.store.records(stream));
        while let Some(record) = records.try_next().await? {
            if ids.contains(&record.id) {
                found.insert(record.id.clone(), record);
            }
        }
        Ok(found)
    }

    /// How many records the copy of a stream has.
    pub(super) async fn count(&self, stream: &str) -> anyhow::Result<usize> {
        let records = self.engine.store.records(stream);
        let count = records.try_fold(0, async |count, _| Ok(count + 1));
        Ok(count.await?)
    }

    /// A row as Dynamics has it.
    pub(super) fn row(&self, table: &str, id: &str) -> anyhow::Result<TruthRow> {
        let key = format!("{}id", table.trim_end_matches('s'));
        self.simulator
            .truth(table)?
            .find(|row| row.get(&key).and_then(Value::as_str) == Some(id))
            .with_context(|| format!("row {id} is gone from Dynamics"))
    }

    /// How often Dynamics was asked to write something.
    pub(super) fn writes(&self) -> u64 {
        let requests = self.simulator.requests();
        requests.of(Class::Write) + requests.of(Class::Batch)
    }

    pub(super) async fn ensure_state(&self, id: &str, state: ChangeState) -> anyhow::Result<()> {
        let change = self.changes.change(id).await?;
        ensure!(
            change.state == state,
            "change {id} is {} and not {}: {}",
            change.state.name(),
            state.name(),
            change.reason.as_deref().unwrap_or("no reason is given")
        );
        Ok(())
    }
}

/// Whether a record shows this value, as a person reads it.
pub(super) fn shows(record: &Record, field: &str, value: &str) -> bool {
    record.fields.get(field).map(words::value) == Some(value)
}

/// A configuration with the credentials that the simulator accepts.
fn accepted_by(simulator: &Simulator, dynamics: &Running) -> anyhow::Result<ClientConfig> {
    let credentials = simulator.credentials();
    let address = dynamics.base_url();
    let secret = ClientSecret::from(credentials.client_secret.clone());
    let end = clock::after(SystemClock.now(), SECRET_LASTS);
    Ok(ClientConfig {
        instance: InstanceUrl::parse(&address)?,
        tenant: credentials.tenant_id.to_string(),
        client_id: credentials.client_id.to_string(),
        credential: Credential::ClientSecret(secret.expiring(end)),
        authority: AuthorityHost::parse(&address)?,
        budget_share: BudgetShare::default(),
    })
}
