//! Every kind of alert, in both languages, over the wire: three situations in the emulated DynamoDB, of
//! which the same code that the functions run tells the emulated SNS.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alerts::Watch;
use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region};
use clock::{Clock, ManualClock};
use jiff::Timestamp;
use settings::AlertSettings;
use situation::{Check, Credential, Outcome};
use streams::StreamFile;
use sync_engine::{RunReport, StreamReport, StreamStatus};
use sync_store::{
    Accepted, Acquired, AsOf, ChangeKey, ChangeState, Guard, Guarded, Lease, NewChange, Operation,
    Origin, RunRecord, Settlement, Unread, Upcoming,
};

use super::topic::Topic;
use super::{deployment, streams};
use crate::support::{ACCOUNT, Deployment, REGION};

const ID: &str = "3f0e1c9a-0000-4000-8000-000000000001";
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A deployment at noon in Oslo, at which the tests' own runs and checks look.
struct World {
    deployment: Deployment,
    operations: Topic,
    coordinators: Topic,
    clock: ManualClock,
    watch: Watch,
}

impl World {
    async fn start(name: &str, language: &str) -> Option<Self> {
        let (deployment, operations, coordinators) = deployment(name, language).await?;
        let clock = ManualClock::at("2026-11-20T11:00:00Z".parse().unwrap());
        let text = streams(language, "Europe/Oslo");
        let sns = aws_sdk_sns::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new(ACCOUNT, "test", None, None, "test"))
            .endpoint_url(&deployment.aws.emulator.endpoint);
        let watch = Watch::new(
            deployment.store.clone(),
            StreamFile::parse(&text, "streams.toml").unwrap(),
            AlertSettings {
                operations_topic: Some(operations.arn.clone()),
                coordinators_topic: Some(coordinators.arn.clone()),
                public_url: Some("https://sync.example.org/prod".into()),
            },
            sns,
            Arc::new(clock.clone()),
        );
        Some(Self {
            deployment,
            operations,
            coordinators,
            clock,
            watch,
        })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn lease(&self, stream: &str) -> Lease {
        let store = &self.deployment.store;
        match store.acquire(stream, "night", self.now()).await.unwrap() {
            Acquired::Granted { lease, .. } => lease,
            Acquired::Held { owner, .. } => panic!("held by {owner}"),
        }
    }

    /// A run of both streams has ended like this.
    async fn run(&self, tell: impl Fn(&mut StreamReport)) {
        let report = |name: &str| {
            let mut report = StreamReport {
                name: name.into(),
                entity: Some("hlf_certification".into()),
                status: StreamStatus::Complete,
                ..StreamReport::default()
            };
            tell(&mut report);
            report
        };
        let store = &self.deployment.store;
        let run_id = self.now().to_string();
        let run = RunRecord {
            header: store.begin_run(&run_id, "", self.now()).await.unwrap(),
            ended_at: self.now(),
            streams_hash: String::new(),
            report: RunReport {
                streams: vec![report("members"), report("certifications")],
                ..RunReport::default()
            },
        };
        store.put_run(&run).await.unwrap();
    }

    async fn check(&self, find: impl Fn(&mut Check)) {
        let mut check = Check {
            at: self.now(),
            instance: Some("https://contoso.crm4.dynamics.com".into()),
            ..Check::default()
        };
        find(&mut check);
        let store = &self.deployment.store;
        store.put_check(&check, self.now()).await.unwrap();
    }

    /// A change of the certifications that came to this.
    async fn change(&self, number: u32, state: ChangeState) {
        let change = NewChange {
            id: format!("9f0e1c9a-0000-4000-8000-{number:012}"),
            stream: "certifications".into(),
            operation: Operation::Delete,
            key: ChangeKey::Id(ID.into()),
            fields: BTreeMap::new(),
            base_version: None,
            changed_at: self.now(),
            accepted_at: self.now(),
            origin: Origin::App { key: "app".into() },
            digest: String::new(),
        };
        let store = &self.deployment.store;
        let rule = |_: &_, _| Default::default();
        let accepted = store.accept(&change, None, &rule, false).await.unwrap();
        let Accepted::New(accepted) = accepted else {
            panic!("not new");
        };
        let settlement = Settlement::new(state, self.now());
        assert!(store.settle(&accepted, &settlement, &rule).await.unwrap());
    }

