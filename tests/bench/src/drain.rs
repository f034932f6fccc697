//! How fast waiting changes go to Dynamics, against the client alone with the same rows: creates at the rate
//! of bulk actions, versioned updates at that of batches.
//!
//! They are handed in, pushed and confirmed in processes of their own, and pushed in invocations of a minute,
//! as on Lambda.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use clock::{Clock, SystemClock};
use dynamics_client::{Change, Counters, DynamicsClient, ETag, IfMatch, Record, RowKey};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use streams::StreamFile;
use sync_engine::{Engine, Limits, RunRequest, RunStatus};
use sync_store::{ChangeKey, Fields, Hiding, NewChange, Operation, Origin, Store, Value, Wanted};
use uuid::Uuid;

use crate::phases::{Measured, client, store};

const STREAMS: &str = r#"
time_zone = "Europe/Oslo"
[[stream]]
name      = "members"
table     = "contacts"
direction = "both"
conflict  = "hold"
[stream.fields]
email      = "emailaddress1"
first_name = "firstname"
last_name  = "lastname"
phone      = "telephone1"
"#;

/// How long an invocation of a run may take.
const INVOCATION: SignedDuration = SignedDuration::from_secs(60);
/// Changes handed in side by side.
const AT_ONCE: usize = 16;
/// Rows in memory of the client that writes alone.
const CHUNK: usize = 1_000;

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
pub(crate) enum Drain {
    /// The client alone creates the rows.
    ClientCreates,
    /// The client alone updates them, each under its version.
    ClientUpdates,
    /// The app hands in as many creates.
    HandInCreates,
    /// They are pushed.
    PushCreates,
    /// The app hands in an update of each.
    HandInUpdates,
    /// They are pushed.
    PushUpdates,
}

impl Drain {
    pub(crate) const ALL: [Self; 6] = [
        Self::ClientCreates,
        Self::ClientUpdates,
        Self::HandInCreates,
        Self::PushCreates,
        Self::HandInUpdates,
        Self::PushUpdates,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::ClientCreates => "the client alone creates",
            Self::ClientUpdates => "the client alone updates",
            Self::HandInCreates => "creates are handed in",
            Self::PushCreates => "creates are pushed",
            Self::HandInUpdates => "updates are handed in",
            Self::PushUpdates => "updates are pushed",
        }
    }

    pub(crate) async fn measure(
        self,
        changes: u64,
        dynamics: &str,
        endpoint: &str,
    ) -> anyhow::Result<Measured> {
        let client = client(dynamics)?;
        let store = store(endpoint);
        match self {
            Self::ClientCreates => client_creates(&client, changes).await,
            Self::ClientUpdates => client_updates(&client, changes).await,
            Self::HandInCreates => {
                store.create_tables().await?;
                hand_in(&store, changes, Operation::Create).await
            }
            Self::HandInUpdates => hand_in(&store, changes, Operation::Update).await,
            Self::PushCreates | Self::PushUpdates => push(client, store).await,
        }
    }
}

