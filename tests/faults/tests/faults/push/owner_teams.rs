//! Rows that are created belong to a team, which may not be there.

use dynamics_simulator::Class;
use serde_json::json;
use sync_engine::StreamStatus;
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{CERTIFICATIONS, by};
use crate::expiry::mentors::{NEXT_YEAR, few};
use crate::world::{World, stream_file, stream_of};

const NOBODYS: &str = "5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22";

/// The certifications, where new ones belong to this team.
fn owned_by(team: &str) -> String {
    let owner = format!("owner_team = \"{team}\"\n[stream.fields]");
    CERTIFICATIONS.replace("[stream.fields]", &owner)
}

/// A world in which the app creates three certifications and changes a fourth.
async fn waiting() -> (World, Vec<String>, String) {
    let world = World::of(few(), &[&owned_by(NOBODYS)]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let mut creates = Vec::new();
    for code in ["M-2", "M-3", "M-4"] {
        let (key, fields) = (by("mentor_code", code), json!({"comment": "new"}));
        let create = world.hand_in("certifications", Operation::Create, key, fields);
        creates.push(create.await);
    }
    let (key, fields) = (ChangeKey::Id(id), json!({"comment": "app's"}));
    let update = world.hand_in("certifications", Operation::Update, key, fields);
    let update = update.await;
    (world, creates, update)
}

fn team(world: &World) -> String {
    let team = world.simulator.truth("teams").unwrap().next().unwrap();
    team["teamid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_owner_team_that_is_not_there_is_told_once_and_what_is_to_be_created_waits() {
    let (mut world, creates, update) = waiting().await;
    let report = world.run("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(stream.status, StreamStatus::Failed);
    let reason = stream.reason.as_ref().unwrap();
    assert!(
        reason.contains(&format!("Dynamics has no team {NOBODYS}")),
        "{reason}"
    );
    assert_eq!((stream.waiting, stream.refused), (3, 0));
    assert_eq!(world.simulator.requests().of(Class::Write), 0);
    for create in &creates {
        world.assert_state(create, ChangeState::Waiting).await;
        assert_eq!(world.change(create).await.attempts, 0);
    }
    world.assert_state(&update, ChangeState::Applied).await;

    world.streams = stream_file(&[&owned_by(&team(&world))]);
    world.complete("third").await;
    for create in &creates {
        world.assert_state(create, ChangeState::Applied).await;
    }
    world.assert_at_rest().await;
}

#[tokio::test]
async fn where_teams_may_not_be_read_rows_are_created_all_the_same() {
    let (mut world, creates, _) = waiting().await;
    world.streams = stream_file(&[&owned_by(&team(&world))]);
    world.simulator.switch(|switches| {
        switches.forbidden.insert("teams".into());
    });
    world.complete("second").await;
    for create in &creates {
        world.assert_state(create, ChangeState::Applied).await;
    }
}
