//! A whole world in one process: the simulator, an embedded DynamoDB, and processes that sync between
//! the two and may die.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use clock::{Clock, ManualClock};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, Credential, DynamicsClient, InstanceUrl,
};
use dynamics_simulator::{Class, Effect, Fault, Options, Running, Simulator};
use futures::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use local_store::LocalStore;
use oracle::Verdict;
use streams::StreamFile;
use sync_engine::{Engine, Limits, Mode, RunReport, RunRequest, RunStatus, StreamReport};
use sync_store::{Cursor, Position, Store, TableNames};

use crate::wire::{Cut, Nap, Throttle, Wire, WiredAws, WiredTransport};

pub(crate) const MEMBERS: &str = r#"
[[stream]]
name  = "members"
table = "contacts"
where = { statecode = 0 }
[stream.fields]
email      = "emailaddress1"
first_name = "firstname"
last_name  = "lastname"
born       = "birthdate"
credit     = "creditlimit"
"#;

pub(crate) const CERTIFICATIONS: &str = r#"
[[stream]]
name  = "certifications"
table = "hlf_certifications"
key   = ["hlf_mentorcode"]
[stream.fields]
mentor_code = "hlf_mentorcode"
mentor      = { column = "hlf_contactid", lookup = "contacts" }
status      = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
valid_to    = { column = "hlf_validto", type = "date" }
visible     = "hlf_portalvisible"
comment     = "hlf_comment"
fee         = "hlf_fee"
exam        = "hlf_examon"
created     = "createdon"
synced_day  = { column = "hlf_lastsyncedon", type = "date" }
"#;

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) dynamics: Running,
    pub(crate) engine: LocalStore,
    pub(crate) clock: ManualClock,
    pub(crate) streams: StreamFile,
    pub(crate) store: Store,
    /// Of the processes that are started from now on.
    pub(crate) throttle: Throttle,
    pub(crate) nap: Nap,
}

/// Sizes that make several pages of few rows.
pub(crate) fn small() -> Options {
    Options {
        contacts: 60,
        certifications: 24,
        page_size_max: 20,
        ..Options::default()
    }
}

impl World {
    pub(crate) async fn of(options: Options, streams: &[&str]) -> Self {
        Self::with(options, stream_file(streams)).await
    }

    /// A world with a whole stream file.
    pub(crate) async fn with(options: Options, streams: StreamFile) -> Self {
        let clock = ManualClock::at("2026-11-20T23:10:00Z".parse().unwrap());
        let simulator = Simulator::new(options, Arc::new(clock.clone()));
        let dynamics = simulator.start().await.unwrap();
        let (engine, store) = empty_store().await;
        Self {
            simulator,
            dynamics,
            engine,
            clock,
            streams,
            store,
            throttle: Throttle::default(),
            nap: Nap::default(),
        }
    }

    /// Everything in the tables is gone.
    pub(crate) async fn empty_store(&mut self) {
        (self.engine, self.store) = empty_store().await;
    }

    pub(crate) fn config(&self) -> ClientConfig {
        let credentials = self.simulator.credentials();
        let address = self.dynamics.base_url();
        ClientConfig {
            instance: InstanceUrl::parse(&address).unwrap(),
            tenant: credentials.tenant_id.to_string(),
            client_id: credentials.client_id.to_string(),
            credential: Credential::ClientSecret(credentials.client_secret.clone().into()),
            authority: AuthorityHost::parse(&address).unwrap(),
            budget_share: BudgetShare::new(1.0).unwrap(),
        }
    }

    /// A process that has just started.
    pub(crate) fn process(&self) -> Engine {
        self.process_on(Wire::new(Cut::Never), self.config(), |_| {})
    }

    /// A process on a wire; `after_each` is called with the number of answers from Dynamics so far.
    pub(crate) fn process_on(
        &self,
        wire: Wire,
        config: ClientConfig,
        after_each: impl Fn(u64) + Send + Sync + 'static,
    ) -> Engine {
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let transport = Arc::new(WiredTransport::new(wire.clone(), after_each));
        let client = DynamicsClient::new(config, transport, clock.clone(), 7);
        Engine {
            dynamics: Ok(client),
            store: self.store_on(wire),
            streams: self.streams.clone(),
            clock,
            limits: Limits::default(),
        }
    }

    /// The tables, on a wire.
    pub(crate) fn store_on(&self, wire: Wire) -> Store {
        let (throttle, nap) = (self.throttle.clone(), self.nap.clone());
        let aws = WiredAws::new(wire, throttle, nap);
        Store::new(self.engine.config().http_client(aws), table_names())
    }

    /// One invocation by a fresh process, without a deadline.
    pub(crate) async fn run(&self, run_id: &str) -> RunReport {
        invoke(&self.process(), run_id, Timestamp::MAX).await
    }

    /// One invocation that must leave every stream up to date.
    pub(crate) async fn complete(&self, run_id: &str) -> RunReport {
        let report = self.run(run_id).await;
        assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
        report
    }

    /// One invocation by a fresh process, without a deadline, in a mode of its own, that must leave every
    /// stream up to date.
    pub(crate) async fn complete_as(&self, run_id: &str, mode: Mode) -> RunReport {
        let report = invoke_as(&self.process(), run_id, mode, Timestamp::MAX).await;
        assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
        report
    }

