//! The keys of a whole table, kept between processes.

use std::collections::HashMap;

use crate::support::{Tables, later, now};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{Timestamp, ToSpan};
use sync_store::ErrorKind;

fn walk() -> Timestamp {
    later(-60)
}

/// A GUID that begins with this digit.
fn guid(digit: u8, rest: u128) -> u128 {
    (u128::from(digit) << 124) + rest
}

async fn put(tables: &Tables, walk: Timestamp, page: u64, rows: &[(u128, i64)]) {
    let put = tables.store.put_listing("members", walk, page, rows, now());
    put.await.unwrap();
}

/// The walk's keys, if all of these pages are there.
async fn listing(tables: &Tables, digit: u8, pages: u64) -> Option<HashMap<u128, i64>> {
    let listing = tables.store.listing("members", walk(), digit, pages);
    listing.await.unwrap()
}

#[tokio::test]
async fn every_key_comes_back_with_its_version_under_its_first_digit() {
    let tables = Tables::empty().await;
    let kari = 0x3f0e1c9a_0000_4000_8000_000000000001;
    put(&tables, walk(), 0, &[(kari, i64::MAX), (guid(15, 1), 0)]).await;
    put(&tables, walk(), 1, &[(guid(3, 9), 7), (u128::MAX, -1)]).await;
    let three = HashMap::from([(kari, i64::MAX), (guid(3, 9), 7)]);
    assert_eq!(listing(&tables, 3, 2).await, Some(three));
    let fifteen = HashMap::from([(guid(15, 1), 0), (u128::MAX, -1)]);
    assert_eq!(listing(&tables, 15, 2).await, Some(fifteen));
    assert_eq!(listing(&tables, 0, 2).await, Some(HashMap::new()));
}

#[tokio::test]
async fn what_is_stored_of_a_row_is_its_guid_as_it_reads_and_then_its_version() {
    let tables = Tables::empty().await;
    let kari = 0x3f0e1c9a_0000_4000_8000_000000000001;
    put(&tables, walk(), 12, &[(kari, 0x0102)]).await;
    let sort = format!("{}#3#00000012", walk().as_millisecond());
    let item = tables.raw_state("listing#members", &sort).await.unwrap();
    let mut bytes = b"\x3f\x0e\x1c\x9a\0\0\x40\0\x80\0\0\0\0\0\0\x01".to_vec();
    bytes.extend(b"\0\0\0\0\0\0\x01\x02");
    assert_eq!(item["rows"], AttributeValue::B(Blob::new(bytes)));
    let in_a_week = (now() + (7 * 24).hours()).as_second();
    assert_eq!(item["expires_at"], AttributeValue::N(in_a_week.to_string()));
}

#[tokio::test]
async fn a_page_stored_again_changes_nothing_and_a_row_on_two_pages_has_its_highest_version() {
    let tables = Tables::empty().await;
    let row = guid(7, 1);
    put(&tables, walk(), 0, &[(row, 9)]).await;
    put(&tables, walk(), 1, &[(row, 8), (guid(7, 2), 1)]).await;
    put(&tables, walk(), 0, &[(row, 9)]).await;
    let expected = HashMap::from([(row, 9), (guid(7, 2), 1)]);
    assert_eq!(listing(&tables, 7, 2).await, Some(expected));
}

#[tokio::test]
async fn a_listing_of_which_a_page_is_missing_is_no_listing() {
    let tables = Tables::empty().await;
    assert_eq!(listing(&tables, 7, 3).await, None);
    for page in 0..3 {
        put(&tables, walk(), page, &[(guid(7, page.into()), 1)]).await;
    }
    assert!(listing(&tables, 7, 3).await.is_some());
    // The last page is gone; whether one is cannot be told from those that are there.
    assert_eq!(listing(&tables, 7, 4).await, None);
    // As expiry would take it: the first page goes first.
    tables
        .raw
        .delete_item()
        .table_name("state")
        .key("pk", AttributeValue::S("listing#members".into()))
        .key(
            "sk",
            AttributeValue::S(format!("{}#7#00000000", walk().as_millisecond())),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(listing(&tables, 7, 3).await, None);
    assert_eq!(listing(&tables, 8, 3).await, Some(HashMap::new()));
}

#[tokio::test]
async fn dropping_a_walk_leaves_every_other_walk() {
    let tables = Tables::empty().await;
    let later_walk = Timestamp::from_millisecond(walk().as_millisecond() * 10).unwrap();
    let row = (guid(7, 1), 1);
    put(&tables, walk(), 0, &[row]).await;
    put(&tables, later_walk, 0, &[row]).await;
    for _ in 0..2 {
        let dropped = tables.store.drop_listing("members", walk()).await;
        dropped.unwrap();
    }
    assert_eq!(listing(&tables, 7, 3).await, None);
    let other = tables.store.listing("members", later_walk, 7, 1).await;
    assert_eq!(other.unwrap(), Some(HashMap::from([row])));
}

#[tokio::test]
async fn a_damaged_page_is_an_error_and_not_fewer_rows() {
    let tables = Tables::empty().await;
    let sort = format!("{}#7#00000000", walk().as_millisecond());
    let rows = AttributeValue::B(Blob::new(vec![0; 25]));
    tables
        .plant("listing#members", &sort, &[("rows", rows)])
        .await;
    let listing = tables.store.listing("members", walk(), 7, 1).await;
    let error = listing.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(
        error.to_string().starts_with(
            "cannot read the keys of stream `members` in table `state`: a page of keys cannot be \
             read. "
        ),
        "{error}"
    );
}

/// 5,000 rows a page is what Dataverse gives at most.
#[tokio::test]
async fn a_full_page_whose_ids_all_begin_alike_is_stored_and_read_across_answers() {
    let tables = Tables::empty().await;
    let mut expected = HashMap::new();
    for page in 0..10 {
        let rows: Vec<_> = (0..5_000_i64)
            .map(|row| {
                (
                    guid(10, u128::from(page) << 64) + u128::from(row.unsigned_abs()),
                    row,
                )
            })
            .collect();
        put(&tables, walk(), page, &rows).await;
        expected.extend(rows);
    }
    assert_eq!(listing(&tables, 10, 10).await, Some(expected));
}
