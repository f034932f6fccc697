//! The deployment on AWS: tables on an embedded engine, topics and secrets on a server that says what the
//! test wants.

use axum::Router;
use axum::http::HeaderMap;
use doctor::Aws;
use local_store::LocalStore;
use serde_json::json;
use settings::AlertSettings;
use sync_store::{Store, TableNames};

use crate::bench::Bench;

pub(crate) const OPERATIONS: &str = "arn:aws:sns:eu-north-1:123456789012:operations";
pub(crate) const COORDINATORS: &str = "arn:aws:sns:eu-north-1:123456789012:coordinators";

/// What SNS says about the subscribers of both topics, confirmed and pending; `None` where there is none.
#[derive(Clone, Copy)]
pub(crate) struct Said {
    operations: Option<(u32, u32)>,
    /// What the secret with the keys holds.
    secret: Option<&'static str>,
}

/// A list with one key.
const KEYS: &str = "{\"version\": 1, \"keys\": [{\"name\": \"app\", \"scopes\": [\"read\"], \"sha256\": \
    \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}]}";

pub(crate) const GOOD: Said = Said {
    operations: Some((2, 0)),
    secret: Some(KEYS),
};

pub(crate) struct World {
    pub(crate) bench: Bench,
    pub(crate) engine: LocalStore,
}

fn names() -> TableNames {
    TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    }
}

pub(crate) async fn world(said: Said) -> World {
    let engine = LocalStore::in_memory().await.unwrap();
    Store::new(engine.config(), names())
        .create_tables()
        .await
        .unwrap();
    let mut bench = Bench::healthy().await;
    let endpoint = server(said).await;
    let credentials = aws_sdk_sns::config::Credentials::new("a", "b", None, None, "test");
    let region = aws_sdk_sns::config::Region::new("eu-north-1");
    let version = aws_sdk_sns::config::BehaviorVersion::latest();
    let sns = aws_sdk_sns::Config::builder()
        .behavior_version(version)
        .region(region.clone())
        .credentials_provider(credentials.clone())
        .endpoint_url(&endpoint)
        .build();
    let secrets = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
        .region(region)
        .credentials_provider(credentials)
        .endpoint_url(&endpoint)
        .build();
    bench.aws = Some(Aws {
        dynamodb: aws_sdk_dynamodb::Client::from_conf(engine.config().build()),
        tables: names(),
        sns: aws_sdk_sns::Client::from_conf(sns),
        topics: AlertSettings {
            operations_topic: Some(OPERATIONS.into()),
            coordinators_topic: Some(COORDINATORS.into()),
            public_url: None,
        },
        secrets: aws_sdk_secretsmanager::Client::from_conf(secrets),
        keys_secret: Some("sync/keys".into()),
    });
    World { bench, engine }
}

/// SNS and Secrets Manager on one address.
async fn server(said: Said) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |headers: HeaderMap, body: String| async move {
        let target = headers.get("x-amz-target");
        if target.is_some_and(|target| target.to_str().unwrap().ends_with("GetSecretValue")) {
            return secret(said.secret);
        }
        let subscribers = if body.contains("coordinators") {
            Some((1, 0))
        } else {
            said.operations
        };
        topic(subscribers)
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

type Answer = (
    axum::http::StatusCode,
    [(&'static str, &'static str); 1],
    String,
);

fn secret(text: Option<&str>) -> Answer {
    let (status, body) = match text {
        Some(text) => (
            200,
            json!({"ARN": "a", "Name": "sync/keys", "SecretString": text}),
        ),
        None => (
            400,
            json!({"__type": "ResourceNotFoundException", "message": "no"}),
        ),
    };
    let status = status.try_into().unwrap();
    (
        status,
        [("content-type", "application/x-amz-json-1.1")],
        body.to_string(),
    )
}

fn topic(subscribers: Option<(u32, u32)>) -> Answer {
    let xml = [("content-type", "text/xml")];
    let Some((confirmed, pending)) = subscribers else {
        let error = "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>no</Message>\
                     </Error><RequestId>r</RequestId></ErrorResponse>";
        return (404.try_into().unwrap(), xml, error.to_owned());
    };
    let entry =
        |key: &str, value: u32| format!("<entry><key>{key}</key><value>{value}</value></entry>");
    let body = format!(
        "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>{}{}</Attributes>\
         </GetTopicAttributesResult></GetTopicAttributesResponse>",
        entry("SubscriptionsConfirmed", confirmed),
        entry("SubscriptionsPending", pending)
    );
    (200.try_into().unwrap(), xml, body)
}

impl World {
    fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::from_conf(self.engine.config().build())
    }
}