    /// A look, and what both topics were told.
    async fn told(&self) -> String {
        assert_eq!(self.watch.look().await.unwrap().unsent, 0);
        let operations = self.operations.read().await;
        format!("{operations}\n{}", self.coordinators.read().await)
    }
}

/// Everything that can be wrong while runs and checks go on.
async fn all_that_runs_and_checks_find(language: &str) -> Option<String> {
    let world = World::start(&format!("kinds-{language}"), language).await?;
    let store = &world.deployment.store;
    let failed = || Outcome::Failed("AADSTS7000215".into());
    world.check(|check| check.dynamics.token = failed()).await;
    assert_eq!(world.told().await, "\n");
    world.clock.advance(HOUR);
    world
        .check(|check| {
            check.dynamics.token = failed();
            check.credential = Some(Credential {
                certificate: false,
                expires_on: Some("2026-11-25".parse().unwrap()),
            });
        })
        .await;
    let lease = world.lease("members").await;
    for guard in Guard::ALL {
        let stopped = Guarded {
            vanishing: 40,
            of: 60,
            run_id: "night".into(),
            since: world.now(),
        };
        store.trip_guard(&lease, guard, &stopped).await.unwrap();
    }
    let lease = world.lease("certifications").await;
    let mut upcoming = Upcoming::default();
    upcoming.add(ID.into(), "2026-11-24".parse().unwrap());
    store
        .note_expiring(&lease, upcoming, world.now())
        .await
        .unwrap();
    let row = Unread {
        id: ID.into(),
        generation: 1,
        version: None,
        reason: "a choice that the stream file does not have".into(),
    };
    store
        .put_quarantined("certifications", &row, world.now())
        .await
        .unwrap();
    world.change(1, ChangeState::Held).await;
    world.change(2, ChangeState::Refused).await;
    world
        .run(|report| {
            report.status = StreamStatus::Failed;
            report.mismatches = 2;
            report.schema_changes = Some(3);
        })
        .await;
    Some(world.told().await)
}

/// Neither runs nor checks; then runs without anything new, and a copy that stays old.
async fn all_that_is_found_missing(language: &str) -> Option<String> {
    let world = World::start(&format!("missing-{language}"), language).await?;
    let store = &world.deployment.store;
    world.check(|_| ()).await;
    world.run(|_| ()).await;
    world.clock.advance(DAY);
    let mut told = vec![world.told().await];
    let lease = world.lease("members").await;
    store.begin_generation(&lease, 1).await.unwrap();
    let as_of = AsOf {
        as_of: world.now(),
        run_id: "night".into(),
        generation: 1,
    };
    store
        .set_as_of("members", &as_of, world.now())
        .await
        .unwrap();
    world.clock.advance(14 * DAY);
    world.check(|_| ()).await;
    world.run(|_| ()).await;
    told.push(world.told().await);
    Some(told.join("\n"))
}

#[tokio::test]
async fn all_that_runs_and_checks_find_is_told_in_norwegian() {
    if let Some(told) = all_that_runs_and_checks_find("nb").await {
        insta::assert_snapshot!(told);
    }
}

#[tokio::test]
async fn all_that_runs_and_checks_find_is_told_in_english() {
    if let Some(told) = all_that_runs_and_checks_find("en").await {
        insta::assert_snapshot!(told);
    }
}

#[tokio::test]
async fn all_that_is_found_missing_is_told_in_norwegian() {
    if let Some(told) = all_that_is_found_missing("nb").await {
        insta::assert_snapshot!(told);
    }
}

#[tokio::test]
async fn all_that_is_found_missing_is_told_in_english() {
    if let Some(told) = all_that_is_found_missing("en").await {
        insta::assert_snapshot!(told);
    }
}
