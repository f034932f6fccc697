//! A store in some state, and calls to what shows it.

use std::sync::{Arc, Mutex};

use access::Access;
use alerts::Watch;
use bytes::Bytes;
use changes::Changes;
use clock::{Clock, SystemClock};
use dynamics_client::{AuthorityHost, BudgetShare, ClientConfig, Credential, InstanceUrl};
use dynamics_simulator::{Options, Running, Simulator};
use futures::future::BoxFuture;
use health::{Health, NotStarted, Parts, StartRun, Started};
use http::{HeaderMap, Request};
use local_store::LocalStore;
use serde_json::Value;
use settings::AlertSettings;
use streams::{Language, StreamFile};
use sync_engine::RunRequest;
use sync_store::{Store, TableNames};
use web::{Base, Caller, Scopes};

use crate::states::{State, file};

/// How it stands, and who shows it.
pub(crate) struct World {
    pub(crate) health: Health,
    pub(crate) store: Store,
    pub(crate) runs: Arc<Runs>,
    pub(crate) engine: LocalStore,
    pub(crate) simulator: Simulator,
    access: Arc<Access>,
    _running: Running,
}

/// Notes which runs were asked for, in place of a host that starts them.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    pub(crate) asked: Mutex<Vec<RunRequest>>,
}

impl StartRun for Runs {
    fn start(&self, request: RunRequest) -> BoxFuture<'_, Result<Started, NotStarted>> {
        let run_id = request.run_id.clone();
        self.asked.lock().unwrap().push(request);
        Box::pin(async { Ok(Started::Run(run_id)) })
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl World {
    pub(crate) async fn of(state: State, language: Language) -> Self {
        let engine = LocalStore::in_memory().await.unwrap();
        let store = Store::new(engine.config(), tables());
        store.create_tables().await.unwrap();
        let file = file(language);
        let clock = Arc::new(SystemClock);
        let changes = Changes::new(store.clone(), file.clone(), clock.clone());
        state.fill(&store, &changes, clock.now()).await;
        let runs = Arc::new(Runs::default());
        let simulator = Simulator::new(Options::default(), clock.clone());
        let running = simulator.start().await.unwrap();
        let access = Arc::new(Access::known(
            config(&simulator, &running.base_url()),
            clock.clone(),
        ));
        let health = made(&store, file, &runs, &access);
        Self {
            health,
            store,
            runs,
            engine,
            simulator,
            access,
            _running: running,
        }
    }

    /// The same on another store.
    pub(crate) fn with_store(&self, store: Store, language: Language) -> Health {
        made(&store, file(language), &self.runs, &self.access)
    }

    /// The same with a Dynamics at this address that may be anything.
    pub(crate) fn with_dynamics(&self, url: &str) -> Health {
        let access = Access::known(config(&self.simulator, url), Arc::new(SystemClock));
        made(
            &self.store,
            file(Language::En),
            &self.runs,
            &Arc::new(access),
        )
    }

    /// A call with every scope.
    pub(crate) async fn call(&self, call: &str) -> Answer {
        self.call_as("read run export changes", call, &[], "").await
    }

    pub(crate) async fn call_as(
        &self,
        scopes: &str,
        call: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        answer(&self.health, scopes, call, headers, body).await
    }
}

fn made(store: &Store, file: StreamFile, runs: &Arc<Runs>, access: &Arc<Access>) -> Health {
    let clock = Arc::new(SystemClock);
    let settings = AlertSettings::default();
    let sns = aws_sdk_sns::config::Builder::new();
    let watch = Watch::new(store.clone(), file.clone(), settings, sns, clock.clone());
    Health::new(Parts {
        store: store.clone(),
        streams: file,
        runs: Arc::clone(runs) as Arc<dyn StartRun>,
        watch,
        access: Arc::clone(access),
        clock,
    })
}

/// A call, behind a gateway whose stage is `/test`.
pub(crate) async fn answer(
    health: &Health,
    scopes: &str,
    call: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let caller = Caller {
        key: "office".into(),
        scopes: Scopes::parse(scopes),
    };
    let (method, address) = call.split_once(' ').unwrap();
    let mut request = Request::builder()
        .method(method)
        .uri(address)
        .extension(Base::of("/test/", "/"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Bytes::copy_from_slice(body.as_bytes());
    let response = health.handle(&caller, request.body(body).unwrap()).await;
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: String::from_utf8(response.body().to_vec()).unwrap(),
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }
}

fn config(simulator: &Simulator, url: &str) -> ClientConfig {
    let known = simulator.credentials();
    ClientConfig {
        instance: InstanceUrl::parse(url).unwrap(),
        tenant: known.tenant_id.clone(),
        client_id: known.client_id.clone(),
        credential: Credential::ClientSecret(known.client_secret.as_str().into()),
        authority: AuthorityHost::parse(url).unwrap(),
        budget_share: BudgetShare::default(),
    }
}

pub(crate) fn tables() -> TableNames {
    TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    }
}
