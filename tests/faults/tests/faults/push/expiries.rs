//! An expiry is written to Dynamics too, and taken back when it is renewed.

use dynamics_simulator::{Class, Fault};
use serde_json::json;
use sync_engine::StreamStatus;
use sync_store::{ChangeKey, ChangeState, Guard, Operation};

use super::{CERTIFICATIONS, MEMBERS, both_ways, refused_parts, unavailable};
use crate::expiry::mentors::{EXPIRY, EXPIRY_OF_MENTORS, NEXT_YEAR, YESTERDAY, world};
use crate::world::{World, stream_of};

/// What Dynamics says of a certification: its status, and whether it is visible.
fn says(world: &World, id: &str) -> (i64, bool) {
    let row = world.row("hlf_certifications", id);
    let status = row["hlf_status"].as_i64().unwrap();
    (status, row["hlf_portalvisible"].as_bool().unwrap())
}

#[tokio::test]
async fn what_expired_is_written_to_dynamics_in_the_same_run_and_a_further_one_writes_nothing() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "certifications").pushed, 1);
    assert_eq!(says(&world, &id), (2, false));
    let seen = world.certified(&id).await;
    assert!(
        !seen.visible && seen.status.as_deref() == Some("expired"),
        "{seen:?}"
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn while_dynamics_is_down_the_copy_hides_and_dynamics_learns_of_it_later() {
    let world = both_ways().await;
    let id = world.certification("M-1", "2026-11-21");
    world.complete("first").await;
    world.next_night();
    let down = Fault::on(Class::WhoAmI, unavailable()).times(100);
    world.simulator.inject(down);
    let report = world.run("second").await;
    assert!(
        report
            .streams
            .iter()
            .all(|stream| stream.status == StreamStatus::Failed)
    );
    assert!(!world.certified(&id).await.visible);
    assert_eq!(says(&world, &id), (1, true));
    world.simulator.clear_faults();
    world.complete("third").await;
    assert_eq!(says(&world, &id), (2, false));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn an_expiry_that_was_renewed_before_it_was_written_dissolves() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    let refused = Fault::on(Class::Batch, unavailable()).times(100);
    world.simulator.inject(refused);
    world.complete("first").await;
    assert_eq!(says(&world, &id), (1, true));
    world.simulator.clear_faults();
    world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "certifications").dissolved, 1);
    assert_eq!(says(&world, &id), (1, true));
    assert!(world.certified(&id).await.visible);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_suspended_certification_past_its_last_day_stays_suspended_in_dynamics() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world.edit(&id, json!({"hlf_status": 3}));
    world.complete("first").await;
    assert_eq!(says(&world, &id), (3, true));
    assert_eq!(world.writes(), 0);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_renewal_gives_back_what_the_expiry_took_and_nothing_else() {
    for hidden_before in [false, true] {
        let world = both_ways().await;
        let id = world.certification("M-1", YESTERDAY);
        world.edit(&id, json!({"hlf_portalvisible": !hidden_before}));
        world.complete("first").await;
        assert_eq!(says(&world, &id), (2, false));
        world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
        world.complete("second").await;
        assert_eq!(says(&world, &id), (1, !hidden_before));
        assert_eq!(world.certified(&id).await.visible, !hidden_before);
        world.assert_at_rest().await;
        assert!(
            !world
                .item("certifications", &id)
                .await
                .contains_key("ended")
        );
    }
}

#[tokio::test]
async fn a_renewal_by_the_app_gives_back_what_the_expiry_took_too() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    let fields = json!({"status": "active", "valid_to": NEXT_YEAR});
    let key = ChangeKey::Id(id.clone());
    world
        .hand_in("certifications", Operation::Update, key, fields)
        .await;
    world.complete("second").await;
    assert_eq!(says(&world, &id), (1, true));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn an_expired_certification_that_is_suspended_and_then_renewed_is_not_made_visible() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    world.edit(&id, json!({"hlf_status": 3, "hlf_validto": NEXT_YEAR}));
    world.complete("second").await;
    assert_eq!(says(&world, &id), (3, false));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_mentor_is_hidden_in_dynamics_while_no_valid_certification_refers_to_him() {
    let world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    let mentor = world.member();
    let id = world.certification_of(&mentor, "M-1", YESTERDAY);
    world.complete("first").await;
    assert_eq!(world.row("contacts", &mentor)["donotemail"], false);
    assert!(!world.is_shown(&mentor).await);
    world.assert_at_rest().await;

    world.edit(&id, json!({"hlf_validto": NEXT_YEAR}));
    world.complete("second").await;
    assert_eq!(world.row("contacts", &mentor)["donotemail"], true);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn too_many_expiries_at_once_are_hidden_and_wait_for_a_person_before_dynamics_is_written() {
    let world = world(&[CERTIFICATIONS, EXPIRY]).await;
    let ids: Vec<String> = (0..30)
        .map(|n| {
            world.certification(
                &format!("M-{n}"),
                if n < 12 { YESTERDAY } else { NEXT_YEAR },
            )
        })
        .collect();
    let report = world.run("first").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(stream.status, StreamStatus::Guarded);
    assert_eq!(
        stream.reason.as_deref().unwrap(),
        "12 of 30 rows would be written to Dynamics because they have expired by stream \
         `certifications`, so none was; in the copy they are hidden. Check the dates; if they are \
         right, release it with `dynamics-sync cursor release certifications` and run again"
    );
    assert!(!world.certified(&ids[0]).await.visible);
    assert_eq!(world.writes(), 0);

    let released = world
        .store
        .release_guard("certifications", Guard::Expiry)
        .await;
    assert_eq!(released.unwrap().unwrap().vanishing, 12);
    world.complete("second").await;
    assert_eq!(says(&world, &ids[0]), (2, false));
    let state = world
        .store
        .stream_state("certifications")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state.expiry_guarded, None);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn an_expiry_that_dynamics_refuses_is_told_and_the_copy_stays_hidden() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world
        .simulator
        .inject(Fault::on(Class::Batch, refused_parts(1)).times(100));
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "certifications").refused, 1);
    assert!(!world.certified(&id).await.visible);
    let refused = Some(ChangeState::Refused);
    let refused = world
        .store
        .changes("certifications", refused, None, 10)
        .await;
    assert_eq!(refused.unwrap().len(), 1);
}
