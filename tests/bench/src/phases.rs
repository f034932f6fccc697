//! What is measured: the two unavoidable parts of a pull apart, the pull, and what comes after it.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use clock::{Clock, SystemClock};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, Counters, Credential, DynamicsClient, HttpTransport,
    InstanceUrl, PageRequest, Query,
};
use dynamics_simulator::Simulator;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use streams::StreamFile;
use sync_engine::{Engine, Limits, Mode, RunRequest, RunStatus, StreamReport};
use sync_store::{Acquired, DynamicsRow, Fields, Hiding, Store, TableNames, Value};

use crate::servers;

pub(crate) const STREAMS: &str = r#"
time_zone = "Europe/Oslo"
[[stream]]
name  = "members"
table = "contacts"
[stream.fields]
email      = "emailaddress1"
first_name = "firstname"
last_name  = "lastname"
phone      = "telephone1"
postcode   = "address1_postalcode"
born       = "birthdate"
"#;

pub(crate) const COLUMNS: [&str; 9] = [
    "address1_postalcode",
    "birthdate",
    "contactid",
    "emailaddress1",
    "firstname",
    "lastname",
    "modifiedon",
    "telephone1",
    "versionnumber",
];

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Phase {
    /// Fetches the pages and throws them away.
    Fetch,
    /// Writes as many ready-made records.
    Write,
    /// The pull.
    Pull,
    /// The same rows again, in a new generation; none has changed.
    Again,
    /// What changed since: nothing.
    Further,
}

/// What a phase came to. The counts are a run's own.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// Rows read, or written where nothing is read.
    pub(crate) rows: u64,
    pub(crate) stored: u64,
    pub(crate) deleted: u64,
    /// Of the pull itself.
    pub(crate) requests: u64,
    /// For token, identity and metadata.
    pub(crate) preparing_requests: u64,
    /// How many invocations a run took, where they end after a minute.
    pub(crate) invocations: u64,
    pub(crate) peak_kilobytes: u64,
}

impl Phase {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Write => "write",
            Self::Pull => "pull",
            Self::Again => "again",
            Self::Further => "further",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Fetch => "(a) the same pages, thrown away",
            Self::Write => "(b) the same writes, ready-made",
            Self::Pull => "the pull",
            Self::Again => "all rows again, none changed",
            Self::Further => "a further run",
        }
    }
}

pub(crate) async fn measure(
    phase: Phase,
    rows: u64,
    dynamics: &str,
    endpoint: &str,
) -> anyhow::Result<Measured> {
    let client = client(dynamics)?;
    let store = store(endpoint);
    if matches!(phase, Phase::Write | Phase::Pull) {
        store.create_tables().await?;
    }
    let began = Instant::now();
    let mut measured = match phase {
        Phase::Fetch => fetch(&client).await?,
        Phase::Write => write(&store, rows).await?,
        Phase::Pull => run(client, store, Mode::Delta, "first").await?,
        Phase::Again => run(client, store, Mode::Full, "again").await?,
        Phase::Further => run(client, store, Mode::Delta, "further").await?,
    };
    measured.seconds = began.elapsed().as_secs_f64();
    measured.peak_kilobytes = peak_kilobytes()?;
    Ok(measured)
}

async fn fetch(client: &DynamicsClient) -> anyhow::Result<Measured> {
    let counters = Arc::new(Counters::default());
    let client = client.counting(counters.clone());
    let query = Query::new("contacts")
        .select(COLUMNS)
        .track_changes()
        .max_page_size(5_000);
    let pages = client.pages(PageRequest::Query(query));
    let rows = pages.try_fold(0, async |rows, page| Ok(rows + page.entries.len() as u64));
    Ok(Measured {
        rows: rows.await?,
        requests: counters.snapshot().pages,
        ..Measured::default()
    })
}

