//! Postings go to Dynamics exactly once each: created under their reference and never touched again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dynamics_simulator::{Class, Effect, Fault};
use futures::future::pending;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use sync_store::{ChangeKey, ChangeState, Operation};
use tokio::sync::Notify;

use crate::expiry::mentors::columns;
use crate::push::by;
use crate::wire::{Cut, Look, Wire};
use crate::world::{World, invoke, stream_of};

const FILE: &str = include_str!("../../../../../../infra/streams/accounting.toml");
const TEAM: &str = "5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22";
/// More than one request of the bulk action takes.
const MANY: u64 = 1_200;
const NO_FLOWS: &str = "mscrm.suppresscallbackregistrationexpanderjob";

/// A world in which the team of the stream file exists and the members were read.
async fn accounting() -> World {
    let world = super::world(FILE).await;
    let team = json!({"teamid": TEAM, "name": "Economy"});
    world.simulator.create("teams", columns(team)).unwrap();
    world.complete("first").await;
    world.simulator.reset_requests();
    world
}

fn posting(operation: &str, reference: &str, amount: &str) -> String {
    format!(
        r#"{{"stream": "postings", "operation": "{operation}", "key": {{"reference": "{reference}"}},
            "fields": {{"amount": {amount}, "posted_on": "2026-11-20", "account": "3900",
                        "text": "Membership 2026"}}}}"#
    )
}

/// So many postings wait, each with an amount of its own.
async fn wait(world: &World, count: u64) -> Vec<String> {
    let mut changes = Vec::new();
    for number in 0..count {
        let body = posting("create", &format!("P-{number}"), &amount(number));
        changes.push(world.post_text(&body).await);
    }
    changes
}

fn amount(number: u64) -> String {
    format!("-{number}.0{}", number % 1_000 + 1)
}

/// Each is in Dynamics once, as it was handed in, and its change says so.
async fn assert_each_is_there_once(world: &World, changes: &[String]) {
    let rows: Vec<Json> = world
        .simulator
        .truth("hlf_postings")
        .unwrap()
        .map(Json::Object)
        .collect();
    assert_eq!(rows.len(), changes.len());
    for (number, change) in changes.iter().enumerate() {
        let change = world.change(change).await;
        assert_eq!(change.state, ChangeState::Applied, "{:?}", change.reason);
        let row = rows
            .iter()
            .find(|row| row["hlf_reference"] == json!(format!("P-{number}")))
            .unwrap();
        assert_eq!(row["hlf_postingid"], json!(change.row));
        let asked: f64 = amount(number as u64).parse().unwrap();
        let there: f64 = row["hlf_amount"].as_str().unwrap().parse().unwrap();
        assert!((asked - there).abs() < 1e-6, "{asked} became {there}");
        assert_eq!(row["hlf_postedon"], "2026-11-20");
        assert_eq!(row["_ownerid_value"], TEAM);
    }
}

/// Requests that wrote postings, all of which kept flows from starting.
fn bulk_writes(world: &World) -> usize {
    let requests = world.simulator.requests().last;
    let writes = requests
        .into_iter()
        .filter(|request| request.class == Class::Write);
    let writes: Vec<_> = writes.collect();
    for write in &writes {
        assert!(write.target.ends_with("CreateMultiple"), "{write:?}");
        assert_eq!(write.headers[NO_FLOWS], "true");
    }
    writes.len()
}

#[tokio::test]
async fn more_postings_than_one_request_takes_go_in_two_each_once_and_owned_by_the_team() {
    let world = accounting().await;
    let changes = wait(&world, MANY).await;
    let report = world.complete("second").await;
    let stream = stream_of(&report, "postings");
    assert_eq!(
        (stream.pushed, stream.refused, stream.waiting),
        (MANY, 0, 0)
    );
    // One more asks whether the table has the bulk action.
    assert_eq!((bulk_writes(&world), stream.push_requests), (2, 3));
    assert_each_is_there_once(&world, &changes).await;
    world.assert_at_rest().await;
}

