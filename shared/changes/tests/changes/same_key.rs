//! The same Idempotency-Key again.

use serde_json::json;
use sync_store::{ChangeState, Settlement};

use crate::support::{NOW, World, renewal, renewal_with};

#[tokio::test]
async fn the_same_body_under_the_same_key_is_the_same_change_however_it_is_written() {
    let world = World::start().await;
    world
        .clock
        .set("2026-11-20T12:00:00.123456789Z".parse().unwrap());
    let first = world.hand_in("k1", &renewal()).await;
    let items = world.items().await;
    world.clock.advance(std::time::Duration::from_secs(60));
    let other_form = r#"
        { "key": {"mentor_code": "M-1001"}, "base_version": null, "operation": "upd\u0061te",
          "fields": {"valid_to": "2027-03-31", "status": "active", "mentor_code": "M-1001"},
          "stream": "certifications" }"#;
    let again = world.hand_in_text("k1", other_form).await;
    assert_eq!(again.status, 202, "{}", again.text);
    assert_eq!(again.json(), first.json());
    assert_eq!(world.items().await, items);
}

#[tokio::test]
async fn a_change_handed_in_again_after_it_was_carried_out_says_so_and_is_not_done_again() {
    let world = World::start().await;
    let id = world.accepted("k1", &renewal()).await;
    world.settle_as(&id, ChangeState::Applied).await;
    let again = world.hand_in("k1", &renewal()).await.json();
    assert_eq!(
        (&again["id"], &again["state"]),
        (&json!(id), &json!("applied"))
    );
}

#[tokio::test]
async fn a_change_handed_in_again_after_it_was_refused_says_why() {
    let world = World::start().await;
    let id = world.accepted("k1", &renewal()).await;
    let refused = Settlement {
        reason: Some("deleted in Dynamics".into()),
        ..Settlement::new(ChangeState::Refused, NOW.parse().unwrap())
    };
    world.settle(&id, refused).await;
    let again = world.hand_in("k1", &renewal()).await.json();
    assert_eq!(again["reason"], "deleted in Dynamics");
}

#[tokio::test]
async fn another_change_under_the_same_key_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let id = world.accepted("k1", &renewal()).await;
    let before = (world.change(&id).await, world.items().await);
    for (member, value) in [
        ("fields", json!({ "status": "active" })),
        (
            "fields",
            json!({ "status": "active", "valid_to": "2027-04-01" }),
        ),
        ("operation", json!("upsert")),
        ("key", json!({ "mentor_code": "M-1002" })),
        ("base_version", json!(7)),
        ("changed_at", json!("2026-11-20T11:00:00Z")),
    ] {
        let answer = world.hand_in("k1", &renewal_with(member, value)).await;
        assert_eq!(answer.status, 409, "{member}: {}", answer.text);
        assert_eq!(answer.problem(), "idempotency-key-reused");
    }
    // The counter of the order has been asked.
    assert_eq!((world.change(&id).await, world.items().await), before);
}

#[tokio::test]
async fn a_text_is_not_the_number_that_looks_like_it() {
    let world = World::start().await;
    world
        .accepted("k1", &renewal_with("fields", json!({ "score": 1 })))
        .await;
    let text = renewal_with("fields", json!({ "score": "1" }));
    assert_eq!(world.hand_in("k1", &text).await.status, 409);
    let same = world
        .hand_in_text(
            "k1",
            &renewal_with("fields", json!({ "score": 0 }))
                .to_string()
                .replace(":0", ":1.0"),
        )
        .await;
    assert_eq!(same.status, 202);
}

#[tokio::test]
async fn two_at_once_under_one_key_are_one_change() {
    let world = World::start().await;
    world.pull(7, &[]).await;
    let body = renewal();
    let (one, other) = futures::join!(world.hand_in("k1", &body), world.hand_in("k1", &body));
    assert_eq!(
        (one.status, other.status),
        (202, 202),
        "{} {}",
        one.text,
        other.text
    );
    assert_eq!(one.json(), other.json());
    let listed = world.get("/changes").await;
    assert_eq!(listed["changes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn two_different_changes_at_once_under_one_key_are_the_one_that_was_first() {
    let world = World::start().await;
    let other = renewal_with("operation", json!("upsert"));
    let body = renewal();
    let (one, other) = futures::join!(world.hand_in("k1", &body), world.hand_in("k1", &other));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
}

#[tokio::test]
async fn another_key_or_the_key_of_another_caller_is_another_change() {
    let world = World::start().await;
    let body = renewal().to_string();
    let first = world.accepted("k1", &renewal()).await;
    let second = world.accepted("k2", &renewal()).await;
    let third = world
        .changes
        .accept("other app", "k1", body.as_bytes())
        .await
        .unwrap();
    assert_ne!(first, second);
    assert_ne!(first, third.wanted.id);
    let same = world
        .changes
        .accept("app", "k1", body.as_bytes())
        .await
        .unwrap();
    assert_eq!(first, same.wanted.id);
}
