//! The scheduled check.

use std::sync::Arc;
use std::time::Duration;

use changes::Changes;
use clock::SystemClock;
use jiff::Timestamp;
use serde_json::json;
use situation::{Check, Outcome};
use streams::Language;
use tokio::net::TcpListener;

use crate::states::{KARI, State, file};
use crate::support::World;

async fn stored(world: &World) -> Check {
    world.store.check().await.unwrap().unwrap().check
}

#[tokio::test]
async fn what_dynamics_answers_is_stored_for_those_who_look() {
    let world = World::of(State::Empty, Language::En).await;
    let checked = world.health.check(Timestamp::MAX).await.unwrap();
    assert!(checked.dynamics);
    let check = stored(&world).await;
    assert_eq!(
        (&check.dynamics.token, &check.dynamics.who_am_i),
        (&Outcome::Good, &Outcome::Good)
    );
    assert!(check.dynamics.latency_ms.is_some());
    assert!(
        check
            .credential
            .is_some_and(|credential| !credential.certificate)
    );
    assert_eq!(check.budget_share, Some(0.5));
    assert!(
        check
            .instance
            .is_some_and(|instance| instance.starts_with("http://127.0.0.1:"))
    );
    let page = world.call("GET /").await.text;
    assert!(
        page.contains("At most 50 % of what Dynamics allows"),
        "{page}"
    );
}

#[tokio::test]
async fn a_secret_that_is_wrong_is_told_from_a_dynamics_that_is_down() {
    let world = World::of(State::Empty, Language::En).await;
    world.simulator.set_secret("another");
    let checked = world.health.check(Timestamp::MAX).await.unwrap();
    assert!(!checked.dynamics);
    let check = stored(&world).await;
    assert!(
        matches!(&check.dynamics.token, Outcome::Failed(reason) if reason.contains("AADSTS")),
        "{check:?}"
    );
    assert_eq!(check.dynamics.who_am_i, Outcome::NotAsked);
    let page = world.call("GET /").await.text;
    assert!(page.contains("Not asked, because signing in failed"));
    assert!(page.contains("AADSTS"));
    let json = world.call("GET /health").await;
    assert_eq!(json.status, 503);
    assert_eq!(json.json()["checks"]["dynamics:token"][0]["status"], "fail");
}

#[tokio::test]
async fn a_dynamics_that_is_silent_leaves_time_to_store_and_to_tell_that() {
    let world = World::of(State::Empty, Language::En).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let health = world.with_dynamics(&url);
    let deadline = clock::after(Timestamp::now(), Duration::from_secs(3));
    let checked = health.check(deadline).await.unwrap();
    assert!(!checked.dynamics && Timestamp::now() < deadline);
    let token = stored(&world).await.dynamics.token;
    assert!(matches!(token, Outcome::Failed(_)), "{token:?}");
}

#[tokio::test]
async fn how_old_the_oldest_copy_is_and_what_waits_is_answered_by_a_check() {
    let empty = World::of(State::Empty, Language::En).await;
    let checked = empty.health.check(Timestamp::MAX).await.unwrap();
    assert_eq!((checked.lag_seconds, checked.waiting), (None, 0));
    let degraded = World::of(State::Degraded, Language::En).await;
    let change = json!({
        "stream": "certifications",
        "operation": "update",
        "key": { "id": KARI },
        "fields": { "status": "active" },
    });
    let clock = Arc::new(SystemClock);
    let changes = Changes::new(degraded.store.clone(), file(Language::En), clock);
    let change = change.to_string();
    changes
        .accept("app", "renewal-1", change.as_bytes())
        .await
        .unwrap();
    let checked = degraded.health.check(Timestamp::MAX).await.unwrap();
    let minutes = checked.lag_seconds.map(|seconds| seconds / 60);
    assert_eq!((minutes, checked.waiting), (Some(25), 1), "{checked:?}");
}

#[tokio::test]
async fn looking_asks_dynamics_nothing() {
    let world = World::of(State::Degraded, Language::En).await;
    for call in ["GET /", "GET /health"] {
        world.call(call).await;
    }
    world.health.healthz().await;
    assert_eq!(world.simulator.requests().total, 0);
    world.health.check(Timestamp::MAX).await.unwrap();
    assert_eq!(
        world.simulator.requests().total,
        3,
        "a token, and who we are, twice"
    );
}
