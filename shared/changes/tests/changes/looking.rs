//! What became of a change: to those who may see its values, and to those who only watch.

use serde_json::{Value, json};
use sync_store::{ChangeState, Fields, Settlement};

use crate::support::{KARI, NOW, World, renewal, renewal_with, text};

async fn held(world: &World) -> String {
    world.pull(7, &[("status", text("expired"))]).await;
    let id = world.accepted("k1", &renewal()).await;
    let settlement = Settlement {
        reason: Some("both sides changed `status`".into()),
        theirs: Fields::from([("status".into(), text("suspended"))]),
        ..Settlement::new(ChangeState::Held, NOW.parse().unwrap())
    };
    world.settle(&id, settlement).await;
    id
}

#[tokio::test]
async fn who_hands_in_changes_sees_all_of_one() {
    let world = World::start().await;
    let id = held(&world).await;
    let expected = json!({
        "id": id, "stream": "certifications", "operation": "update", "state": "held",
        "sequence": 1, "row": KARI, "reason": "both sides changed `status`", "attempts": 0,
        "accepted_at": NOW, "changed_at": NOW, "updated_at": NOW, "base_version": null,
        "origin": { "kind": "app", "key": "app" },
        "names": ["status", "valid_to"], "lost": [],
        "key": { "mentor_code": "M-1001" },
        "fields": { "status": "active", "valid_to": "2027-03-31" },
        "theirs": { "status": "suspended" },
    });
    assert_eq!(world.get(&format!("/changes/{id}")).await, expected);
    assert_eq!(
        world.get(&format!("/changes/{}", id.to_uppercase())).await,
        expected
    );
    assert_eq!(world.get("/changes").await["changes"], json!([expected]));
}

#[tokio::test]
async fn who_only_reads_sees_no_value_of_a_change() {
    let world = World::start().await;
    let id = held(&world).await;
    for call in [format!("GET /changes/{id}"), "GET /changes".to_owned()] {
        let answer = world.call_as("read", &call, &[], b"").await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.text.contains(r#""names":["status","valid_to"]"#),
            "{}",
            answer.text
        );
        for value in [
            "M-1001",
            "suspended",
            "2027-03-31",
            "\"active\"",
            "\"key\":{",
            "theirs",
        ] {
            assert!(!answer.text.contains(value), "{value}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_listing_goes_page_by_page_through_all_streams_and_meets_each_change_once() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(world.accepted(&format!("c{number}"), &renewal()).await);
    }
    let note = json!({ "stream": "notes", "operation": "update", "key": { "id": KARI }, "fields": { "text": "x" } });
    for number in 0..3 {
        ids.push(world.accepted(&format!("n{number}"), &note).await);
    }
    for limit in [1, 2, 3, 5, 8, 100] {
        let mut met: Vec<Value> = Vec::new();
        let mut address = format!("/changes?limit={limit}");
        loop {
            let page = world.get(&address).await;
            let changes = page["changes"].as_array().unwrap();
            assert!(changes.len() <= limit);
            met.extend(changes.iter().map(|change| change["id"].clone()));
            let Some(next) = page["next"].as_str() else {
                break;
            };
            assert!(next.starts_with('?'), "{next}");
            address = format!("/changes{next}");
        }
        assert_eq!(json!(met), json!(ids), "{limit}");
    }
}

#[tokio::test]
async fn a_listing_of_a_stream_and_a_state_has_these_and_no_others() {
    let world = World::start().await;
    let held = held(&world).await;
    let waiting = world
        .accepted("k2", &renewal_with("operation", json!("upsert")))
        .await;
    for (query, expected) in [
        ("?status=held", vec![&held]),
        ("?stream=certifications&status=waiting", vec![&waiting]),
        ("?stream=notes", vec![]),
        ("?status=applied", vec![]),
        ("", vec![&held, &waiting]),
    ] {
        let listed = world.get(&format!("/changes{query}")).await;
        let ids = listed["changes"].as_array().unwrap().iter();
        let ids: Vec<Value> = ids.map(|change| change["id"].clone()).collect();
        assert_eq!(json!(ids), json!(expected), "{query}");
        assert_eq!(listed["next"], Value::Null);
    }
}

#[tokio::test]
async fn the_next_page_is_of_the_same_stream_and_state() {
    let world = World::start().await;
    for number in 0..3 {
        world.accepted(&number.to_string(), &renewal()).await;
    }
    let page = world
        .get("/changes?stream=certifications&status=waiting&limit=2")
        .await;
    let next = page["next"].as_str().unwrap();
    assert!(
        next.contains("stream=certifications") && next.contains("status=waiting"),
        "{next}"
    );
    let rest = world.get(&format!("/changes{next}")).await;
    assert_eq!(rest["changes"].as_array().unwrap().len(), 1);
}
