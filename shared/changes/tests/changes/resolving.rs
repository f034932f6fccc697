//! What people decide about changes.

use std::time::Duration;

use serde_json::json;
use sync_store::{ChangeState, Fields, Settlement};

use crate::support::{Answer, KARI, NOW, World, renewal, text};

async fn settled(world: &World, state: ChangeState) -> String {
    world.pull(7, &[("status", text("expired"))]).await;
    let id = world.accepted("k1", &renewal()).await;
    let settlement = Settlement {
        theirs: Fields::from([("status".into(), text("suspended"))]),
        ..Settlement::new(state, NOW.parse().unwrap())
    };
    world.settle(&id, settlement).await;
    id
}

async fn decide(world: &World, id: &str, how: &str) -> Answer {
    world
        .call_as("run", &format!("POST /changes/{id}/{how}"), &[], b"")
        .await
}

#[tokio::test]
async fn a_refused_change_that_is_tried_again_waits_and_shows_again() {
    let world = World::start().await;
    let id = settled(&world, ChangeState::Refused).await;
    assert_eq!(world.record().await.fields["status"], text("expired"));
    let answer = decide(&world, &id, "retry").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let change = answer.json();
    assert_eq!(change["state"], "waiting");
    assert_eq!(change["sequence"], 2);
    assert_eq!(
        change["fields"]["status"], "active",
        "who decides sees values"
    );
    assert_eq!(world.record().await.fields["status"], text("active"));
}

#[tokio::test]
async fn who_decides_on_the_page_gets_back_to_it() {
    let world = World::start().await;
    let id = settled(&world, ChangeState::Refused).await;
    let browser = [("accept", "text/html,*/*;q=0.8")];
    for (how, state, done) in [
        ("keep-app", ChangeState::Refused, "not-possible"),
        ("retry", ChangeState::Waiting, "resolved"),
    ] {
        let call = format!("POST /changes/{id}/{how}");
        let answer = world.call_as("run", &call, &browser, b"").await;
        assert_eq!((answer.status, answer.text.as_str()), (303, ""));
        assert_eq!(answer.headers["location"], format!("/?done={done}"));
        assert_eq!(world.change(&id).await.state, state);
    }
}

#[tokio::test]
async fn a_held_change_is_decided_either_way() {
    for (how, state, shown) in [
        ("keep-app", "waiting", "active"),
        ("keep-dynamics", "superseded", "expired"),
        ("retry", "waiting", "active"),
        ("drop", "dropped", "expired"),
    ] {
        let world = World::start().await;
        let id = settled(&world, ChangeState::Held).await;
        let answer = decide(&world, &id, how).await;
        assert_eq!(answer.status, 200, "{how}: {}", answer.text);
        assert_eq!(answer.json()["state"], state, "{how}");
        assert_eq!(world.record().await.fields["status"], text(shown), "{how}");
        assert_eq!(world.change(&id).await.force, how == "keep-app", "{how}");
    }
}

#[tokio::test]
async fn a_decision_is_answered_with_no_more_digits_of_its_time_than_are_shown_later() {
    for how in ["keep-app", "keep-dynamics", "retry", "drop"] {
        let world = World::start().await;
        let id = settled(&world, ChangeState::Held).await;
        world.clock.advance(Duration::from_nanos(1_234_567));
        let answer = decide(&world, &id, how).await;
        assert_eq!(
            answer.json()["updated_at"],
            "2026-11-20T12:00:00.001Z",
            "{how}"
        );
        let shown = world.call(&format!("GET /changes/{id}"), &[], b"").await;
        assert_eq!(answer.text, shown.text, "{how}");
    }
}

#[tokio::test]
async fn a_waiting_change_that_is_dropped_shows_no_more() {
    let world = World::start().await;
    world.pull(7, &[("status", text("expired"))]).await;
    let id = world.accepted("k1", &renewal()).await;
    assert_eq!(decide(&world, &id, "drop").await.json()["state"], "dropped");
    assert_eq!(world.record().await.fields["status"], text("expired"));
}

#[tokio::test]
async fn what_cannot_be_done_to_a_change_says_how_it_stands_and_changes_nothing() {
    for (state, how, detail) in [
        (
            ChangeState::Applied,
            "retry",
            "the change is applied; a refused or held change can be tried again",
        ),
        (
            ChangeState::Applied,
            "drop",
            "the change is applied; a change that waits, is held or was refused can be dropped",
        ),
        (
            ChangeState::Refused,
            "keep-app",
            "the change is refused; a held change can be decided like that",
        ),
        (
            ChangeState::Dropped,
            "keep-dynamics",
            "the change is dropped; a held change can be decided like that",
        ),
    ] {
        let world = World::start().await;
        let id = settled(&world, state).await;
        let before = world.change(&id).await;
        let answer = decide(&world, &id, how).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (409, "not-possible")
        );
        assert_eq!(answer.json()["detail"], detail);
        assert_eq!(world.change(&id).await, before);
    }
}

#[tokio::test]
async fn a_change_that_is_not_there_cannot_be_decided() {
    let world = World::start().await;
    for how in ["retry", "drop", "keep-app", "keep-dynamics"] {
        let answer = decide(&world, KARI, how).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "not-found"),
            "{how}"
        );
    }
}

#[tokio::test]
async fn a_change_whose_stream_writes_no_more_is_dropped_but_never_made_to_wait() {
    let world = World::start().await;
    let id = settled(&world, ChangeState::Held).await;
    let later = world.with_file(&crate::support::FILE.replace("\"certifications\"", "\"renamed\""));
    for how in [changes::Resolution::Retry, changes::Resolution::KeepApp] {
        let problem = later.resolve(&id, how).await.unwrap_err();
        assert_eq!(problem.kind(), web::ProblemKind::NotPossible);
        assert!(problem.to_string().contains("can be dropped"), "{problem}");
    }
    let dropped = later.resolve(&id, changes::Resolution::Drop).await.unwrap();
    assert_eq!(dropped.state, ChangeState::Dropped);
    assert_eq!(json!(dropped.wanted.stream), "certifications");
}
