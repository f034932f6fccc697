//! A simulated Dynamics, an empty store, exports over both, and calls to them.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use access::Access;
use bytes::Bytes;
use clock::{Clock, ManualClock, SystemClock};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, Credential, DynamicsClient, HttpTransport,
    InstanceUrl,
};
use dynamics_simulator::{Effect, Fault, Options, RetryAfter, Running, Simulator};
use exports::{ExportBody, Exports, Of, Source, Wanted};
use flate2::read::GzDecoder;
use futures::future::BoxFuture;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use jiff::Timestamp;
use local_store::LocalStore;
use serde_json::Value;
use streams::StreamFile;
use sync_engine::{Engine, Limits, RunRequest, RunStatus};
use sync_store::{Store, TableNames};
use web::{Caller, Scopes};

pub(crate) const FILE: &str = include_str!("streams.toml");

/// The end of a file that is not whole.
pub(crate) const INCOMPLETE: &str = "\r\n#INCOMPLETE\r\n";

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) store: Store,
    pub(crate) exports: Exports,
    access: Arc<Access>,
    config: ClientConfig,
    clock: ManualClock,
    _running: Running,
    engine: LocalStore,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The body ended in an error.
    pub(crate) broke_off: bool,
}

impl World {
    /// With 40 contacts and 20 certifications.
    pub(crate) async fn start() -> Self {
        Self::with(40, 5_000).await
    }

    pub(crate) async fn with(contacts: u64, page_size_max: u32) -> Self {
        let options = Options {
            contacts,
            certifications: 20,
            page_size_max,
            ..Options::default()
        };
        // Of the client: what it waits for takes no time. Everything else goes by the machine's.
        let clock = ManualClock::at(SystemClock.now());
        let simulator = Simulator::new(options, Arc::new(clock.clone()));
        let running = simulator.start().await.unwrap();
        let credentials = simulator.credentials();
        let config = ClientConfig {
            instance: InstanceUrl::parse(&running.base_url()).unwrap(),
            tenant: credentials.tenant_id.clone(),
            client_id: credentials.client_id.clone(),
            credential: Credential::ClientSecret(credentials.client_secret.clone().into()),
            authority: AuthorityHost::parse(&running.base_url()).unwrap(),
            budget_share: BudgetShare::default(),
        };
        let engine = LocalStore::in_memory().await.unwrap();
        let tables = TableNames {
            state: "state".into(),
            records: "records".into(),
            changes: "changes".into(),
        };
        let store = Store::new(engine.config(), tables);
        store.create_tables().await.unwrap();
        let access = Arc::new(Access::known(config.clone(), Arc::new(clock.clone())));
        let exports = exports(&store, &access, SystemClock);
        Self {
            simulator,
            store,
            exports,
            access,
            config,
            clock,
            _running: running,
            engine,
        }
    }

    /// The same exports where this table, `state` or `changes`, is another one, that does not exist.
    pub(crate) fn without(&self, table: &str) -> Exports {
        let name = |name| if name == table { "gone" } else { name };
        let tables = TableNames {
            state: name("state").into(),
            records: "records".into(),
            changes: name("changes").into(),
        };
        let store = Store::new(self.engine.config(), tables);
        exports(&store, &self.access, SystemClock)
    }

    /// The same exports by another clock.
    pub(crate) fn by(&self, clock: impl Clock) -> Exports {
        exports(&self.store, &self.access, clock)
    }

    /// The same exports with another access to Dynamics, by a clock on which nobody waits long.
    pub(crate) fn opened_by(&self, access: Access) -> Exports {
        exports(&self.store, &Arc::new(access), Hasty)
    }

    /// A run, that must succeed in reading the streams that are read.
    pub(crate) async fn sync(&self) {
        let transport = Arc::new(HttpTransport::new().unwrap());
        let clock = Arc::new(self.clock.clone());
        let client = DynamicsClient::new(self.config.clone(), transport, clock.clone(), 1);
        let engine = Engine {
            dynamics: Ok(client),
            store: self.store.clone(),
            streams: file(),
            clock,
            limits: Limits::default(),
        };
        let request = RunRequest {
            streams: vec!["members".into(), "certifications".into()],
            ..RunRequest::new("test")
        };
        let report = engine.run(&request, Timestamp::MAX, &|_| {}).await.unwrap();
        assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    }

