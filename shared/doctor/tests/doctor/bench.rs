//! A simulated environment in which everything is as it must be, until a test spoils it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clock::{Clock, ManualClock};
use doctor::{Access, Aws, Outcome, Patient, Report, examine};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, ClientSecret, Credential, DynamicsClient,
    HttpTransport, InstanceUrl,
};
use dynamics_simulator::{Depth, Options, Running, Simulator};
use jiff::{SignedDuration, Timestamp};
use settings::CredentialExpiry;
use streams::StreamFile;

/// A stream that is read and one that is synced both ways.
pub(crate) const STREAMS: &str = r#"
time_zone = "Europe/Oslo"
language  = "en"

[[stream]]
name      = "members"
table     = "contacts"
where     = { statecode = 0 }
fields    = { email = "emailaddress1", first_name = "firstname", born = "birthdate" }

[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
key       = ["hlf_mentorcode"]
[stream.fields]
mentor_code = "hlf_mentorcode"
mentor      = { column = "hlf_contactid", lookup = "contacts" }
status      = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
valid_to    = { column = "hlf_validto", type = "date" }
comment     = "hlf_comment"
last_synced = { column = "hlf_lastsyncedon", stamp = true }
"#;

/// What the two streams need, and no more.
const NEEDED: [(&str, &[&str]); 2] = [
    ("contacts", &["Read", "AppendTo"]),
    ("hlf_certifications", &["Read", "Write", "Create", "Append"]),
];
/// An environment without apps and activities: the application user could read those, too.
const APPS: [&str; 5] = ["leads", "opportunities", "incidents", "tasks", "phonecalls"];
const KINDS: [&str; 8] = [
    "Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share",
];

pub(crate) struct Bench {
    pub(crate) simulator: Simulator,
    /// This machine's clock; the simulator's begins with it and is moved by `advance`.
    pub(crate) clock: ManualClock,
    pub(crate) config: ClientConfig,
    pub(crate) streams: Result<String, String>,
    pub(crate) settings: Result<(), String>,
    pub(crate) forbidden: Vec<String>,
    pub(crate) aws: Option<Aws>,
    pub(crate) running: Running,
}

impl Bench {
    /// Everything is as it must be.
    pub(crate) async fn healthy() -> Self {
        let clock = ManualClock::at("2026-11-20T02:00:00Z".parse().unwrap());
        let options = Options {
            contacts: 20,
            certifications: 20,
            accounts: 5,
            ..Options::default()
        };
        let simulator = Simulator::new(options, Arc::new(clock.clone()));
        let running = simulator.start().await.unwrap();
        simulator.switch(|switches| {
            switches.forbidden.insert("accounts".into());
            switches.absent.extend(APPS.map(str::to_owned));
            for (table, needed) in NEEDED {
                let depth = |kind: &str| needed.contains(&kind).then_some(Depth::Global);
                let kinds = KINDS.map(|kind| (kind.to_owned(), depth(kind)));
                switches
                    .privileges
                    .insert(table.into(), BTreeMap::from(kinds));
            }
        });
        let (url, known) = (running.base_url(), simulator.credentials());
        let secret = ClientSecret::from(known.client_secret.as_str());
        let in_a_year = clock.now() + SignedDuration::from_hours(24 * 365);
        let config = ClientConfig {
            instance: InstanceUrl::parse(&url).unwrap(),
            tenant: known.tenant_id.clone(),
            client_id: known.client_id.clone(),
            credential: Credential::ClientSecret(secret.expiring(in_a_year)),
            authority: AuthorityHost::parse(&url).unwrap(),
            budget_share: BudgetShare::default(),
        };
        Self {
            simulator,
            clock,
            config,
            streams: Ok(STREAMS.to_owned()),
            settings: Ok(()),
            forbidden: Vec::new(),
            aws: None,
            running,
        }
    }

    /// With this in place of that in the stream file.
    pub(crate) async fn with(this: &str, that: &str) -> Self {
        let mut bench = Self::healthy().await;
        assert!(STREAMS.contains(that), "{that}");
        bench.streams = Ok(STREAMS.replace(that, this));
        bench
    }

    pub(crate) fn secret_expires(&mut self, at: Option<&str>) {
        let secret = ClientSecret::from(self.simulator.credentials().client_secret.as_str());
        let at: Option<Timestamp> = at.map(|at| at.parse().unwrap());
        let secret = match at {
            Some(at) => secret.expiring(at),
            None => secret,
        };
        self.config.credential = Credential::ClientSecret(secret);
    }

    /// The application user has these privileges on a table no more.
    pub(crate) fn lacks(&self, table: &str, kinds: &[&str]) {
        self.grant(table, kinds, None);
    }

    /// The application user's privileges on a table reach so far.
    pub(crate) fn grant(&self, table: &str, kinds: &[&str], depth: Option<Depth>) {
        self.simulator.switch(|switches| {
            let held = switches.privileges.entry(table.into()).or_default();
            held.extend(kinds.iter().map(|kind| ((*kind).to_owned(), depth)));
        });
    }

    pub(crate) async fn examine(&self) -> Report {
        let file = self.streams.as_deref().map(|text| {
            let parsed = StreamFile::parse(text, "streams.toml");
            parsed.unwrap_or_else(|error| panic!("{error}"))
        });
        let transport = Arc::new(HttpTransport::new().unwrap());
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let access = Access {
            client: DynamicsClient::new(self.config.clone(), transport, clock, 7),
            instance: self.config.instance.clone(),
            tenant: self.config.tenant.clone(),
            credential: CredentialExpiry::of(&self.config.credential),
        };
        let patient = Patient {
            access: self.settings.clone().map(|()| access),
            streams: file.as_ref().map_err(|error| (*error).to_owned()),
            forbidden: &self.forbidden,
            aws: self.aws.clone().map(Ok),
        };
        examine(&patient, &self.clock, &|_| {}).await
    }

    /// What the doctor finds: one line for everything that is not as it must be, and no more than that.
    pub(crate) async fn findings(&self) -> String {
        let report = self.examine().await;
        let mut lines = Vec::new();
        for check in &report.checks {
            let name = match &check.of {
                Some(of) => format!("{} of {of}", check.check),
                None => check.check.to_owned(),
            };
            for finding in &check.findings {
                let severity = format!("{:?}", finding.severity).to_lowercase();
                lines.push(format!("{severity}: {name}: {finding}"));
            }
        }
        let skipped = report
            .checks
            .iter()
            .filter_map(|check| match check.outcome {
                Outcome::Skipped(because) => Some(because),
                _ => None,
            });
        let skipped: BTreeSet<&str> = skipped.collect();
        lines.extend(
            skipped
                .iter()
                .map(|check| format!("skipped because of: {check}")),
        );
        self.scrubbed(&lines.join("\n"))
    }

    /// Without what differs from one run to the next.
    pub(crate) fn scrubbed(&self, text: &str) -> String {
        let known = self.simulator.credentials();
        let text = text
            .replace(&self.running.base_url(), "https://hlf.example")
            .replace(&known.tenant_id, "TENANT")
            .replace(&known.client_id, "CLIENT");
        let mut scrubbed = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("request ") {
            let id = after.get(..36).filter(|id| id.matches('-').count() == 4);
            scrubbed.push_str(before);
            scrubbed.push_str(if id.is_some() {
                "request ID"
            } else {
                "request "
            });
            rest = id.map_or(after, |id| &after[id.len()..]);
        }
        scrubbed + rest
    }
}
