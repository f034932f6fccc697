//! What is taken in, and what it shows and keeps.

use std::collections::BTreeMap;

use serde_json::json;
use sync_store::{ChangeKey, ChangeState, Operation, Origin, Value, Wanted};

use crate::support::{KARI, NOW, World, renewal, renewal_with, text};

#[tokio::test]
async fn a_change_of_a_known_record_shows_at_once_and_waits() {
    let world = World::start().await;
    let until = ("valid_to", text("2026-11-19"));
    world.pull(7, &[("status", text("active")), until]).await;
    assert_eq!(world.record().await.fields["status"], text("expired"));

    let answer = world.hand_in("k1", &renewal()).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let body = answer.json();
    let id = body["id"].as_str().unwrap();
    assert_eq!(answer.headers["location"], format!("changes/{id}"));
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(body["state"], "waiting");
    assert_eq!(body["stream"], "certifications");
    assert_eq!(body["sequence"], 1);
    assert_eq!(body["row"], KARI);
    assert!(body.get("fields").is_none());

    let record = world.record().await;
    assert_eq!(record.fields["valid_to"], text("2027-03-31"));
    assert_eq!(record.fields["status"], text("active"), "no more expired");
    let change = world.change(id).await;
    assert_eq!(change.state, ChangeState::Waiting);
    assert_eq!(change.base.unwrap().version, 7);
    assert_eq!(change.wanted.origin, Origin::App { key: "app".into() });
}

#[tokio::test]
async fn a_mentor_whose_last_day_the_app_sets_into_the_past_is_hidden_at_once() {
    let world = World::start().await;
    let until = ("valid_to", text("2027-03-31"));
    let visible = ("visible", Value::Boolean(true));
    world
        .pull(7, &[("status", text("active")), until, visible])
        .await;
    let body = renewal_with("fields", json!({ "valid_to": "2026-11-19" }));
    world.accepted("k1", &body).await;
    let record = world.record().await;
    assert_eq!(record.fields["visible"], Value::Boolean(false));
}

#[tokio::test]
async fn a_change_of_an_unknown_record_waits_and_shows_nothing() {
    let world = World::start().await;
    let id = world.accepted("k1", &renewal()).await;
    let change = world.change(&id).await;
    assert_eq!((change.row, change.base), (None, None));
    assert_eq!(world.records().await, []);
}

#[tokio::test]
async fn values_are_kept_as_the_copy_has_them() {
    let world = World::start().await;
    let body = r#"{
        "stream": "certifications", "operation": "upsert", "base_version": 7.120155E6,
        "key": {"id": "3F0E1C9A-0000-4000-8000-000000000001"},
        "changed_at": "2026-11-20T11:00:00.5+02:00",
        "fields": {
            "mentor_code": "M-1001", "status": "suspended", "visible": false,
            "score": 922337203685477.58070, "comment": "", "first_seen": -1.5e3,
            "mentor": {"email": "kari@example.org"}, "course": "3F0E1C9A-0000-4000-8000-00000000000A"
        }
    }"#;
    let answer = world.hand_in_text("k1", body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let wanted = world.change(&id).await.wanted;
    assert_eq!(wanted.operation, Operation::Upsert);
    assert_eq!(wanted.key, ChangeKey::Id(KARI.into()));
    assert_eq!(wanted.base_version, Some(7_120_155));
    assert_eq!(wanted.changed_at, "2026-11-20T09:00:00.5Z".parse().unwrap());
    assert_eq!(wanted.accepted_at, NOW.parse().unwrap());
    let value = |name: &str, value| (name.to_owned(), Wanted::Value(value));
    let number = |digits: &str| Value::Number(digits.into());
    let mentor = Wanted::Row(BTreeMap::from([("email".into(), text("kari@example.org"))]));
    let expected = BTreeMap::from([
        value("mentor_code", text("M-1001")),
        value("status", text("suspended")),
        value("visible", Value::Boolean(false)),
        value("score", number("922337203685477.5807")),
        value("comment", Value::Null),
        value("first_seen", number("-1500")),
        value("course", text("3f0e1c9a-0000-4000-8000-00000000000a")),
        ("mentor".to_owned(), mentor),
    ]);
    assert!(wanted.fields == expected, "{:?}", wanted.fields);

    let shown = world.call(&format!("GET /changes/{id}"), &[], b"").await;
    assert!(
        shown.text.contains(r#""score":922337203685477.5807"#),
        "{}",
        shown.text
    );
    assert!(
        shown
            .text
            .contains(r#""mentor":{"email":"kari@example.org"}"#)
    );
}

#[tokio::test]
async fn a_part_of_the_key_that_is_repeated_in_the_fields_is_no_field() {
    let world = World::start().await;
    let fields = json!({ "mentor_code": "M-1001", "status": "active" });
    let id = world.accepted("k1", &renewal_with("fields", fields)).await;
    assert!(world.change(&id).await.names.iter().eq(["status"]));
}

#[tokio::test]
async fn a_time_that_the_app_does_not_say_or_that_is_a_little_ahead_is_now() {
    let world = World::start().await;
    let now = NOW.parse().unwrap();
    for (key, changed_at) in [("k1", json!(null)), ("k2", json!("2026-11-20T12:05:00Z"))] {
        let id = world
            .accepted(key, &renewal_with("changed_at", changed_at))
            .await;
        assert_eq!(world.change(&id).await.wanted.changed_at, now, "{key}");
    }
    let null = renewal_with("fields", json!({ "status": "active" })).to_string();
    let null = null.replacen('{', r#"{"changed_at":null,"base_version":null,"#, 1);
    assert_eq!(world.hand_in_text("k3", &null).await.status, 202);
}

#[tokio::test]
async fn what_each_stream_allows_is_taken_in() {
    let world = World::start().await;
    let certification = json!({ "mentor_code": "M-1" });
    let posting = json!({ "year": 2026, "reference": "R/1" });
    for (number, (stream, operation, key, fields)) in [
        (
            "certifications",
            "delete",
            certification.clone(),
            json!(null),
        ),
        (
            "certifications",
            "create",
            json!({ "id": KARI }),
            json!({ "mentor_code": "M-1" }),
        ),
        (
            "certifications",
            "create",
            certification,
            json!({ "first_seen": "2026" }),
        ),
        (
            "postings",
            "create",
            posting.clone(),
            json!({ "amount": 1 }),
        ),
        ("postings", "upsert", posting, json!({ "amount": "1" })),
        (
            "notes",
            "update",
            json!({ "id": KARI }),
            json!({ "text": "x" }),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = json!({ "stream": stream, "operation": operation, "key": key });
        if !fields.is_null() {
            body["fields"] = fields;
        }
        world.accepted(&number.to_string(), &body).await;
    }
}

#[tokio::test]
async fn a_number_at_either_end_of_the_range_survives_the_store() {
    let world = World::start().await;
    for (key, digits) in [
        ("k1", "9.9e125"),
        ("k2", "-1e-130"),
        ("k3", "12345678901234567890123456789012345678"),
    ] {
        let body = renewal_with("fields", json!({ "score": 0 })).to_string();
        let answer = world
            .hand_in_text(key, &body.replace(":0", &format!(":{digits}")))
            .await;
        assert_eq!(answer.status, 202, "{digits}: {}", answer.text);
    }
    let id = world.get("/changes").await["changes"][2]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let value = &world.change(&id).await.wanted.fields["score"];
    let expected = Value::Number("12345678901234567890123456789012345678".into());
    assert!(*value == Wanted::Value(expected));
}
