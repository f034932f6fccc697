//! What a pull does to records: older never overwrites newer, and what is pending stays on top.

use std::collections::HashMap;

use crate::support::{KARI, Tables, never, now, row, take, text};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::TryStreamExt;
use sync_store::{Applied, DynamicsRow, ErrorKind, Fields, Record, Value};

pub(crate) async fn put(tables: &Tables, row: &DynamicsRow) -> Applied {
    tables
        .store
        .put_row(&tables.lease, row, &never, now())
        .await
        .unwrap()
}

pub(crate) async fn all(tables: &Tables) -> Vec<Record> {
    tables.store.records("members").try_collect().await.unwrap()
}

pub(crate) async fn name_of(tables: &Tables) -> Option<Value> {
    all(tables)
        .await
        .first()
        .and_then(|record| record.fields.get("name").cloned())
}

#[tokio::test]
async fn an_older_version_that_arrives_late_changes_nothing() {
    let tables = Tables::empty().await;
    assert_eq!(put(&tables, &row(KARI, 7, "new")).await, Applied::Stored);
    assert_eq!(put(&tables, &row(KARI, 6, "old")).await, Applied::Stale);
    assert_eq!(name_of(&tables).await, Some(text("new")));
}

#[tokio::test]
async fn the_same_version_twice_is_written_once() {
    let tables = Tables::empty().await;
    assert_eq!(put(&tables, &row(KARI, 7, "a")).await, Applied::Stored);
    assert_eq!(put(&tables, &row(KARI, 7, "b")).await, Applied::Unchanged);
    assert_eq!(name_of(&tables).await, Some(text("a")));
}

#[tokio::test]
async fn a_new_generation_overwrites_even_a_higher_version() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 700, "before the restore")).await;
    let restored = DynamicsRow {
        generation: 2,
        ..row(KARI, 7, "restored")
    };
    assert_eq!(put(&tables, &restored).await, Applied::Stored);
    assert_eq!(
        put(&tables, &row(KARI, 701, "zombie")).await,
        Applied::Stale
    );
    assert_eq!(name_of(&tables).await, Some(text("restored")));
}

#[tokio::test]
async fn fencing_numbers_that_start_again_do_not_keep_a_new_generation_out_of_old_records() {
    let tables = Tables::empty().await;
    let (before, _) = take(&tables.store, "before the state table was lost", 0).await;
    assert!(before.fence() > tables.lease.fence());
    let put_by = async |lease, row: DynamicsRow| {
        let put = tables.store.put_row(lease, &row, &never, now()).await;
        put.map_err(|error| error.kind())
    };
    let next = |version| DynamicsRow {
        generation: 2,
        ..row(KARI, version, "after")
    };
    assert_eq!(
        put_by(&before, row(KARI, 7, "before")).await,
        Ok(Applied::Stored)
    );
    let same_generation = put_by(&tables.lease, row(KARI, 8, "late")).await;
    assert_eq!(same_generation, Err(ErrorKind::LeaseLost));
    assert_eq!(put_by(&tables.lease, next(3)).await, Ok(Applied::Stored));
    assert_eq!(name_of(&tables).await, Some(text("after")));

    // The same where the record must be read first, and for a tombstone.
    plant_pending(&tables, "city", "wanted").await;
    assert_eq!(put_by(&before, next(4)).await, Ok(Applied::Stored));
    let third = DynamicsRow {
        generation: 3,
        ..row(KARI, 1, "third")
    };
    assert_eq!(put_by(&tables.lease, third).await, Ok(Applied::Stored));
    let store = &tables.store;
    store.bury(&before, KARI, 3, now()).await.unwrap();
    let buried = store.bury(&tables.lease, KARI, 4, now()).await.unwrap();
    assert_eq!(buried, Applied::Barred);
}

pub(crate) async fn plant_pending(tables: &Tables, field: &str, value: &str) {
    let want = HashMap::from([
        ("value".to_owned(), AttributeValue::S(value.into())),
        ("change".to_owned(), AttributeValue::S("change-1".into())),
        ("sequence".to_owned(), AttributeValue::N("1".into())),
    ]);
    let pending = HashMap::from([(field.to_owned(), AttributeValue::M(want))]);
    tables
        .raw
        .update_item()
        .table_name("records")
        .key("pk", AttributeValue::S("members#3".into()))
        .key("id", AttributeValue::S(KARI.into()))
        .update_expression("SET pending = :pending, revision = revision + :one")
        .expression_attribute_values(":pending", AttributeValue::M(pending))
        .expression_attribute_values(":one", AttributeValue::N("1".into()))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_pull_never_undoes_what_is_pending_on_the_record() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "from Dynamics")).await;
    plant_pending(&tables, "name", "wanted").await;
    let mut edited = row(KARI, 8, "edited in Dynamics");
    edited.fields.insert("city".into(), text("Bodø"));
    assert_eq!(put(&tables, &edited).await, Applied::Stored);

    let expected = Fields::from([
        ("name".into(), text("wanted")),
        ("city".into(), text("Bodø")),
    ]);
    assert!(all(&tables).await[0].fields == expected);
    let item = tables.raw_record(KARI).await.unwrap();
    let dynamics = item["dynamics"].as_m().unwrap();
    assert_eq!(dynamics["name"].as_s().unwrap(), "edited in Dynamics");
    assert_eq!(item["version"].as_n().unwrap(), "8");
    assert_eq!(item["revision"].as_n().unwrap(), "2");
}

