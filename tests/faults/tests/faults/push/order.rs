//! Which change comes first, and which row it is of.

use dynamics_simulator::{Class, Fault};
use jiff::Timestamp;
use serde_json::json;
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{CERTIFICATIONS, MEMBERS, both_ways, by, never, refused};
use crate::expiry::mentors::{NEXT_YEAR, world};

#[tokio::test]
async fn a_refused_create_by_key_can_be_tried_again() {
    let world = both_ways().await;
    world.complete("first").await;
    let fields = json!({"status": "active", "valid_to": NEXT_YEAR});
    let change = world
        .hand_in(
            "certifications",
            Operation::Create,
            by("mentor_code", "M-9"),
            fields,
        )
        .await;
    world
        .simulator
        .inject(Fault::on(Class::Write, refused()).times(5));
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Refused).await;
    world.simulator.clear_faults();
    world
        .store
        .retry(&change, &never, world.in_seconds(0))
        .await
        .unwrap();
    world.complete("third").await;
    world.assert_state(&change, ChangeState::Applied).await;
}

#[tokio::test]
async fn a_refused_update_by_key_can_be_tried_again_once_the_row_is_there() {
    let world = both_ways().await;
    world.complete("first").await;
    let change = world
        .hand_in(
            "certifications",
            Operation::Update,
            by("mentor_code", "M-9"),
            json!({"comment": "x"}),
        )
        .await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Refused).await;
    world.certification("M-9", NEXT_YEAR);
    world.complete("third").await;
    world
        .store
        .retry(&change, &never, world.in_seconds(0))
        .await
        .unwrap();
    world.complete("fourth").await;
    world.assert_state(&change, ChangeState::Applied).await;
}

#[tokio::test]
async fn changes_of_one_row_named_by_key_and_by_id_keep_their_order() {
    let only = MEMBERS.replace("\"both\"", "\"push\"").replace(
        "conflict  = \"newest-wins\"\nwhere     = { statecode = 0 }\n",
        "",
    );
    let world = world(&[&only]).await;
    let id = world.member();
    world.edit_member(&id, json!({"emailaddress1": "kari@example.no"}));
    let mut changes = Vec::new();
    for (key, name) in [
        (by("email", "kari@example.no"), "one"),
        (ChangeKey::Id(id.clone()), "two"),
        (by("email", "kari@example.no"), "three"),
    ] {
        let change = world.hand_in(
            "members",
            Operation::Update,
            key,
            json!({"first_name": name}),
        );
        changes.push(change.await);
    }
    for run in ["first", "second", "third"] {
        world.complete(run).await;
    }
    for change in &changes {
        world.assert_state(change, ChangeState::Applied).await;
    }
    assert_eq!(world.row("contacts", &id)["firstname"], "three");
}

#[tokio::test]
async fn in_a_stream_that_is_pulled_too() {
    let all = MEMBERS
        .replace("where     = { statecode = 0 }\n", "")
        .replace("newest-wins", "app-wins");
    let world = world(&[&all]).await;
    let (id, twin) = (world.member(), world.member());
    for row in [&id, &twin] {
        world.edit_member(row, json!({"emailaddress1": "kari@example.no"}));
    }
    world.edit_member(&twin, json!({"statecode": 1}));
    world.complete("first").await;
    let mut changes = Vec::new();
    for (key, name) in [
        (by("email", "kari@example.no"), "one"),
        (ChangeKey::Id(id.clone()), "two"),
        (by("email", "kari@example.no"), "three"),
    ] {
        let change = world.hand_in(
            "members",
            Operation::Update,
            key,
            json!({"first_name": name}),
        );
        changes.push(change.await);
    }
    for run in ["second", "third", "fourth"] {
        world.complete(run).await;
    }
    for change in &changes {
        world.assert_state(change, ChangeState::Applied).await;
    }
    assert_eq!(world.row("contacts", &id)["firstname"], "three");
}

