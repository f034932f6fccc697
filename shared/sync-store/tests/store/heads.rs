//! What the copy holds, counted and compared without its values.

use futures::TryStreamExt;
use sync_store::Head;

use crate::records::put;
use crate::support::{Tables, never, now, row, text};

/// In partition `digit`; ids rise with `number`.
fn id(digit: char, number: u32) -> String {
    format!("{digit}{number:07}-0000-4000-8000-00000000000a")
}

fn head(id: &str, version: i64) -> Head {
    Head {
        id: id.to_owned(),
        generation: 1,
        version,
        deleted: false,
        unverified: false,
        damaged: false,
    }
}

#[tokio::test]
async fn heads_tell_versions_tombstones_and_what_could_not_be_read_in_the_order_of_ids() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    let [live, buried, doubtful] = [1, 2, 3].map(|number| id('f', number));
    for id in [&doubtful, &live, &buried, &id('e', 1)] {
        put(&tables, &row(id, 7, "x")).await;
    }
    store.bury(&tables.lease, &buried, 1, now()).await.unwrap();
    let mark = store.mark_unverified(&tables.lease, &doubtful, (1, 8), &never, now());
    mark.await.unwrap();

    let expected = [
        head(&live, 7),
        Head {
            deleted: true,
            ..head(&buried, 7)
        },
        Head {
            unverified: true,
            ..head(&doubtful, 7)
        },
    ];
    let heads: Vec<_> = store.heads("members", 15).try_collect().await.unwrap();
    assert_eq!(heads, expected);
    for head in &expected {
        let one = store.head("members", &head.id).await.unwrap();
        assert_eq!(one.as_ref(), Some(head));
    }
    assert_eq!(store.head("members", &id('f', 4)).await.unwrap(), None);
    let none: Vec<_> = store.heads("mentors", 15).try_collect().await.unwrap();
    assert_eq!(none, []);
}

#[tokio::test]
async fn tombstones_and_the_unknown_are_not_live() {
    let tables = Tables::empty().await;
    let store = &tables.store;
    assert_eq!(store.count_live("members").await.unwrap(), 0);
    assert_eq!(store.live_among("members", &[]).await.unwrap(), 0);
    let mut ids = Vec::new();
    for digit in "0123456789abcdef".chars() {
        let [live, buried] = [1, 2].map(|number| id(digit, number));
        put(&tables, &row(&live, 7, "x")).await;
        store.bury(&tables.lease, &buried, 1, now()).await.unwrap();
        ids.extend([live, buried, id(digit, 3)]);
    }
    assert_eq!(store.count_live("members").await.unwrap(), 16);
    assert_eq!(store.live_among("members", &ids).await.unwrap(), 16);
    assert_eq!(store.live_among("members", &ids[..3]).await.unwrap(), 1);
    assert_eq!(store.count_live("mentors").await.unwrap(), 0);
}

#[tokio::test]
async fn more_ids_than_one_request_may_name_are_counted_and_those_named_twice_once() {
    let tables = Tables::empty().await;
    let ids: Vec<_> = (0..120).map(|number| id('a', number)).collect();
    for id in &ids {
        put(&tables, &row(id, 7, "x")).await;
    }
    let twice = [ids.clone(), ids].concat();
    let live = tables.store.live_among("members", &twice).await.unwrap();
    assert_eq!(live, 120);
}

#[tokio::test]
async fn records_that_do_not_fit_into_one_answer_are_asked_for_again() {
    let tables = Tables::empty().await;
    // Together 21 MB, and an answer ends at 16.
    let large = "x".repeat(175_000);
    let ids: Vec<_> = (0..60).map(|number| id('a', number)).collect();
    for id in &ids {
        let mut row = row(id, 7, "x");
        row.fields.insert("notes".into(), text(&large));
        put(&tables, &row).await;
    }
    let live = tables.store.live_among("members", &ids).await.unwrap();
    assert_eq!(live, 60);
    assert_eq!(tables.store.count_live("members").await.unwrap(), 60);
}
