//! Fields and keys that do not fit the stream file: which, why, and nothing stored.

use serde_json::{Value, json};

use crate::support::{Answer, KARI, World, renewal, renewal_with};

/// Hands in a body that must be refused, with these faults and no others.
async fn refused(world: &World, body: &Value, expected: &[(&str, &str)]) -> Answer {
    let answer = world.hand_in("k1", body).await;
    assert_eq!(answer.status, 422, "{body}: {}", answer.text);
    assert_eq!(answer.problem(), "invalid-change");
    let expected = expected.iter().copied();
    let expected: Vec<_> = expected
        .map(|(at, code)| (at.to_owned(), code.to_owned()))
        .collect();
    assert_eq!(answer.faults(), expected, "{body}: {}", answer.text);
    assert_eq!(world.items().await, 0);
    answer
}

async fn refused_field(world: &World, field: &str, value: Value, code: &str) -> Answer {
    let body = renewal_with("fields", json!({ field: value }));
    refused(world, &body, &[(&format!("/fields/{field}"), code)]).await
}

#[tokio::test]
async fn a_value_that_is_not_of_its_fields_kind_is_refused() {
    let world = World::start().await;
    for (field, value, code) in [
        ("status", json!("Active"), "unknown-choice"),
        ("status", json!(1), "wrong-type"),
        ("valid_to", json!("2027-02-29"), "invalid-date"),
        ("valid_to", json!("2027-03-31T00:00:00Z"), "invalid-date"),
        ("valid_to", json!("31.03.2027"), "invalid-date"),
        ("valid_to", json!("1752-12-31"), "invalid-date"),
        ("valid_to", json!("10000-01-01"), "invalid-date"),
        ("valid_to", json!(20270331), "wrong-type"),
        ("mentor", json!("kari@example.org"), "invalid-guid"),
        (
            "mentor",
            json!("3f0e1c9a000040008000000000000001"),
            "invalid-guid",
        ),
        ("mentor", json!(true), "wrong-type"),
        ("score", json!([1]), "wrong-type"),
        ("score", json!({ "a": 1 }), "wrong-type"),
        ("comment", json!("x".repeat(100_001)), "text-too-long"),
    ] {
        refused_field(&world, field, value, code).await;
    }
}

#[tokio::test]
async fn a_number_beyond_range_is_refused() {
    let world = World::start().await;
    for digits in [
        "1e126",
        "1e-131",
        "123456789012345678901234567890123456789",
        "1e999999",
    ] {
        let body = renewal_with("fields", json!({ "score": 0 })).to_string();
        let answer = world
            .hand_in_text("k1", &body.replace(":0", &format!(":{digits}")))
            .await;
        assert_eq!(answer.status, 422, "{digits}: {}", answer.text);
        let expected = ("/fields/score".to_owned(), "number-out-of-range".to_owned());
        assert_eq!(answer.faults(), [expected]);
        assert_eq!(world.items().await, 0);
    }
}

