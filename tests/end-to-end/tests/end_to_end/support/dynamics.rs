//! A simulated Dynamics of the tests' size, with what must never get out of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use clock::{Clock, SystemClock};
use dynamics_simulator::{Options, Running, Simulator};
use serde_json::{Map, Value};
use streams::StreamFile;
use sync_store::Store;

/// The stream file of the tests.
pub(crate) const STREAMS: &str = include_str!("streams.toml");
/// How many contacts there are at first.
pub(crate) const CONTACTS: u64 = 300;
const CERTIFICATIONS: u64 = 60;

/// Texts of contacts that nothing but the copy may show.
const PERSONAL: [&str; 7] = [
    "lastname",
    "firstname",
    "fullname",
    "emailaddress1",
    "telephone1",
    "birthdate",
    "description",
];

/// A simulated Dynamics that answers on loopback.
pub(crate) struct Dynamics {
    pub(crate) simulator: Simulator,
    pub(crate) address: String,
    pub(crate) streams: StreamFile,
    _running: Running,
}

impl Dynamics {
    pub(crate) async fn start() -> Self {
        Self::with_pages_of(Options::default().page_size_max).await
    }

    /// Whose pages have no more rows than these.
    pub(crate) async fn with_pages_of(page_size_max: u32) -> Self {
        let options = Options {
            contacts: CONTACTS,
            certifications: CERTIFICATIONS,
            page_size_max,
            ..Options::default()
        };
        let simulator = Simulator::new(options, Arc::new(SystemClock));
        let running = simulator.start().await.unwrap();
        Self {
            simulator,
            address: running.base_url(),
            streams: StreamFile::parse(STREAMS, "streams.toml").unwrap(),
            _running: running,
        }
    }

    /// The four values that open it, and where its tokens come from, by the names of the settings.
    pub(crate) fn settings(&self) -> [(&'static str, String); 5] {
        let credentials = self.simulator.credentials();
        [
            ("DYNAMICS_TENANT_ID", credentials.tenant_id.clone()),
            ("DYNAMICS_CLIENT_ID", credentials.client_id.clone()),
            ("DYNAMICS_CLIENT_SECRET", credentials.client_secret.clone()),
            ("DYNAMICS_INSTANCE_URL", self.address.clone()),
            ("AZURE_AUTHORITY_HOST", self.address.clone()),
        ]
    }

    /// What the secret holds that opens it.
    pub(crate) fn secret(&self) -> Map<String, Value> {
        let settings = self.settings().into_iter();
        let secret = settings.filter(|(name, _)| name.starts_with("DYNAMICS_"));
        secret
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }

    /// The rows of a table that are active.
    pub(crate) fn active(&self, table: &str) -> Vec<Map<String, Value>> {
        let truth = self.simulator.truth(table).unwrap();
        truth
            .filter(|row| row.get("statecode") == Some(&Value::from(0)))
            .collect()
    }

    /// Fails unless the copy of every stream equals Dynamics.
    pub(crate) async fn assert_copied_to(&self, store: &Store) {
        for stream in &self.streams.streams {
            let now = SystemClock.now();
            let verdict = oracle::judge(&self.simulator, store, &self.streams, stream, now);
            let verdict = verdict.await.unwrap();
            assert!(verdict.is_equal(), "{}: {verdict}", stream.name);
            assert!(verdict.found > 0, "{}: nothing was compared", stream.name);
        }
    }

    /// Fails if a text shows the client secret, a token, or anything about a person.
    pub(crate) fn assert_nothing_leaks(&self, text: &str) {
        let secret = self.simulator.credentials().client_secret.clone();
        assert!(!text.contains(&secret), "the client secret is in: {text}");
        for token in ["Bearer", "access_token", "sim."] {
            assert!(!text.contains(token), "a token (`{token}`) is in: {text}");
        }
        let personal = self.personal();
        assert!(personal.len() > 100, "nothing to look for");
        for value in personal {
            assert!(!shows(text, &value), "{value:?} is in: {text}");
        }
    }

    fn personal(&self) -> BTreeSet<String> {
        let contacts = self.simulator.truth("contacts").unwrap();
        contacts
            .flat_map(|row| {
                PERSONAL.map(|column| row.get(column).and_then(Value::as_str).map(str::to_owned))
            })
            .flatten()
            .filter(|value| value.trim().chars().count() > 2)
            .collect()
    }
}

/// Whether `value` stands in `text` as words of its own: a short name may be part of one.
fn shows(text: &str, value: &str) -> bool {
    let is_outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(value).any(|(start, found)| {
        is_outside(text[..start].chars().next_back())
            && is_outside(text[start + found.len()..].chars().next())
    })
}