/// Rows of the app have these ids; those of the client alone others.
fn id(number: u64, by: &str) -> Uuid {
    let name = format!("{by} {number}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

fn record(number: u64) -> Record {
    Record::new()
        .text("firstname", "Kari")
        .text("lastname", "Nordmann")
        .text("emailaddress1", &format!("kari.{number}@example.no"))
}

fn chunks(changes: u64) -> impl Iterator<Item = Vec<u64>> {
    let chunk = CHUNK as u64;
    (0..changes.div_ceil(chunk)).map(move |n| (n * chunk..((n + 1) * chunk).min(changes)).collect())
}

async fn client_creates(client: &DynamicsClient, changes: u64) -> anyhow::Result<Measured> {
    let counters = Arc::new(Counters::default());
    let client = client.counting(counters.clone());
    let table = client.table("contacts", &[]).await?;
    for numbers in chunks(changes) {
        let records = numbers.iter().map(|n| record(*n).id(id(*n, "client")));
        let records: Vec<_> = records.collect();
        for written in client.create_multiple(&table, &records).await {
            written?;
        }
    }
    Ok(measured(changes, counters.snapshot().writes))
}

async fn client_updates(client: &DynamicsClient, changes: u64) -> anyhow::Result<Measured> {
    let counters = Arc::new(Counters::default());
    let client = client.counting(counters.clone());
    let table = client.table("contacts", &[]).await?;
    let update = Record::new().text("telephone1", "+47 22 33 44 55");
    // The versions of a fresh simulator's rows, in the order in which they were created: read, as the pull
    // of a run does.
    let query = dynamics_client::Query::new("contacts").select(["contactid", "versionnumber"]);
    let pages = client.pages(query.max_page_size(5_000).into());
    let rows: Vec<(RowKey, IfMatch)> = pages
        .map_ok(|page| {
            let rows = page.entries.into_iter().filter_map(|entry| match entry {
                dynamics_client::Entry::Row(row) => {
                    let tag = ETag::parse(&format!("W/\"{}\"", row.version()?))?;
                    Some((RowKey::Id(row.guid("contactid")?), IfMatch::ETag(tag)))
                }
                dynamics_client::Entry::Deleted(_) => None,
            });
            stream::iter(rows.collect::<Vec<_>>()).map(anyhow::Ok)
        })
        .map_err(anyhow::Error::from)
        .try_flatten()
        .try_collect()
        .await?;
    let before = counters.snapshot().writes;
    for rows in rows.chunks(CHUNK) {
        let writes: Vec<_> = rows
            .iter()
            .map(|(key, if_match)| Change::update(&table, key, &update, if_match))
            .collect();
        for written in client.batch(&writes).await {
            written?;
        }
    }
    Ok(measured(changes, counters.snapshot().writes - before))
}

async fn hand_in(store: &Store, changes: u64, operation: Operation) -> anyhow::Result<Measured> {
    let now = SystemClock.now();
    let never = |_: &Fields, _| Hiding::default();
    let handed_in = stream::iter(0..changes).map(|number| async move {
        let change = change(number, operation, now);
        store.accept(&change, None, &never, true).await
    });
    let handed_in = handed_in.buffered(AT_ONCE);
    let count = handed_in
        .try_fold(0, async |count, _| Ok(count + 1))
        .await?;
    Ok(measured(count, 0))
}

fn change(number: u64, operation: Operation, now: Timestamp) -> NewChange {
    let text = |text: String| Wanted::Value(Value::Text(text));
    let fields = match operation {
        Operation::Create => BTreeMap::from([
            ("first_name".to_owned(), text("Kari".to_owned())),
            ("last_name".to_owned(), text("Nordmann".to_owned())),
            (
                "email".to_owned(),
                text(format!("kari.{number}@example.no")),
            ),
        ]),
        _ => BTreeMap::from([("phone".to_owned(), text("+47 22 33 44 55".to_owned()))]),
    };
    NewChange {
        id: id(number, operation.name()).to_string(),
        stream: "members".to_owned(),
        operation,
        key: ChangeKey::Id(id(number, "app").to_string()),
        fields,
        base_version: None,
        changed_at: now,
        accepted_at: now,
        origin: Origin::App {
            key: "app".to_owned(),
        },
        digest: String::new(),
    }
}

/// As many invocations of a run as it takes.
async fn push(client: DynamicsClient, store: Store) -> anyhow::Result<Measured> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let engine = Engine {
        dynamics: Ok(client),
        store,
        streams: StreamFile::parse(STREAMS, "bench")?,
        clock,
        limits: Limits::default(),
    };
    let request = RunRequest::new(format!("push-{}", SystemClock.now().as_second()));
    let mut total = measured(0, 0);
    loop {
        let deadline = SystemClock.now() + INVOCATION;
        let report = engine.run(&request, deadline, &|_| {}).await?;
        let stream = report.streams.first().context("no stream")?;
        total.rows += stream.pushed;
        total.requests += stream.push_requests;
        total.invocations += 1;
        match report.status {
            RunStatus::Complete => break,
            RunStatus::Continue => ensure!(total.invocations < 60, "no end: {report:?}"),
            _ => anyhow::bail!("{report:?}"),
        }
    }
    Ok(total)
}

fn measured(rows: u64, requests: u64) -> Measured {
    Measured {
        rows,
        requests,
        ..Measured::default()
    }
}