#[tokio::test]
async fn a_healthy_deployment_has_no_findings() {
    let world = world(GOOD).await;
    assert_eq!(world.bench.findings().await, "");
    let report = world.bench.examine().await;
    let checks = report.checks.iter().rev().take(6);
    let mut checks: Vec<_> = checks
        .map(|check| (check.check, check.of.as_deref().unwrap()))
        .collect();
    checks.reverse();
    assert_eq!(
        checks,
        [
            ("DynamoDB table", "state"),
            ("DynamoDB table", "records"),
            ("DynamoDB table", "changes"),
            ("SNS topic", "SYNC_OPERATIONS_TOPIC_ARN"),
            ("SNS topic", "SYNC_COORDINATORS_TOPIC_ARN"),
            ("keys secret", "sync/keys"),
        ]
    );
}

#[tokio::test]
async fn a_table_that_is_not_there_is_a_failure() {
    let world = world(GOOD).await;
    world
        .dynamodb()
        .delete_table()
        .table_name("records")
        .send()
        .await
        .unwrap();
    assert_eq!(
        world.bench.findings().await,
        "fail: DynamoDB table of records: There is no table `records` in this account and region. → \
         whoever deploys: Deploy the stack, or correct SYNC_RECORDS_TABLE and AWS_REGION."
    );
}

#[tokio::test]
async fn a_table_of_something_else_is_told_by_its_key() {
    let mut world = world(GOOD).await;
    let aws = world.bench.aws.as_mut().unwrap();
    // The records table has another sort key than the state table, and the changes table another index.
    aws.tables.state = "records".into();
    aws.tables.records = "state".into();
    assert_eq!(
        world.bench.findings().await,
        "fail: DynamoDB table of records: Table `records` has another key than `pk` and `sk`. → \
         whoever deploys: Deploy the stack again, or correct SYNC_STATE_TABLE: it may name a table \
         of something else.\n\
         fail: DynamoDB table of state: Table `state` has another key than `pk` and `id`. → whoever \
         deploys: Deploy the stack again, or correct SYNC_RECORDS_TABLE: it may name a table of \
         something else."
    );
}

#[tokio::test]
async fn a_table_without_its_index_is_a_failure() {
    let mut world = world(GOOD).await;
    world.bench.aws.as_mut().unwrap().tables.changes = "state".into();
    assert_eq!(
        world.bench.findings().await,
        "fail: DynamoDB table of state: Table `state` has no index `by_state`. → whoever deploys: \
         Deploy the stack again, or correct SYNC_CHANGES_TABLE: it may name a table of something \
         else."
    );
}

#[tokio::test]
async fn a_table_whose_items_never_expire_is_a_failure() {
    let world = world(GOOD).await;
    let off = aws_sdk_dynamodb::types::TimeToLiveSpecification::builder()
        .enabled(false)
        .attribute_name("expires_at")
        .build()
        .unwrap();
    let update = world.dynamodb().update_time_to_live().table_name("state");
    update.time_to_live_specification(off).send().await.unwrap();
    assert_eq!(
        world.bench.findings().await,
        "fail: DynamoDB table of state: Nothing of table `state` is ever removed: its time to live \
         is not on for `expires_at`. → whoever deploys: Deploy the stack again; the table belongs to \
         it."
    );
}

#[tokio::test]
async fn alerts_that_nobody_has_confirmed_are_a_failure() {
    let said = Said {
        operations: Some((0, 1)),
        ..GOOD
    };
    assert_eq!(
        world(said).await.bench.findings().await,
        "fail: SNS topic of SYNC_OPERATIONS_TOPIC_ARN: Nobody has confirmed to get what is sent to \
         arn:aws:sns:eu-north-1:123456789012:operations: its alerts reach nobody. → whoever deploys: \
         Whoever is meant to get the alerts opens the message \"AWS Notification - Subscription \
         Confirmation\" and selects \"Confirm subscription\"."
    );
}