#[tokio::test]
async fn postings_whose_answer_is_lost_are_there_once() {
    let world = accounting().await;
    let changes = wait(&world, 40).await;
    let lost = Fault::on(Class::Write, Effect::ResetAfter).times(2);
    world.simulator.inject(lost);
    world.complete("second").await;
    assert!(bulk_writes(&world) > 2, "no answer was lost");
    assert_each_is_there_once(&world, &changes).await;
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_run_that_is_killed_between_two_requests_of_postings_leaves_each_to_be_there_once() {
    let world = accounting().await;
    let changes = wait(&world, MANY).await;
    let (died, seen) = (Arc::new(Notify::new()), AtomicBool::new(false));
    let look: Look = {
        let (simulator, died) = (world.simulator.clone(), died.clone());
        Arc::new(move |here| {
            let created = simulator.rows("hlf_postings").unwrap() > 0;
            let now = matches!(here, Cut::After(_)) && created;
            let first = now && !seen.swap(true, Ordering::SeqCst);
            let died = died.clone();
            Box::pin(async move {
                if first {
                    died.notify_one();
                }
                if now {
                    pending::<()>().await;
                }
            })
        })
    };
    let process = world.process_on(Wire::watched(look), world.config(), |_| {});
    tokio::select! {
        _ = invoke(&process, "killed", Timestamp::MAX) => panic!("it was not killed"),
        () = died.notified() => {}
    }
    assert_eq!(world.simulator.rows("hlf_postings").unwrap(), 1_000);
    world.clock.advance(Duration::from_secs(100));
    let report = world.complete("second").await;
    let requests = stream_of(&report, "postings").push_requests;
    assert!(requests <= 30, "{requests} requests to find what is there");
    assert_each_is_there_once(&world, &changes).await;
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_run_killed_at_any_call_leaves_each_posting_to_be_there_once() {
    let mut died = 0;
    for call in 1.. {
        let world = accounting().await;
        let changes = wait(&world, 3).await;
        let wire = Wire::new(Cut::After(call));
        let process = world.process_on(wire.clone(), world.config(), |_| {});
        let cut = tokio::select! {
            _ = invoke(&process, "killed", Timestamp::MAX) => false,
            () = wire.died() => true,
        };
        world.clock.advance(Duration::from_secs(100));
        world.complete("second").await;
        assert_each_is_there_once(&world, &changes).await;
        world.assert_at_rest().await;
        if !cut {
            break;
        }
        died += 1;
    }
    assert!(died > 20, "only {died} calls");
}

#[tokio::test]
async fn a_posting_names_its_member_by_the_e_mail_address() {
    let world = accounting().await;
    let member = world.member();
    world.edit_member(&member, json!({"emailaddress1": "kari@example.no"}));
    let of = |reference: &str, email: &str| {
        json!({
            "stream": "postings", "operation": "create", "key": {"reference": reference},
            "fields": {"amount": 350, "member": {"email": email}}
        })
    };
    let known = world.post(&of("P-1", "KARI@example.no")).await;
    let unknown = world.post(&of("P-2", "nobody@example.no")).await;
    let report = world.complete("second").await;
    let stream = stream_of(&report, "postings");
    assert_eq!((stream.pushed, stream.refused), (1, 1));
    let row = world.change(&known).await.row.unwrap();
    let row = world.row("hlf_postings", &row);
    assert_eq!(row["_hlf_memberid_value"], json!(member));
    world.assert_state(&unknown, ChangeState::Refused).await;
    assert_eq!(
        world.change(&unknown).await.reason.unwrap(),
        "field `member`: Dynamics has no active row with this key"
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_posting_that_is_handed_in_again_under_another_change_is_refused_as_existing() {
    for together in [true, false] {
        let world = accounting().await;
        let first = world.post_text(&posting("create", "P-1", "350")).await;
        if !together {
            world.complete("second").await;
        }
        let again = world.post_text(&posting("create", "p-1", "350")).await;
        world.complete("third").await;
        world.assert_state(&first, ChangeState::Applied).await;
        world.assert_state(&again, ChangeState::Refused).await;
        assert_eq!(
            world.change(&again).await.reason.unwrap(),
            "a row with this key exists already, and the change may only create one"
        );
        assert_eq!(world.simulator.rows("hlf_postings").unwrap(), 1);
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn a_posting_is_never_updated_whichever_way_it_is_asked_for() {
    let world = accounting().await;
    let first = world.post_text(&posting("create", "P-1", "350")).await;
    world.complete("second").await;
    let id = world.change(&first).await.row.unwrap();
    let before = world.row("hlf_postings", &id);
    let update = serde_json::from_str(&posting("update", "P-1", "999")).unwrap();
    let turned_away = world.turned_away(&update).await;
    assert_eq!(turned_away.len(), 4);
    assert!(
        turned_away
            .iter()
            .all(|(_, code)| *code == "only-when-created")
    );
    let delete = json!({"stream": "postings", "operation": "delete", "key": {"reference": "P-1"}});
    assert_eq!(
        world.turned_away(&delete).await,
        [("/operation".to_owned(), "operation-not-allowed")]
    );
    // Taken in before the stream file said so.
    for (operation, key) in [
        (Operation::Update, by("reference", "P-1")),
        (Operation::Update, ChangeKey::Id(id.clone())),
        (Operation::Upsert, by("reference", "P-1")),
    ] {
        let change = world.hand_in("postings", operation, key, json!({"amount": 999}));
        let change = change.await;
        world.complete("third").await;
        world.assert_state(&change, ChangeState::Superseded).await;
        assert_eq!(
            world.change(&change).await.reason.unwrap(),
            "the row exists, and the stream's `update` leaves its values as they are"
        );
    }
    assert_eq!(world.row("hlf_postings", &id), before);
    world.assert_at_rest().await;
}
