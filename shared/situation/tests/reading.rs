//! A situation read from an embedded store.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use local_store::LocalStore;
use situation::{Check, Level, Situation, What};
use streams::StreamFile;
use sync_store::{Acquired, Guard, Guarded, Lease, Store, TableNames};

const FILE: &str = r#"
time_zone = "Europe/Oslo"
[[stream]]
name = "members"
table = "contacts"
fields = { email = "emailaddress1" }
[[stream]]
name = "certifications"
table = "hlf_certifications"
fields = { status = "hlf_status" }
"#;

fn now() -> Timestamp {
    "2026-11-20T11:00:00Z".parse().unwrap()
}

async fn take(store: &Store, stream: &str) -> Lease {
    match store.acquire(stream, "night", now()).await.unwrap() {
        Acquired::Granted { lease, .. } => lease,
        Acquired::Held { owner, .. } => panic!("held by {owner}"),
    }
}

#[tokio::test]
async fn an_empty_store_is_an_empty_situation() {
    let engine = LocalStore::in_memory().await.unwrap();
    let store = store(&engine).await;
    let read = read(&store).await;
    assert_eq!(read.verdict(), Level::Empty);
    assert_eq!((read.streams.len(), read.concerns), (2, vec![]));
}

#[tokio::test]
async fn a_stream_whose_item_is_damaged_hides_nothing_of_the_others() {
    let engine = LocalStore::in_memory().await.unwrap();
    let store = store(&engine).await;
    let lease = take(&store, "certifications").await;
    let stopped = Guarded {
        vanishing: 40,
        of: 60,
        run_id: "night".into(),
        since: now(),
    };
    store
        .trip_guard(&lease, Guard::Vanishing, &stopped)
        .await
        .unwrap();
    let check = Check {
        at: now(),
        ..Check::default()
    };
    store.put_check(&check, now()).await.unwrap();
    Client::from_conf(engine.config().build())
        .put_item()
        .table_name("state")
        .item("pk", AttributeValue::S("stream#members".into()))
        .item("sk", AttributeValue::S("cursor".into()))
        .item("cursor", AttributeValue::S("?".into()))
        .send()
        .await
        .unwrap();
    let read = read(&store).await;
    let [members, certifications] = read.streams.as_slice() else {
        panic!("not two streams");
    };
    assert!(members.unreadable && !certifications.unreadable);
    assert_eq!(certifications.guarded, Some((stopped, false)));
    assert!(certifications.running_until > Some(now()));
    assert_eq!(read.check, Some(check));
    let concerns = read.concerns.iter();
    let whats: Vec<_> = concerns.map(|concern| &concern.what).collect();
    let stopped = What::GuardTripped {
        vanishing: 40,
        of: 60,
    };
    assert_eq!(whats, [&What::Unreadable, &stopped]);
}

#[tokio::test]
async fn a_store_without_its_tables_is_an_error_and_no_empty_situation() {
    let engine = LocalStore::in_memory().await.unwrap();
    let store = Store::new(engine.config(), tables());
    let file = StreamFile::parse(FILE, "streams.toml").unwrap();
    let error = Situation::read(&store, &file, now()).await.unwrap_err();
    assert_eq!(error.kind(), sync_store::ErrorKind::MissingTable);
}

async fn store(engine: &LocalStore) -> Store {
    let store = Store::new(engine.config(), tables());
    store.create_tables().await.unwrap();
    store
}

async fn read(store: &Store) -> Situation {
    let file = StreamFile::parse(FILE, "streams.toml").unwrap();
    Situation::read(store, &file, now()).await.unwrap()
}

fn tables() -> TableNames {
    TableNames {
        state: "state".into(),
        records: "records".into(),
        changes: "changes".into(),
    }
}
