//! What a stream's runs remember of its table.

use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::{ErrorKind, Store};

use crate::support::{Tables, take};

async fn read(store: &Store) -> Result<Option<String>, ErrorKind> {
    let read = store.contract::<String>("members").await;
    read.map_err(|error| error.kind())
}

#[tokio::test]
async fn a_run_that_wakes_up_late_does_not_bring_its_contract_back() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    assert_eq!(read(store).await, Ok(None));
    let (first, _) = take(store, "first", 0).await;
    let (second, _) = take(store, "second", 1_000).await;
    for (lease, contract) in [(&first, "early"), (&second, "new"), (&first, "late")] {
        store.note_contract(lease, &contract).await.unwrap();
    }
    assert_eq!(read(store).await, Ok(Some("new".into())));
}

#[tokio::test]
async fn a_damaged_contract_is_an_error_to_read_and_replaced_by_the_next_run() {
    let text = |text: &str| AttributeValue::S(text.into());
    let number = |number: &str| AttributeValue::N(number.into());
    for damaged in [
        vec![],
        vec![("format", text("1")), ("contract", text("old"))],
        vec![("format", number("0")), ("contract", text("old"))],
        vec![("format", number("1")), ("contract", number("7"))],
        vec![("format", number("1")), ("fence", text("7"))],
    ] {
        let tables = Tables::empty().await;
        let store = &tables.store;
        tables.plant("stream#members", "contract", &damaged).await;
        assert_eq!(read(store).await, Err(ErrorKind::Damaged), "{damaged:?}");
        let (lease, _) = take(store, "first", 0).await;
        store.note_contract(&lease, &"new").await.unwrap();
        assert_eq!(read(store).await, Ok(Some("new".into())), "{damaged:?}");
    }
}

#[tokio::test]
async fn a_contract_of_a_newer_release_is_an_error_of_its_own_kind_and_left_alone() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let newer = ("format", AttributeValue::N("2".into()));
    tables.plant("stream#members", "contract", &[newer]).await;
    let error = store.contract::<String>("members").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NewerRelease);
    assert_eq!(
        error.to_string(),
        "cannot read what stream `members` depends on in Dynamics in table `state`: it has a newer form than \
         this release's 1. Use the release that wrote it; this one would lose what it does not know"
    );
    let (lease, _) = take(store, "first", 0).await;
    store.note_contract(&lease, &"new").await.unwrap();
    assert_eq!(read(store).await, Err(ErrorKind::NewerRelease));
}
