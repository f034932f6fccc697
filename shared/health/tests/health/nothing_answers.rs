//! What is behind the page does not answer, or is not set up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clock::SystemClock;
use health::Health;
use streams::Language;
use sync_store::Store;
use tokio::net::TcpListener;

use crate::states::{State, file};
use crate::support::{self, World, tables};

#[tokio::test]
async fn tables_that_are_gone_are_named() {
    let world = World::of(State::Healthy, Language::Nb).await;
    let nobody = Store::new(
        world.engine.config(),
        sync_store::TableNames {
            state: "elsewhere".into(),
            ..tables()
        },
    );
    let health = world.with_store(nobody, Language::Nb);
    let json = support::answer(&health, "read", "GET /health", &[], "").await;
    assert_eq!(json.status, 503);
    let output = json.json()["checks"]["store:reachable"][0]["output"].to_string();
    assert!(output.contains("table `elsewhere`"), "{output}");
    let page = support::answer(&health, "read", "GET /", &[], "").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Vi får ikke vite hvordan det står til"));
    assert!(page.text.contains("table `elsewhere`"));
}

#[tokio::test]
async fn tables_that_do_not_answer_are_given_up_on_within_three_seconds() {
    let world = World::of(State::Healthy, Language::En).await;
    // Takes calls, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let store = Store::new(world.engine.config().endpoint_url(address), tables());
    let health = world.with_store(store, Language::En);
    let asked = Instant::now();
    let json = support::answer(&health, "read", "GET /health", &[], "");
    let page = support::answer(&health, "read run", "GET /", &[], "");
    let run = support::answer(&health, "run", "POST /runs", &[], "");
    let (json, page, run, healthz) = futures::join!(json, page, run, health.healthz());
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!((json.status, healthz.status().as_u16()), (503, 503));
    assert!(
        json.text.contains("DynamoDB does not answer"),
        "{}",
        json.text
    );
    assert!(page.text.contains("DynamoDB does not answer"));
    assert!(!page.text.contains("<form"), "nothing could be done");
    assert_eq!(run.status, 503, "nobody knows whether one goes on");
    assert!(world.runs.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn settings_that_are_wrong_are_shown_in_place_of_everything_else() {
    let problems = vec!["SYNC_STATE_TABLE is missing; expected <a name>".to_owned()];
    let clock = Arc::new(SystemClock);
    let health = Health::not_set_up(problems, Some(file(Language::Nb)), clock);
    let page = support::answer(&health, "read run", "GET /", &[], "").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text
            .contains("Synkroniseringen er ikke satt opp riktig")
    );
    assert!(
        page.text
            .contains("SYNC_STATE_TABLE is missing; expected &#60;a name&#62;")
    );
    assert!(!page.text.contains("<form"));
    let json = support::answer(&health, "read", "GET /health", &[], "").await;
    assert_eq!(json.status, 503);
    assert_eq!(json.json()["checks"]["settings:valid"][0]["status"], "fail");
    assert_eq!(health.healthz().await.status(), 503);
    let run = support::answer(&health, "run", "POST /runs", &[], "").await;
    assert_eq!(run.status, 500);
}