#[tokio::test]
async fn a_field_that_the_app_may_not_write_is_refused() {
    let world = World::start().await;
    for (field, value, code) in [
        ("issued_by", json!("HLF"), "owned-by-dynamics"),
        ("last_synced", json!("2026-11-20T12:00:00Z"), "stamp"),
        ("first_seen", json!("2026"), "only-when-created"),
        ("valid_to", Value::Null, "not-clearable"),
        ("status", json!(""), "not-clearable"),
        // Dataverse would keep an empty text as none.
        ("score", json!(""), "not-clearable"),
    ] {
        refused_field(&world, field, value, code).await;
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_with_the_nearest_one_or_the_one_of_that_column() {
    let world = World::start().await;
    let answer = refused_field(&world, "valid_too", json!("2027-03-31"), "unknown-field").await;
    assert!(
        answer.text.contains("did you mean `valid_to`?"),
        "{}",
        answer.text
    );
    let answer = refused_field(&world, "hlf_validto", json!("2027-03-31"), "unknown-field").await;
    assert!(
        answer.text.contains("calls this column `valid_to`"),
        "{}",
        answer.text
    );
    let strange = refused_field(&world, "nothing like it", json!(1), "unknown-field").await;
    assert!(!strange.text.contains("did you mean"), "{}", strange.text);
}

#[tokio::test]
async fn a_row_that_a_lookup_names_by_its_key_needs_exactly_that_key() {
    let world = World::start().await;
    for (field, value, at, code) in [
        ("mentor", json!({}), "/email", "missing-member"),
        ("mentor", json!({ "email": null }), "/email", "empty-key"),
        ("mentor", json!({ "email": ["x"] }), "/email", "wrong-type"),
        ("course", json!({ "code": "C" }), "", "no-stream-for-lookup"),
    ] {
        let body = renewal_with("fields", json!({ field: value }));
        refused(&world, &body, &[(&format!("/fields/{field}{at}"), code)]).await;
    }
    let both = json!({ "email": "kari@example.org", "first_name": "Kari" });
    let body = renewal_with("fields", json!({ "mentor": both }));
    refused(
        &world,
        &body,
        &[("/fields/mentor/first_name", "unknown-member")],
    )
    .await;
}

#[tokio::test]
async fn a_key_is_the_rows_id_or_exactly_the_streams() {
    let world = World::start().await;
    for (key, faults) in [
        (json!({}), vec![("/key/mentor_code", "missing-member")]),
        (
            json!({ "mentor_code": null }),
            vec![("/key/mentor_code", "empty-key")],
        ),
        (
            json!({ "mentor_code": "" }),
            vec![("/key/mentor_code", "empty-key")],
        ),
        (
            json!({ "mentor_code": {} }),
            vec![("/key/mentor_code", "wrong-type")],
        ),
        (json!({ "id": "M-1001" }), vec![("/key/id", "invalid-guid")]),
        (json!({ "id": 1001 }), vec![("/key/id", "wrong-type")]),
        (
            json!({ "id": KARI, "mentor_code": "M-1001" }),
            vec![("/key/mentor_code", "unknown-member")],
        ),
        (
            json!({ "mentorcode": "M-1001" }),
            vec![
                ("/key/mentorcode", "unknown-member"),
                ("/key/mentor_code", "missing-member"),
            ],
        ),
        (json!("M-1001"), vec![("/key", "wrong-type")]),
        (
            json!({ "mentor_code": "x".repeat(2_049) }),
            vec![("/key", "text-too-long")],
        ),
    ] {
        refused(&world, &renewal_with("key", key), &faults).await;
    }
    refused(
        &world,
        &renewal_with("key", Value::Null),
        &[("/key", "missing-member")],
    )
    .await;
}

#[tokio::test]
async fn a_key_of_several_fields_needs_each_of_them_and_a_stream_without_one_the_id() {
    let world = World::start().await;
    let mut posting = json!({
        "stream": "postings", "operation": "create",
        "key": { "reference": "R1" }, "fields": { "amount": 1 },
    });
    let answer = refused(&world, &posting, &[("/key/year", "missing-member")]).await;
    assert!(
        answer.text.contains("`year` and `reference`"),
        "{}",
        answer.text
    );
    posting["stream"] = json!("notes");
    posting["fields"] = json!({ "text": "x" });
    refused(&world, &posting, &[("/key/id", "missing-member")]).await;
}

#[tokio::test]
async fn fields_that_say_another_key_than_the_key_are_refused() {
    let world = World::start().await;
    let other = json!({ "mentor_code": "M-1002", "status": "active" });
    let at = "/fields/mentor_code";
    refused(
        &world,
        &renewal_with("fields", other.clone()),
        &[(at, "differs-from-key")],
    )
    .await;
    let mut by_id = renewal_with("fields", other);
    by_id["key"] = json!({ "id": KARI });
    refused(&world, &by_id, &[(at, "part-of-key")]).await;
    let empty = json!({ "mentor_code": null, "status": "active" });
    refused(
        &world,
        &renewal_with("fields", empty),
        &[(at, "not-clearable")],
    )
    .await;
}

#[tokio::test]
async fn a_change_that_says_nothing_beyond_its_key_is_refused() {
    let world = World::start().await;
    for fields in [json!({}), json!({ "mentor_code": "M-1001" })] {
        for operation in ["upsert", "create", "update"] {
            let mut body = renewal_with("fields", fields.clone());
            body["operation"] = json!(operation);
            refused(&world, &body, &[("/fields", "no-fields")]).await;
        }
    }
}

#[tokio::test]
async fn an_operation_that_the_stream_does_not_allow_is_refused() {
    let world = World::start().await;
    let delete = json!({ "stream": "notes", "operation": "delete", "key": { "id": KARI } });
    refused(&world, &delete, &[("/operation", "operation-not-allowed")]).await;
    let mut posting = json!({
        "stream": "postings", "operation": "update",
        "key": { "year": 2026, "reference": "R1" }, "fields": { "amount": 1 },
    });
    refused(&world, &posting, &[("/fields/amount", "only-when-created")]).await;
    posting["operation"] = json!("create");
    posting["base_version"] = json!(1);
    refused(
        &world,
        &posting,
        &[("/base_version", "base-version-not-allowed")],
    )
    .await;
    posting["operation"] = json!("upsert");
    refused(
        &world,
        &posting,
        &[("/base_version", "base-version-not-allowed")],
    )
    .await;
    let delete = renewal_with("operation", json!("delete"));
    refused(&world, &delete, &[("/fields", "fields-not-allowed")]).await;
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_body_is_said_at_once() {
    let world = World::start().await;
    let mut body = renewal();
    body["fields"] = json!({ "stats": 1, "status": "gone", "valid_to": "2027-02-30" });
    body["key"] = json!({ "mentor_code": 1, "code": 2 });
    body["operation"] = json!("updat");
    body["base_version"] = json!(0);
    body["changed_at"] = json!("yesterday");
    body["comment"] = json!("");
    let answer = refused(
        &world,
        &body,
        &[
            ("/comment", "unknown-member"),
            ("/operation", "unknown-operation"),
            ("/key/code", "unknown-member"),
            ("/fields/stats", "unknown-field"),
            ("/fields/status", "unknown-choice"),
            ("/fields/valid_to", "invalid-date"),
            ("/changed_at", "invalid-time"),
            ("/base_version", "invalid-version"),
        ],
    )
    .await;
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert_eq!(
        detail,
        "8 things are wrong with the body; nothing was stored"
    );
}
