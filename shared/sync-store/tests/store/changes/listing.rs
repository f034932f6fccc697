//! Changes and records as people and the push look at them.

use sync_store::{ChangeState, NewChange};

use super::{accepted, parts, settle, settlement, wanting};
use crate::records::put;
use crate::support::{KARI, Tables, later, now, row};

#[tokio::test]
async fn changes_are_listed_by_state_in_the_order_of_their_acceptance() {
    let tables = Tables::empty().await;
    for id in ["a", "b", "c", "d", "e"] {
        let change = accepted(&tables, &wanting(id, "name", id)).await;
        match id {
            "b" | "e" => settle(&tables, &change, &settlement(ChangeState::Refused)).await,
            "c" => settle(&tables, &change, &settlement(ChangeState::Applied)).await,
            _ => continue,
        };
    }
    let other = NewChange {
        stream: "teams".into(),
        ..wanting("other", "name", "other")
    };
    accepted(&tables, &other).await;
    let list = async |state, after, limit| {
        let changes = tables.store.changes("members", state, after, limit).await;
        let changes = changes.unwrap().into_iter();
        changes
            .map(|change| (change.wanted.id, change.sequence))
            .unzip()
    };
    let (all, sequences): (Vec<String>, Vec<u64>) = list(None, None, 10).await;
    assert_eq!(all, ["a", "b", "c", "d", "e"]);
    let refused = Some(ChangeState::Refused);
    for (state, after, limit, expected) in [
        (refused, None, 10, vec!["b", "e"]),
        (refused, None, 1, vec!["b"]),
        (refused, Some(sequences[1]), 10, vec!["e"]),
        (Some(ChangeState::Held), None, 10, vec![]),
        (None, None, 2, vec!["a", "b"]),
        (None, Some(sequences[1]), 2, vec!["c", "d"]),
        (None, Some(sequences[4]), 2, vec![]),
    ] {
        let (found, _): (Vec<String>, Vec<u64>) = list(state, after, limit).await;
        assert_eq!(found, expected, "{state:?} after {after:?}");
    }
    for (state, expected) in [
        (ChangeState::Waiting, 2),
        (ChangeState::Refused, 2),
        (ChangeState::Applied, 1),
        (ChangeState::Held, 0),
    ] {
        let count = tables.store.count_changes("members", state).await;
        assert_eq!(count.unwrap(), expected, "{state:?}");
    }
}

#[tokio::test]
async fn more_records_than_a_request_takes_are_read_by_their_ids() {
    let tables = Tables::empty().await;
    let ids: Vec<String> = (0..130)
        .map(|number| format!("a0000000-0000-4000-8000-{number:012}"))
        .collect();
    for id in &ids {
        put(&tables, &row(id, 7, "x")).await;
    }
    let bury = tables.store.bury(&tables.lease, &ids[3], 1, now());
    bury.await.unwrap();
    let mut asked = ids.clone();
    asked.extend([
        ids[0].clone(),
        "b0000000-0000-4000-8000-000000000000".into(),
    ]);
    let found = tables.store.records_by_id("members", &asked).await.unwrap();
    let found: std::collections::HashMap<_, _> = found
        .into_iter()
        .map(|(id, record)| (id, record.unwrap()))
        .collect();
    assert_eq!(found.len(), 130);
    assert!(found[&ids[3]].deleted && found[&ids[3]].dynamics.is_empty());
    assert!(found[&ids[4]].dynamics == row("", 0, "x").fields);
    assert_eq!(found[&ids[4]].modified_on, Some(now()));
}

#[tokio::test]
async fn the_parts_of_a_record_name_who_hides_it_and_what_is_pending() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = accepted(&tables, &wanting("a", "name", "wanted")).await;
    let by = match tables
        .store
        .acquire("certifications", "run", later(0))
        .await
    {
        Ok(sync_store::Acquired::Granted { lease, .. }) => lease,
        other => panic!("{other:?}"),
    };
    let values = crate::hiding::invisible();
    let hide =
        tables
            .store
            .hide_target(&by, "members", KARI, &values, &crate::support::never, now());
    hide.await.unwrap();
    let parts = parts(&tables).await;
    assert!(parts.hidden_by.iter().eq(["certifications"]));
    assert_eq!(
        (parts.generation, parts.version, parts.unverified),
        (1, 7, None)
    );
    let name = &parts.pending["name"];
    assert_eq!(
        (name.change.as_str(), name.sequence),
        ("a", change.sequence)
    );
    assert_eq!(name.sent, None);
    let none = tables.store.record_parts("members", "none").await;
    assert_eq!(none.unwrap(), None);
}
