//! Nights in an embedded store, and looks at them.

use std::sync::Arc;
use std::time::Duration;

use alerts::{Looked, Watch};
use clock::{Clock, ManualClock};
use jiff::Timestamp;
use local_store::LocalStore;
use settings::AlertSettings;
use situation::{Check, Situation};
use streams::StreamFile;
use sync_engine::{RunReport, RunStatus, StreamReport, StreamStatus};
use sync_store::{Acquired, AsOf, Lease, RunHeader, RunRecord, Store, TableNames};

use crate::wire::{Published, Sns};

pub(crate) const OPERATIONS: &str = "arn:aws:sns:eu-north-1:123456789012:operations";
pub(crate) const COORDINATORS: &str = "arn:aws:sns:eu-north-1:123456789012:coordinators";
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Noon in Oslo.
pub(crate) const NOW: &str = "2026-11-20T11:00:00Z";

/// A store, a clock at [`NOW`], topics, and somebody who looks.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    pub(crate) sns: Sns,
    pub(crate) settings: AlertSettings,
    pub(crate) file: StreamFile,
    _engine: LocalStore,
}

impl World {
    pub(crate) async fn start() -> Self {
        let engine = LocalStore::in_memory().await.unwrap();
        let tables = TableNames {
            state: "state".into(),
            records: "records".into(),
            changes: "changes".into(),
        };
        let store = Store::new(engine.config(), tables);
        store.create_tables().await.unwrap();
        Self {
            store,
            clock: ManualClock::at(NOW.parse().unwrap()),
            sns: Sns::default(),
            settings: AlertSettings {
                operations_topic: Some(OPERATIONS.into()),
                coordinators_topic: Some(COORDINATORS.into()),
                public_url: Some("https://sync.example.org/prod".into()),
            },
            file: file("en"),
            _engine: engine,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn watch(&self) -> Watch {
        Watch::new(
            self.store.clone(),
            self.file.clone(),
            self.settings.clone(),
            self.sns.config(),
            Arc::new(self.clock.clone()),
        )
    }

    /// A look, and the subjects of what came of it.
    pub(crate) async fn look(&self) -> Vec<String> {
        let taken = self.messages().await;
        taken.into_iter().map(|message| message.subject).collect()
    }

    /// A look, and what came of it. The check that looks has just ended as the one before.
    pub(crate) async fn messages(&self) -> Vec<Published> {
        let before = self.store.check::<Check>().await.unwrap();
        let mut check = before.map(|before| before.check).unwrap_or_default();
        check.at = self.now();
        self.store.put_check(&check, self.now()).await.unwrap();
        let Looked { sent, unsent } = self.watch().look().await.unwrap();
        assert_eq!(unsent, 0);
        let taken = self.sns.taken();
        assert_eq!(u64::try_from(taken.len()).unwrap(), sent);
        taken
    }

    /// A run of all streams has ended, and this became of the certifications.
    pub(crate) async fn run(&self, status: StreamStatus) {
        self.run_with(|report| report.status = status).await;
    }

    /// The same with more to tell of the certifications.
    pub(crate) async fn run_with(&self, tell: impl Fn(&mut StreamReport)) {
        let report_of = |name: &str| StreamReport {
            name: name.into(),
            entity: Some("hlf_certification".into()),
            status: StreamStatus::Complete,
            stored: 1,
            ..StreamReport::default()
        };
        let mut certifications = report_of("certifications");
        tell(&mut certifications);
        let now = self.now();
        let run_id = now.to_string();
        let run = RunRecord {
            header: RunHeader {
                run_id: run_id.clone(),
                started_at: now,
                invocation: 1,
                streams_hash: String::new(),
            },
            ended_at: now,
            streams_hash: String::new(),
            report: RunReport {
                run_id,
                status: RunStatus::Partial,
                streams: vec![report_of("members"), certifications],
                ..RunReport::default()
            },
        };
        self.store.put_run(&run).await.unwrap();
    }

    /// A run takes a stream.
    pub(crate) async fn lease(&self, stream: &str) -> Lease {
        match self.store.acquire(stream, "run", self.now()).await.unwrap() {
            Acquired::Granted { lease, .. } => lease,
            Acquired::Held { owner, .. } => panic!("held by {owner}"),
        }
    }

    /// The copy of the certifications is loaded, and of now.
    pub(crate) async fn loaded(&self) {
        let (stream, now) = ("certifications", self.now());
        let lease = self.lease(stream).await;
        self.store.begin_generation(&lease, 1).await.unwrap();
        let as_of = AsOf {
            as_of: now,
            run_id: "run".into(),
            generation: 1,
        };
        self.store.set_as_of(stream, &as_of, now).await.unwrap();
        self.store.release(lease).await.unwrap();
    }

    /// A check has ended, and found this.
    pub(crate) async fn check(&self, find: impl Fn(&mut Check)) {
        let mut check = Check {
            at: self.now(),
            instance: Some("https://contoso.crm4.dynamics.com".into()),
            ..Check::default()
        };
        find(&mut check);
        self.store.put_check(&check, self.now()).await.unwrap();
    }

    /// How it stands, as the page would show it.
    pub(crate) async fn situation(&self) -> Situation {
        Situation::read(&self.store, &self.file, self.now())
            .await
            .unwrap()
    }
}

/// Two streams, of which the second has coordinators.
pub(crate) fn file(language: &str) -> StreamFile {
    let text = format!(
        r#"
        time_zone = "Europe/Oslo"
        language = "{language}"

        [[stream]]
        name = "members"
        table = "contacts"
        fields = {{ email = "emailaddress1" }}

        [[stream]]
        name = "certifications"
        table = "hlf_certifications"
        direction = "both"
        alert = "coordinators"
        [stream.fields]
        status = {{ column = "hlf_status", choice = {{ active = 1, expired = 2 }} }}
        valid_to = {{ column = "hlf_validto", type = "date" }}
        [stream.expiry]
        date = "valid_to"
        set = {{ status = "expired" }}
        warn_days = [30, 7]
        "#
    );
    StreamFile::parse(&text, "streams.toml").unwrap()
}