    /// Invocations in which each answer of Dynamics takes ten seconds and time runs out after a page or
    /// two, until the stream stands where `wanted` says.
    pub(crate) async fn stop_where(
        &self,
        stream: &str,
        (run_id, mode): (&str, Mode),
        wanted: impl Fn(&Position) -> bool,
    ) {
        for _ in 0..30 {
            let clock = self.clock.clone();
            let slow = move |_| clock.advance(Duration::from_secs(10));
            let process = self.process_on(Wire::new(Cut::Never), self.config(), slow);
            let report = invoke_as(&process, run_id, mode, self.in_seconds(75)).await;
            assert_eq!(report.status, RunStatus::Continue, "{report:#?}");
            if wanted(&self.cursor(stream).await.unwrap().position) {
                return;
            }
        }
        panic!("it was never there: {:?}", self.cursor(stream).await);
    }

    /// The copy holds what the application user may see, and nothing else.
    pub(crate) async fn assert_copy_equals_what_is_visible(&self) {
        for (stream, verdict) in self.streams.streams.iter().zip(self.judge().await) {
            let key = format!("{}id", stream.table.trim_end_matches('s'));
            let truth = self.simulator.truth(&stream.table).unwrap().visible();
            let visible: BTreeSet<String> = truth
                .map(|row| row[key.as_str()].as_str().unwrap().to_owned())
                .collect();
            let is_visible = |id: &&String| visible.contains(*id);
            assert_eq!(verdict.missing.iter().find(is_visible), None, "{verdict}");
            let records = self.store.records(&stream.name);
            let records: Vec<_> = records.try_collect().await.unwrap();
            let out_of_sight = records.iter().find(|record| !is_visible(&&record.id));
            assert_eq!(out_of_sight.map(|record| &record.id), None, "{verdict}");
            let wrong = (&verdict.unexpected, &verdict.different);
            assert_eq!(wrong, (&Vec::new(), &Vec::new()), "{verdict}");
            assert!(verdict.found > 0, "an empty copy proves nothing");
        }
    }

    pub(crate) async fn judge(&self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for stream in &self.streams.streams {
            let now = self.clock.now();
            let verdict = oracle::judge(&self.simulator, &self.store, &self.streams, stream, now);
            verdicts.push(verdict.await.unwrap());
        }
        verdicts
    }

    pub(crate) async fn assert_copy_equals_truth(&self) {
        for (stream, verdict) in self.streams.streams.iter().zip(self.judge().await) {
            if !stream.direction.pulls() {
                assert_eq!(verdict.found, 0, "{}: nothing reads it", stream.name);
                continue;
            }
            assert!(verdict.is_equal(), "{}: {verdict}", stream.name);
            assert!(
                verdict.found > 0,
                "{}: an empty copy proves nothing",
                stream.name
            );
        }
    }

    pub(crate) async fn cursor(&self, stream: &str) -> Option<Cursor> {
        self.store.cursor(stream).await.unwrap()
    }

    /// The stream's item of the state table is lost.
    pub(crate) async fn forget_cursor(&self, stream: &str) {
        let key = |text: String| AttributeValue::S(text);
        Client::from_conf(self.engine.config().build())
            .delete_item()
            .table_name("state")
            .key("pk", key(format!("stream#{stream}")))
            .key("sk", key("cursor".into()))
            .send()
            .await
            .unwrap();
    }

    /// Orders a fault for reads of a table, once, after `skip` of them.
    pub(crate) fn fault_on(&self, entity_set: &str, skip: u32, effect: Effect) {
        self.simulator
            .inject(Fault::on(Class::Read, effect).table(entity_set).after(skip));
    }

    pub(crate) fn in_seconds(&self, seconds: i64) -> Timestamp {
        self.clock.now() + SignedDuration::from_secs(seconds)
    }

    /// A day passes.
    pub(crate) fn next_night(&self) {
        self.clock.advance(Duration::from_secs(24 * 60 * 60));
    }
}

pub(crate) async fn invoke(process: &Engine, run_id: &str, deadline: Timestamp) -> RunReport {
    invoke_as(process, run_id, Mode::Delta, deadline).await
}

pub(crate) async fn invoke_as(
    process: &Engine,
    run_id: &str,
    mode: Mode,
    deadline: Timestamp,
) -> RunReport {
    let request = RunRequest {
        mode,
        ..RunRequest::new(run_id)
    };
    process.run(&request, deadline, &|_| {}).await.unwrap()
}

pub(crate) fn stream_of<'a>(report: &'a RunReport, name: &str) -> &'a StreamReport {
    report
        .streams
        .iter()
        .find(|stream| stream.name == name)
        .unwrap()
}

/// Figures and seeds that whoever runs the tests should see.
#[expect(clippy::print_stdout, reason = "a test's output")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

pub(crate) fn stream_file(streams: &[&str]) -> StreamFile {
    let text = format!("time_zone = \"Europe/Oslo\"\n{}", streams.concat());
    StreamFile::parse(&text, "streams.toml").unwrap()
}

async fn empty_store() -> (LocalStore, Store) {
    let engine = LocalStore::in_memory().await.unwrap();
    let store = Store::new(engine.config(), table_names());
    store.create_tables().await.unwrap();
    (engine, store)
}

fn table_names() -> TableNames {
    TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    }
}
