//! A whole world in one process: the simulator, an embedded DynamoDB, and processes that sync between
//! the two and may die.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use clock::{Clock, ManualClock};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, Credential, DynamicsClient, InstanceUrl,
};
use dynamics_simulator::{Class, Effect, Fault, Options, Running, Simulator};
use jiff::{SignedDuration, Timestamp};
use local_store::LocalStore;
use oracle::Verdict;
use streams::StreamFile;
use sync_engine::{Engine, Limits, RunReport, RunRequest, RunStatus, StreamReport};
use sync_store::{Cursor, Store, TableNames};

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
        let clock = ManualClock::at("2026-11-20T23:10:00Z".parse().unwrap());
        let simulator = Simulator::new(options, Arc::new(clock.clone()));
        let dynamics = simulator.start().await.unwrap();
        let engine = LocalStore::in_memory().await.unwrap();
        let store = Store::new(engine.config(), table_names());
        store.create_tables().await.unwrap();
        let streams = stream_file(streams);
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
        let throttle = self.throttle.clone();
        let aws = self
            .engine
            .config()
            .http_client(WiredAws::new(wire, throttle, self.nap.clone()));
        Engine {
            dynamics: Ok(client),
            store: Store::new(aws, table_names()),
            streams: self.streams.clone(),
            clock,
            limits: Limits::default(),
        }
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

    pub(crate) async fn judge(&self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for stream in &self.streams.streams {
            let zone = &self.streams.time_zone;
            verdicts.push(
                oracle::judge(&self.simulator, &self.store, stream, zone)
                    .await
                    .unwrap(),
            );
        }
        verdicts
    }

    pub(crate) async fn assert_copy_equals_truth(&self) {
        for (stream, verdict) in self.streams.streams.iter().zip(self.judge().await) {
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
    process
        .run(&RunRequest::new(run_id), deadline, &|_| {})
        .await
        .unwrap()
}

pub(crate) fn stream_of<'a>(report: &'a RunReport, name: &str) -> &'a StreamReport {
    report
        .streams
        .iter()
        .find(|stream| stream.name == name)
        .unwrap()
}

pub(crate) fn stream_file(streams: &[&str]) -> StreamFile {
    let text = format!("time_zone = \"Europe/Oslo\"\n{}", streams.concat());
    StreamFile::parse(&text, "streams.toml").unwrap()
}

fn table_names() -> TableNames {
    TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    }
}
