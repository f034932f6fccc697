//! What waits, and in which order.

use aws_sdk_dynamodb::types::AttributeValue;
use sync_store::{ChangeState, ErrorKind};

use super::{accepted, settle, settlement, stored, waiting, wanting};
use crate::support::{Tables, later};

/// Six changes, of which the first was settled.
async fn six(tables: &Tables) {
    for id in ["a", "b", "c", "d", "e", "f"] {
        accepted(tables, &wanting(id, "name", id)).await;
    }
    let first = stored(tables, "a").await;
    assert!(settle(tables, &first, &settlement(ChangeState::Dissolved)).await);
}

async fn plant_change(tables: &Tables, pk: &str, sk: &str, name: &str, value: &str) {
    tables
        .raw
        .update_item()
        .table_name("changes")
        .key("pk", AttributeValue::S(pk.into()))
        .key("sk", AttributeValue::S(sk.into()))
        .update_expression("SET #name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", AttributeValue::S(value.into()))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn changes_come_in_the_order_of_their_acceptance_part_by_part() {
    let tables = Tables::empty().await;
    six(&tables).await;
    let (mut after, mut parts) = (None, Vec::new());
    loop {
        let part = tables.store.waiting("members", after, 2).await.unwrap();
        parts.push(
            part.changes
                .iter()
                .map(|one| one.wanted.id.clone())
                .collect::<Vec<_>>(),
        );
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(parts, [vec!["b", "c"], vec!["d", "e"], vec!["f"]]);
    let other = tables.store.waiting("members2", None, 2).await.unwrap();
    assert!(other.changes.is_empty() && other.next.is_none());
    let count = tables.store.count_changes("members", ChangeState::Waiting);
    assert_eq!(count.await.unwrap(), 5);
}

#[tokio::test]
async fn large_changes_come_in_parts_of_a_bounded_size_and_none_is_left_out() {
    let tables = Tables::empty().await;
    let large = "x".repeat(250_000);
    for number in 0..100 {
        accepted(&tables, &wanting(&number.to_string(), "name", &large)).await;
    }
    let first = tables.store.waiting("members", None, 1_000).await.unwrap();
    // The second request went past 16 MB.
    assert_eq!((first.changes.len(), first.next), (80, Some(80)));
    let rest = tables.store.waiting("members", first.next, 1_000).await;
    let rest = rest.unwrap();
    assert_eq!((rest.changes.len(), rest.next), (20, None));
}

#[tokio::test]
async fn a_damaged_change_is_named_and_keeps_no_other_from_its_turn() {
    let tables = Tables::empty().await;
    six(&tables).await;
    plant_change(&tables, "change#c", "change", "attempts", "damaged").await;
    plant_change(&tables, "change#f", "change", "state", "unheard of").await;
    let part = tables.store.waiting("members", None, 5).await.unwrap();
    let ids: Vec<_> = part
        .changes
        .iter()
        .map(|one| one.wanted.id.as_str())
        .collect();
    assert_eq!(ids, ["b", "d", "e"]);
    let errors: Vec<_> = part.damaged.iter().map(ToString::to_string).collect();
    assert!(
        errors[0].starts_with("cannot read change c in table `changes`: the change cannot be read")
    );
    assert!(errors[1].contains("change f"), "{errors:?}");
    // They keep their places, and the last one does not hide what comes after it.
    assert!(part.next.is_some());
    let again = tables.store.waiting("members", None, 5).await.unwrap();
    assert_eq!(again.damaged.len(), 2);

    let error = tables.store.change("c").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    let listed = tables.store.changes("members", None, None, 10).await;
    assert!(listed.unwrap_err().to_string().contains("change c"));
}

#[tokio::test]
async fn a_pointer_to_what_does_not_wait_is_passed_over_and_can_be_removed() {
    let tables = Tables::empty().await;
    six(&tables).await;
    let place = |number: u32| format!("{number:020}");
    // One to a settled change, one to none, and one to where a change is not any more.
    for (number, change) in [(1, "a"), (90, "none"), (91, "b")] {
        plant_change(&tables, "queue#members", &place(number), "change", change).await;
    }
    let read = tables.store.waiting("members", None, 20).await.unwrap();
    for stray in &read.strays {
        tables.store.remove_stray("members", stray).await.unwrap();
    }
    for number in [1, 90, 91] {
        assert_eq!(
            tables.raw_change("queue#members", &place(number)).await,
            None
        );
    }
    assert_eq!(waiting(&tables).await, ["b", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn a_change_that_comes_to_wait_where_a_stray_pointer_stood_is_not_taken_out() {
    let tables = Tables::empty().await;
    accepted(&tables, &wanting("a", "name", "a")).await;
    plant_change(&tables, "change#a", "change", "state", "held").await;
    let read = tables.store.waiting("members", None, 5).await.unwrap();
    assert!(read.changes.is_empty());
    plant_change(&tables, "change#a", "change", "state", "waiting").await;
    let [stray] = read.strays.as_slice() else {
        panic!("{:?}", read.strays);
    };
    tables.store.remove_stray("members", stray).await.unwrap();
    assert_eq!(waiting(&tables).await, ["a"]);
}

#[tokio::test]
async fn an_attempt_in_vain_is_noted_and_the_change_goes_on_waiting() {
    let tables = Tables::empty().await;
    let change = accepted(&tables, &wanting("a", "name", "a")).await;
    for number in 1..=2 {
        let note = tables
            .store
            .note_attempt(&change, "Dynamics is down", later(200));
        note.await.unwrap();
        let now = stored(&tables, "a").await;
        assert_eq!((now.attempts, now.state), (number, ChangeState::Waiting));
        assert_eq!(now.reason.as_deref(), Some("Dynamics is down"));
        assert_eq!(now.updated_at, later(200));
    }
    // What was settled in the meantime is left as it is.
    settle(&tables, &change, &settlement(ChangeState::Refused)).await;
    let settled = stored(&tables, "a").await;
    let note = tables.store.note_attempt(&change, "late", later(300));
    note.await.unwrap();
    assert_eq!(stored(&tables, "a").await, settled);
}
