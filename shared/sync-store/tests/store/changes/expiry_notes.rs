//! What a record remembers of an expiry that was written to Dynamics.

use futures::TryStreamExt;
use std::collections::BTreeMap;
use sync_store::{Change, ChangeState, Ended, Hideable, Memo, NewChange, Origin, Settlement};

use super::{accepted, applied_from, one, parts, settle, settlement, wanting};
use crate::records::put;
use crate::support::{KARI, Tables, now, row};

async fn expiry(tables: &Tables, id: &str) -> Change {
    let origin = Origin::Expiry {
        by: "certifications".into(),
    };
    let change = NewChange {
        origin,
        ..wanting(id, "status", "expired")
    };
    accepted(tables, &change).await
}

fn keep(before: &str) -> Settlement {
    let memo = Memo::Keep {
        by: "certifications".into(),
        before: one("status", before),
    };
    Settlement {
        memo: Some(memo),
        ..applied_from(8)
    }
}

fn ended(change: &str, before: &str) -> BTreeMap<String, Ended> {
    let ended = Ended {
        change: change.into(),
        before: one("status", before),
    };
    BTreeMap::from([("certifications".to_owned(), ended)])
}

async fn hideable(tables: &Tables) -> Hideable {
    let records = tables.store.hideable("members", 3);
    let mut records: Vec<_> = records.try_collect().await.unwrap();
    records.remove(0)
}

#[tokio::test]
async fn an_expiry_is_remembered_through_every_pull_until_it_is_undone() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = expiry(&tables, "a").await;
    assert!(settle(&tables, &change, &keep("active")).await);
    // Nothing is pending, so that this would be a plain put.
    put(&tables, &row(KARI, 8, "Kari")).await;
    assert_eq!(parts(&tables).await.ended, ended("a", "active"));
    let read = hideable(&tables).await;
    assert_eq!(read.ended, ended("a", "active"));
    assert_eq!((read.version, read.modified_on), (8, Some(now())));
    assert!(read.dynamics == one("name", "Kari") && read.returned.is_empty());

    let renewal = expiry(&tables, "b").await;
    let forget = Memo::Forget {
        by: "certifications".into(),
    };
    let forget = Settlement {
        memo: Some(forget),
        ..applied_from(9)
    };
    assert!(settle(&tables, &renewal, &forget).await);
    assert!(!tables.raw_record(KARI).await.unwrap().contains_key("ended"));
}

#[tokio::test]
async fn a_value_that_came_back_different_is_remembered_through_every_pull() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
    assert!(settle(&tables, &change, &applied_from(8)).await);
    for version in [8, 9] {
        put(&tables, &row(KARI, version, "other")).await;
        assert!(hideable(&tables).await.returned == one("name", "wanted"));
    }
}

#[tokio::test]
async fn a_tombstone_remembers_nothing_of_an_expiry_nor_of_what_came_back() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = expiry(&tables, "a").await;
    assert!(settle(&tables, &change, &keep("active")).await);
    let change = accepted(&tables, &wanting("b", "name", "wanted")).await;
    assert!(settle(&tables, &change, &applied_from(7)).await);
    let record = tables.raw_record(KARI).await.unwrap();
    assert!(record.contains_key("ended") && record.contains_key("returned"));
    let bury = tables.store.bury(&tables.lease, KARI, 1, now());
    bury.await.unwrap();
    let tombstone = tables.raw_record(KARI).await.unwrap();
    assert!(!tombstone.contains_key("ended") && !tombstone.contains_key("returned"));
}

#[tokio::test]
async fn an_expiry_that_was_not_written_is_not_remembered_unless_said_so() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = expiry(&tables, "a").await;
    let before = tables.raw_record(KARI).await;
    assert!(settle(&tables, &change, &settlement(ChangeState::Dissolved)).await);
    assert_eq!(tables.raw_record(KARI).await, before);
}
