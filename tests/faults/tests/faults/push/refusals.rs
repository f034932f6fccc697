//! What Dynamics or the stream file does not allow is refused with a reason, and stops nothing else.

use dynamics_simulator::{Class, Effect, Fault};
use serde_json::json;
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{CERTIFICATIONS, MEMBERS, both_ways, by, refused_parts, unavailable};
use crate::expiry::mentors::{NEXT_YEAR, world};
use crate::world::stream_of;

#[tokio::test]
async fn one_poisoned_change_among_many_is_refused_and_the_others_go_through_in_the_same_run() {
    let world = both_ways().await;
    let ids: Vec<String> = (0..40)
        .map(|n| world.certification(&format!("M-{n}"), NEXT_YEAR))
        .collect();
    world.complete("first").await;
    let mut changes = Vec::new();
    for (n, id) in ids.iter().enumerate() {
        let comment = match n {
            17 => "too long ".repeat(1_000),
            n => format!("comment {n}"),
        };
        let key = ChangeKey::Id(id.clone());
        let fields = json!({"comment": comment});
        changes.push(
            world
                .hand_in("certifications", Operation::Update, key, fields)
                .await,
        );
    }
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!((stream.pushed, stream.refused), (39, 1));
    world.assert_state(&changes[17], ChangeState::Refused).await;
    let reason = world.change(&changes[17]).await.reason.unwrap();
    assert!(reason.contains("hlf_comment"), "{reason}");
    assert!(!reason.contains("too long too long"), "{reason}");
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_person_erased_in_dynamics_is_never_created_again_by_an_update() {
    let world = world(&[MEMBERS]).await;
    let id = world.member();
    world.edit_member(&id, json!({"emailaddress1": "kari@example.no"}));
    world.complete("first").await;
    let mut changes = Vec::new();
    for (operation, key) in [
        (Operation::Update, ChangeKey::Id(id.clone())),
        (Operation::Upsert, ChangeKey::Id(id.clone())),
        (Operation::Upsert, by("email", "kari@example.no")),
    ] {
        let fields = json!({"first_name": "Ola"});
        changes.push(world.hand_in("members", operation, key, fields).await);
    }
    let rows = world.simulator.truth("contacts").unwrap().count();
    assert!(
        world
            .simulator
            .delete("contacts", id.parse().unwrap())
            .unwrap()
    );
    world.complete("second").await;
    for change in &changes {
        world.assert_state(change, ChangeState::Refused).await;
        assert_eq!(
            world.change(change).await.reason.unwrap(),
            "the row was deleted in Dynamics; an update never creates it again"
        );
    }
    assert_eq!(world.simulator.truth("contacts").unwrap().count(), rows - 1);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_key_that_two_active_rows_have_is_refused_and_both_are_named() {
    let world = world(&[MEMBERS]).await;
    world.complete("first").await;
    let (first, second) = (world.member(), world.member());
    for id in [&first, &second] {
        world.edit_member(id, json!({"emailaddress1": "kari@example.no"}));
    }
    let key = by("email", "kari@example.no");
    let change = world
        .hand_in(
            "members",
            Operation::Upsert,
            key,
            json!({"first_name": "Ola"}),
        )
        .await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Refused).await;
    let reason = world.change(&change).await.reason.unwrap();
    assert!(
        reason.contains(&first) && reason.contains(&second),
        "{reason}"
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn an_inactive_row_with_the_key_does_not_count() {
    let world = world(&[MEMBERS]).await;
    world.complete("first").await;
    let inactive = world.member();
    world.edit_member(
        &inactive,
        json!({"emailaddress1": "kari@example.no", "statecode": 1}),
    );
    let key = by("email", "kari@example.no");
    let fields = json!({"first_name": "Ola", "last_name": "Nordmann"});
    let change = world
        .hand_in("members", Operation::Upsert, key, fields)
        .await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Applied).await;
    assert_eq!(world.row("contacts", &inactive)["firstname"], "Kari");
    let row = world.change(&change).await.row.unwrap();
    assert_eq!(world.row("contacts", &row)["firstname"], "Ola");
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_row_that_may_only_be_created_and_exists_is_refused() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let key = by("mentor_code", "M-1");
    let fields = json!({"comment": "app's"});
    let change = world
        .hand_in("certifications", Operation::Create, key, fields)
        .await;
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Refused).await;
    assert!(world.row("hlf_certifications", &id)["hlf_comment"].is_null());
    world.assert_at_rest().await;
}

#[tokio::test]
async fn what_failed_in_passing_waits_and_later_changes_of_the_row_wait_with_it() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let mut changes = Vec::new();
    for comment in ["one", "two"] {
        let key = ChangeKey::Id(id.clone());
        let fields = json!({"comment": comment});
        changes.push(
            world
                .hand_in("certifications", Operation::Update, key, fields)
                .await,
        );
    }
    world
        .simulator
        .inject(Fault::on(Class::Batch, unavailable()).times(100));
    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "certifications").waiting, 2);
    for (change, attempts) in changes.iter().zip([1, 0]) {
        world.assert_state(change, ChangeState::Waiting).await;
        assert_eq!(world.change(change).await.attempts, attempts);
    }
    world.simulator.clear_faults();
    world.complete("third").await;
    assert_eq!(world.row("hlf_certifications", &id)["hlf_comment"], "two");
    world.assert_at_rest().await;
}

#[tokio::test]
async fn parts_of_a_batch_that_are_refused_stop_none_of_the_others() {
    let world = both_ways().await;
    let ids: Vec<String> = (0..10)
        .map(|n| world.certification(&format!("M-{n}"), NEXT_YEAR))
        .collect();
    world.complete("first").await;
    for id in &ids {
        let key = ChangeKey::Id(id.clone());
        let fields = json!({"comment": "new"});
        world
            .hand_in("certifications", Operation::Update, key, fields)
            .await;
    }
    world
        .simulator
        .inject(Fault::on(Class::Batch, refused_parts(2)));
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!((stream.pushed, stream.refused), (5, 5));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_row_that_somebody_changes_each_time_it_is_written_waits_and_is_not_overwritten() {
    let world = world(&[CERTIFICATIONS]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let key = ChangeKey::Id(id.clone());
    let fields = json!({"comment": "app's"});
    let change = world
        .hand_in("certifications", Operation::Update, key, fields)
        .await;
    let mismatch = Effect::FailParts {
        every: 1,
        status: 412,
        code: "0x80060882".to_owned(),
        message: String::new(),
    };
    world
        .simulator
        .inject(Fault::on(Class::Batch, mismatch).times(2));
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Waiting).await;
    world.complete("third").await;
    world.assert_state(&change, ChangeState::Applied).await;
    world.assert_at_rest().await;
}