#[tokio::test]
async fn alerts_that_nobody_is_subscribed_to_are_a_failure() {
    let said = Said {
        operations: Some((0, 0)),
        ..GOOD
    };
    assert_eq!(
        world(said).await.bench.findings().await,
        "fail: SNS topic of SYNC_OPERATIONS_TOPIC_ARN: Nobody is subscribed to \
         arn:aws:sns:eu-north-1:123456789012:operations: its alerts reach nobody. → whoever deploys: \
         Deploy the stack with an address that alerts go to."
    );
}

#[tokio::test]
async fn alerts_that_one_of_two_has_confirmed_are_a_warning() {
    let said = Said {
        operations: Some((1, 1)),
        ..GOOD
    };
    assert_eq!(
        world(said).await.bench.findings().await,
        "warn: SNS topic of SYNC_OPERATIONS_TOPIC_ARN: Not all have confirmed to get what is sent to \
         arn:aws:sns:eu-north-1:123456789012:operations: 1 have, 1 have not. → whoever deploys: \
         Whoever is meant to get the alerts opens the message \"AWS Notification - Subscription \
         Confirmation\" and selects \"Confirm subscription\"."
    );
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_a_failure() {
    let said = Said {
        operations: None,
        ..GOOD
    };
    assert_eq!(
        world(said).await.bench.findings().await,
        "fail: SNS topic of SYNC_OPERATIONS_TOPIC_ARN: There is no topic \
         arn:aws:sns:eu-north-1:123456789012:operations. → whoever deploys: Deploy the stack, or \
         correct SYNC_OPERATIONS_TOPIC_ARN."
    );
}

#[tokio::test]
async fn a_topic_that_is_not_set_is_a_warning() {
    let mut world = world(GOOD).await;
    world.bench.aws.as_mut().unwrap().topics.coordinators_topic = None;
    assert_eq!(
        world.bench.findings().await,
        "warn: SNS topic of SYNC_COORDINATORS_TOPIC_ARN: SYNC_COORDINATORS_TOPIC_ARN is not set: \
         those alerts go to the log, where nobody looks. → whoever deploys: Deploy the stack with an \
         address that alerts go to."
    );
}

#[tokio::test]
async fn a_secret_that_holds_something_else_than_keys_is_a_failure_and_is_not_quoted() {
    let said = Said {
        secret: Some("{\"DYNAMICS_CLIENT_SECRET\": \"hunter2\"}"),
        ..GOOD
    };
    let findings = world(said).await.bench.findings().await;
    assert!(
        findings.starts_with(
            "fail: keys secret of sync/keys: The secret \"sync/keys\" is not what it should be at line 1"
        ),
        "{findings}"
    );
    assert!(!findings.contains("hunter2"), "{findings}");
}

#[tokio::test]
async fn a_secret_without_a_key_is_a_warning() {
    let said = Said {
        secret: Some("{\"version\": 1, \"keys\": []}"),
        ..GOOD
    };
    assert_eq!(
        world(said).await.bench.findings().await,
        "warn: keys secret of sync/keys: The secret \"sync/keys\" holds no key, so nobody is let in over \
         HTTP. → whoever deploys: Make a key with `dynamics-sync keys new NAME --scope read --aws`, or \
         correct SYNC_KEYS_SECRET_ID."
    );
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_a_failure() {
    let said = Said {
        secret: None,
        ..GOOD
    };
    assert_eq!(
        world(said).await.bench.findings().await,
        "fail: keys secret of sync/keys: the secret \"sync/keys\" was not found, or has no current \
         value; check that this is its name or ARN, that it is in this account and region, and that \
         a value has been stored in it. → whoever deploys: Make a key with `dynamics-sync keys new \
         NAME --scope read --aws`, or correct SYNC_KEYS_SECRET_ID."
    );
}