    /// Nothing of Dynamics answers any more but with a 503.
    pub(crate) fn take_down(&self) {
        self.simulator.inject(Fault::next(outage()).times(u32::MAX));
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.get_with(address, &[]).await
    }

    pub(crate) async fn get_with(&self, address: &str, headers: &[(&str, &str)]) -> Answer {
        call(&self.exports, "export", "GET", address, headers).await
    }

    /// A file that is whole.
    pub(crate) async fn file(&self, address: &str) -> Answer {
        let answer = self.get(address).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.broke_off, "{}", answer.text());
        answer
    }
}

pub(crate) fn outage() -> Effect {
    Effect::Status {
        status: 503,
        code: String::new(),
        message: String::new(),
        retry_after: RetryAfter::default(),
        html: false,
    }
}

/// What a program asks for: the members, from Dynamics and nowhere else.
pub(crate) fn members() -> Wanted {
    Wanted {
        stream: "members".into(),
        of: Of::Rows {
            source: Source::Dynamics,
            since: None,
            fields: Vec::new(),
        },
        delimiter: None,
    }
}

/// A clock on which every wait takes a hundredth of its time.
struct Hasty;

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration / 100)
    }
}

fn exports(store: &Store, access: &Arc<Access>, clock: impl Clock) -> Exports {
    Exports::new(store.clone(), file(), Arc::clone(access), Arc::new(clock))
}

pub(crate) fn file() -> StreamFile {
    StreamFile::parse(FILE, "streams.toml").unwrap()
}

pub(crate) fn request(method: &str, address: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::new()).unwrap()
}

pub(crate) fn caller(scopes: &str) -> Caller {
    Caller {
        key: "office".into(),
        scopes: Scopes::parse(scopes),
    }
}

pub(crate) async fn call(
    exports: &Exports,
    scopes: &str,
    method: &str,
    address: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let request = request(method, address, headers);
    let response = exports.handle(&caller(scopes), request).await;
    let (parts, body) = response.into_parts();
    let (body, broke_off) = taken(body).await;
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
        broke_off,
    }
}

/// All that there is of a body, and whether it broke off.
pub(crate) async fn taken(mut body: ExportBody) -> (Vec<u8>, bool) {
    let (mut bytes, mut broke_off) = (Vec::new(), false);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend(frame.into_data().unwrap()),
            Err(_) => broke_off = true,
        }
    }
    (bytes, broke_off)
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the problem.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        problem["code"].as_str().unwrap().to_owned()
    }

    /// What can be unpacked of the body.
    pub(crate) fn unpacked(&self) -> (String, bool) {
        let mut text = Vec::new();
        let whole = GzDecoder::new(self.body.as_slice()).read_to_end(&mut text);
        (String::from_utf8(text).unwrap(), whole.is_ok())
    }

    pub(crate) fn rows(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        rows(&self.text())
    }
}

/// The rows of a `;` file by their first cell, each by the names of its columns, the defence undone.
pub(crate) fn rows(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let headings = raw_rows(text).remove(0).1;
    let row = |(id, cells): (String, Vec<String>)| {
        let cells = cells
            .iter()
            .map(|cell| csv_export::restore(cell).to_owned());
        (id, headings.iter().cloned().zip(cells).collect())
    };
    raw_rows(text).into_iter().skip(1).map(row).collect()
}

/// The rows of a `;` file, whole or not, headings first, each with its first cell.
pub(crate) fn raw_rows(text: &str) -> Vec<(String, Vec<String>)> {
    let text = text.strip_prefix('\u{feff}').expect("no byte order mark");
    let text = text.strip_suffix("#INCOMPLETE\r\n").unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .from_reader(text.as_bytes());
    let row = |record: csv::StringRecord| {
        let cells: Vec<String> = record.iter().map(ToOwned::to_owned).collect();
        (cells[0].clone(), cells)
    };
    reader
        .records()
        .map(|record| row(record.unwrap()))
        .collect()
}