async fn write(store: &Store, rows: u64) -> anyhow::Result<Measured> {
    let now = SystemClock.now();
    let Acquired::Granted { lease, .. } = store.acquire("members", "bench", now).await? else {
        bail!("the empty store's lease is held");
    };
    let lease = &lease;
    let never_hidden = |_: &Fields, _| Hiding::default();
    let never_hidden = &never_hidden;
    let writes = stream::iter(0..rows).map(|number| async move {
        store
            .put_row(lease, &ready_made(number, rows, now), never_hidden, now)
            .await
    });
    let written = writes.buffer_unordered(Limits::default().writes);
    let stored = written.try_fold(0, async |count, _| Ok(count + 1)).await?;
    Ok(Measured {
        rows: stored,
        stored,
        ..Measured::default()
    })
}

fn ready_made(number: u64, rows: u64, now: Timestamp) -> DynamicsRow {
    let text = |text: &str| Value::Text(text.to_owned());
    let spread = u64::MAX / rows * number;
    let id = format!(
        "{:08x}-{:04x}-4000-8000-{number:012x}",
        spread >> 32,
        (spread >> 16) & 0xffff
    );
    let fields = Fields::from([
        ("email".into(), text("kari.nordmann@example.no")),
        ("first_name".into(), text("Kari")),
        ("last_name".into(), text("Nordmann")),
        ("phone".into(), text("+47 22 33 44 55")),
        ("postcode".into(), text("0150")),
        ("born".into(), text("1961-05-17")),
    ]);
    let modified_on = Some(now);
    DynamicsRow {
        id,
        generation: 1,
        version: 1,
        modified_on,
        fields,
        business_key: None,
        revives: false,
    }
}

async fn run(
    client: DynamicsClient,
    store: Store,
    mode: Mode,
    run_id: &str,
) -> anyhow::Result<Measured> {
    let streams = StreamFile::parse(STREAMS, "bench")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let engine = Engine {
        dynamics: Ok(client),
        store,
        streams,
        clock,
        limits: Limits::default(),
    };
    let request = RunRequest {
        mode,
        ..RunRequest::new(run_id)
    };
    let report = engine.run(&request, Timestamp::MAX, &|_| {}).await?;
    ensure!(report.status == RunStatus::Complete, "{report:?}");
    let sum = |count: fn(&StreamReport) -> u64| report.streams.iter().map(count).sum();
    Ok(Measured {
        rows: sum(|stream| stream.pulled),
        stored: sum(|stream| stream.stored),
        deleted: sum(|stream| stream.deleted),
        requests: sum(|stream| stream.requests),
        preparing_requests: report.preparing_requests,
        ..Measured::default()
    })
}

pub(crate) fn client(dynamics: &str) -> anyhow::Result<DynamicsClient> {
    let config = config(dynamics)?;
    let transport = Arc::new(HttpTransport::new()?);
    Ok(DynamicsClient::new(
        config,
        transport,
        Arc::new(SystemClock),
        1,
    ))
}

pub(crate) fn config(dynamics: &str) -> anyhow::Result<ClientConfig> {
    // The simulator's credentials follow from its seed; its rows would count as this process's memory.
    let twin = Simulator::new(servers::options(0), Arc::new(SystemClock));
    let credentials = twin.credentials();
    Ok(ClientConfig {
        instance: InstanceUrl::parse(dynamics)?,
        tenant: credentials.tenant_id.to_string(),
        client_id: credentials.client_id.to_string(),
        credential: Credential::ClientSecret(credentials.client_secret.clone().into()),
        authority: AuthorityHost::parse(dynamics)?,
        budget_share: BudgetShare::default(),
    })
}

pub(crate) fn store(endpoint: &str) -> Store {
    let tables = TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    };
    Store::new(local_store::config_for(endpoint), tables)
}

/// The most memory this process ever had, as Linux counts it.
pub(crate) fn peak_kilobytes() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let line = line.context("no VmHWM in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