#[tokio::test]
async fn a_row_may_refer_to_one_that_was_handed_in_before_it_for_another_stream() {
    for order in [[MEMBERS, CERTIFICATIONS], [CERTIFICATIONS, MEMBERS]] {
        let world = world(&order).await;
        world.complete("first").await;
        let fields = json!({"first_name": "Kari", "last_name": "Nordmann"});
        let first = world
            .hand_in(
                "members",
                Operation::Upsert,
                by("email", "kari@example.no"),
                fields,
            )
            .await;
        let fields = json!({"mentor": {"email": "kari@example.no"}, "status": "active", "valid_to": NEXT_YEAR});
        let second = world
            .hand_in(
                "certifications",
                Operation::Create,
                by("mentor_code", "M-1"),
                fields,
            )
            .await;
        for run in ["second", "third"] {
            world.complete(run).await;
        }
        world.assert_state(&first, ChangeState::Applied).await;
        world.assert_state(&second, ChangeState::Applied).await;
    }
}

#[tokio::test]
async fn two_streams_of_one_table_with_one_key_make_one_row() {
    let members = MEMBERS.replace("key       = \"emailaddress1\"", "key       = \"lastname\"");
    let donors = members.replace("\"members\"", "\"donors\"");
    let world = world(&[&members, &donors]).await;
    world.complete("first").await;
    let rows = world.simulator.truth("contacts").unwrap().count();
    for stream in ["members", "donors"] {
        let fields = json!({"first_name": "Kari"});
        world
            .hand_in(
                stream,
                Operation::Upsert,
                by("last_name", "Nordmann-X"),
                fields,
            )
            .await;
    }
    world.complete("second").await;
    assert_eq!(world.simulator.truth("contacts").unwrap().count(), rows + 1);
}

#[tokio::test]
async fn an_upsert_by_a_guid_that_never_was_there_is_not_told_that_it_was_deleted() {
    let world = both_ways().await;
    world.complete("first").await;
    let id = "0f5b6f5e-64a3-4f5b-9d4a-1d8f5c7b1a11".to_owned();
    let fields = json!({"status": "active", "valid_to": NEXT_YEAR});
    let change = world
        .hand_in(
            "certifications",
            Operation::Upsert,
            ChangeKey::Id(id),
            fields,
        )
        .await;
    world.complete("second").await;
    let change = world.change(&change).await;
    assert_ne!(
        change.reason.as_deref(),
        Some("the row was deleted in Dynamics; an update never creates it again")
    );
}

/// One run within the other takes more of the stack than a test's thread has.
const STACK: usize = 64 * 1024 * 1024;

#[test]
fn a_run_that_lost_its_stream_while_it_wrote_does_not_write_over_its_successor() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(lose_the_stream_at_any_call());
    };
    let thread = std::thread::Builder::new().stack_size(STACK);
    thread.spawn(runtime).unwrap().join().unwrap();
}

async fn lose_the_stream_at_any_call() {
    let stream = CERTIFICATIONS.replace("\"hold\"", "\"app-wins\"");
    let mut worst = Vec::new();
    for at in 1..200 {
        let world = std::sync::Arc::new(world(&[&stream]).await);
        let id = world.certification("M-1", NEXT_YEAR);
        world.complete("first").await;
        for comment in ["one", "two"] {
            let key = ChangeKey::Id(id.clone());
            world
                .hand_in(
                    "certifications",
                    Operation::Update,
                    key,
                    json!({"comment": comment}),
                )
                .await;
        }
        let other = world.clone();
        let look: crate::wire::Look = std::sync::Arc::new(move |place| {
            let other = other.clone();
            Box::pin(async move {
                if place == crate::wire::Cut::Before(at) {
                    other.clock.advance(std::time::Duration::from_secs(100));
                    Box::pin(other.complete("other")).await;
                }
            })
        });
        let wire = crate::wire::Wire::watched(look);
        let process = world.process_on(wire.clone(), world.config(), |_| {});
        crate::world::invoke(&process, "slow", Timestamp::MAX).await;
        if wire.calls() < at {
            break;
        }
        let says = world.row("hlf_certifications", &id)["hlf_comment"].clone();
        if says != json!("two") {
            worst.push((at, says));
        }
    }
    assert!(worst.is_empty(), "{worst:?}");
}

#[tokio::test]
async fn a_create_of_a_row_that_was_just_changed_is_not_told_that_it_was_deleted() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(id),
            json!({"comment": "x"}),
        )
        .await;
    let change = world
        .hand_in(
            "certifications",
            Operation::Create,
            by("mentor_code", "M-1"),
            json!({"comment": "y"}),
        )
        .await;
    world.complete("second").await;
    let reason = world.change(&change).await.reason.unwrap();
    assert!(reason.contains("exists already"), "{reason}");
}