#[tokio::test]
async fn many_versions_of_a_record_with_something_pending_race_to_the_newest() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 1, "v1")).await;
    plant_pending(&tables, "city", "wanted").await;
    let rows: Vec<_> = (2..=6)
        .map(|version| row(KARI, version, &format!("v{version}")))
        .collect();
    let writes = rows
        .iter()
        .map(|row| tables.store.put_row(&tables.lease, row, &never, now()));
    futures::future::try_join_all(writes).await.unwrap();
    let expected = Fields::from([("name".into(), text("v6")), ("city".into(), text("wanted"))]);
    assert!(all(&tables).await[0].fields == expected);
}

#[tokio::test]
async fn what_becomes_pending_while_a_pull_writes_is_not_lost_to_it() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "from Dynamics")).await;
    plant_pending(&tables, "city", "Bodø").await;
    // The pull's first write is refused because something is pending; before its second one, more
    // becomes pending.
    let interposed = tables.interposed(2, |tables| {
        Box::pin(async move { plant_pending(tables, "name", "wanted").await })
    });
    let edited = row(KARI, 8, "edited in Dynamics");
    let applied = interposed
        .put_row(&tables.lease, &edited, &never, now())
        .await
        .unwrap();
    assert_eq!(applied, Applied::Stored);
    assert_eq!(name_of(&tables).await, Some(text("wanted")));
    assert_eq!(
        tables.raw_record(KARI).await.unwrap()["version"]
            .as_n()
            .unwrap(),
        "8"
    );
}

/// As if its stream were forgotten.
pub(crate) async fn remove(tables: &Tables) {
    tables
        .raw
        .delete_item()
        .table_name("records")
        .key("pk", AttributeValue::S("members#3".into()))
        .key("id", AttributeValue::S(KARI.into()))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_record_removed_while_it_is_being_written_may_be_written_again() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "from Dynamics")).await;
    plant_pending(&tables, "city", "Bodø").await;
    let interposed = tables.interposed(2, |tables| Box::pin(remove(tables)));
    let edited = row(KARI, 8, "edited in Dynamics");
    let put = async || {
        let put = interposed.put_row(&tables.lease, &edited, &never, now());
        put.await.map_err(|error| error.kind())
    };
    assert_eq!(put().await, Err(ErrorKind::Throttled));
    assert_eq!(put().await, Ok(Applied::Stored));
}

#[tokio::test]
async fn a_record_is_found_by_its_business_key_until_it_is_deleted() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "M-1001")).await;
    let find = async || {
        let found = tables
            .raw
            .query()
            .table_name("records")
            .index_name(sync_store::tables::BUSINESS_KEY_INDEX)
            .key_condition_expression("business_key = :key")
            .expression_attribute_values(":key", AttributeValue::S("members#M-1001".into()))
            .send()
            .await
            .unwrap();
        found.count
    };
    assert_eq!(find().await, 1);
    tables
        .store
        .bury(&tables.lease, KARI, 1, now())
        .await
        .unwrap();
    assert_eq!(find().await, 0);
}

#[tokio::test]
async fn values_of_every_kind_come_back_as_they_were() {
    let tables = Tables::empty().await;
    let fields = Fields::from([
        ("null".into(), Value::Null),
        ("empty".into(), text("")),
        (
            "hostile".into(),
            text("\u{202e}\u{0}\r\n\"'=1+1;,🧏🏽‍♀️ e\u{301}"),
        ),
        ("yes".into(), Value::Boolean(true)),
        ("whole".into(), Value::Number("9007199254740993".into())),
        ("money".into(), Value::Number("922337203685477.5807".into())),
    ]);
    put(
        &tables,
        &DynamicsRow {
            fields: fields.clone(),
            ..row(KARI, 7, "x")
        },
    )
    .await;
    assert!(all(&tables).await[0].fields == fields);
}

#[tokio::test]
async fn an_item_that_dynamodb_refuses_is_named_by_id_and_not_quoted() {
    let tables = Tables::empty().await;
    let huge = row(KARI, 7, &"personal ".repeat(60_000));
    let error = tables
        .store
        .put_row(&tables.lease, &huge, &never, now())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(
        shown.contains(KARI) && !shown.contains("personal"),
        "{shown}"
    );
}

#[tokio::test]
async fn records_come_in_the_order_of_their_ids_from_all_sixteen_partitions() {
    let tables = Tables::empty().await;
    let ids: Vec<_> = "0123456789abcdef"
        .chars()
        .map(|c| format!("{c}0000000-0000-4000-8000-00000000000a"))
        .collect();
    for id in ids.iter().rev() {
        put(&tables, &row(id, 1, "x")).await;
    }
    let found: Vec<_> = all(&tables)
        .await
        .into_iter()
        .map(|record| record.id)
        .collect();
    assert_eq!(found, ids);
    let partition = &tables.raw_record(&ids[11]).await.unwrap()["pk"];
    assert_eq!(partition.as_s().unwrap(), "members#b");
}
