//! Which streams have records.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::Tables;
use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::ErrorKind;

#[tokio::test]
async fn streams_with_records_are_known_by_name_in_alphabetical_order() {
    let tables = Tables::empty().await;
    assert_eq!(tables.store.known_streams().await.unwrap(), [""; 0]);
    let names = ["teams", "members", "accounts"].map(ToOwned::to_owned);
    tables
        .plant(
            "streams",
            "known",
            &[("names", AttributeValue::Ss(names.to_vec()))],
        )
        .await;
    assert_eq!(
        tables.store.known_streams().await.unwrap(),
        ["accounts", "members", "teams"]
    );
}

#[tokio::test]
async fn a_damaged_list_is_an_error_and_not_no_streams() {
    let tables = Tables::empty().await;
    tables
        .plant(
            "streams",
            "known",
            &[("names", AttributeValue::S("members".into()))],
        )
        .await;
    let error = tables.store.known_streams().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(
        error.to_string().starts_with(
            "cannot keep the list of streams in table `state`: the list cannot be read. "
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_stream_is_known_from_its_first_generation_on() {
    let tables = Tables::empty().await;
    let begun = tables.store.begin_generation(&tables.lease, 1).await;
    begun.unwrap();
    assert_eq!(tables.store.known_streams().await.unwrap(), ["members"]);
}

#[tokio::test]
async fn what_a_stream_hides_is_known_until_it_is_said_to_be_shown() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let both = BTreeSet::from(["accounts", "members"]);
    store.note_hiding("certificates", &both).await.unwrap();
    store.note_hiding("rooms", &BTreeSet::new()).await.unwrap();
    let hiding = store.hiding_streams().await.unwrap();
    let targets = ["accounts", "members"].map(ToOwned::to_owned);
    assert_eq!(hiding["certificates"], BTreeSet::from(targets));
    assert!(hiding["rooms"].is_empty());

    let one = BTreeSet::from(["accounts"]);
    store.note_shown("certificates", &one, false).await.unwrap();
    store
        .note_shown("rooms", &BTreeSet::new(), true)
        .await
        .unwrap();
    let hiding = store.hiding_streams().await.unwrap();
    let left = BTreeMap::from([(
        "certificates".to_owned(),
        BTreeSet::from(["members".to_owned()]),
    )]);
    assert_eq!(hiding, left);
}
