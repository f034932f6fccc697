//! Bodies that are no change at all, and members that are none of a change.

use serde_json::{Value, json};

use crate::support::{World, renewal, renewal_with};

/// Status, code, and where it is wrong.
async fn refusal(world: &World, body: &str) -> (u16, String, Vec<(String, String)>) {
    let answer = world.hand_in_text("k1", body).await;
    assert_eq!(world.items().await, 0);
    (answer.status, answer.problem(), answer.faults())
}

async fn assert_refused(world: &World, body: &str, status: u16, faults: &[(&str, &str)]) {
    let code = match status {
        400 => "malformed-request",
        _ => "invalid-change",
    };
    let faults = faults.iter().copied();
    let faults: Vec<_> = faults
        .map(|(at, code)| (at.to_owned(), code.to_owned()))
        .collect();
    assert_eq!(
        refusal(world, body).await,
        (status, code.to_owned(), faults),
        "{body:.200}"
    );
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let world = World::start().await;
    for body in [
        "",
        "{",
        "stream=certifications",
        "{\"stream\":\"\u{0}\"}",
        "{}x",
        "{'a':1}",
        "NaN",
    ] {
        assert_refused(&world, body, 400, &[("", "not-json")]).await;
    }
}

#[tokio::test]
async fn deep_json_is_malformed() {
    let world = World::start().await;
    for depth in [5, 100_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_refused(&world, &nested, 400, &[("", "too-deep")]).await;
        let nested = format!(
            "{}1{}",
            "{\"a\":".repeat(depth.min(40_000)),
            "}".repeat(depth.min(40_000))
        );
        assert_refused(&world, &nested, 400, &[("", "too-deep")]).await;
    }
}

#[tokio::test]
async fn a_member_that_is_there_twice_is_malformed_even_with_the_same_value() {
    let world = World::start().await;
    let body = renewal()
        .to_string()
        .replacen('{', r#"{"operation":"update","#, 1);
    assert_refused(&world, &body, 400, &[("/operation", "duplicate-member")]).await;
    let body = r#"{"fields":{"a":1,"a":2,"b":{"c":1,"c":2}}}"#;
    let twice = [
        ("/fields/a", "duplicate-member"),
        ("/fields/b/c", "duplicate-member"),
    ];
    assert_refused(&world, body, 400, &twice).await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large_and_one_at_it_is_read() {
    let world = World::start().await;
    let limit = 256 * 1024;
    let blank = |length: usize| {
        let body = renewal().to_string();
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    let answer = world.hand_in_text("k1", &blank(limit + 1)).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (413, "too-large")
    );
    assert_eq!(world.items().await, 0);
    assert_eq!(world.hand_in_text("k1", &blank(limit)).await.status, 202);
}

#[tokio::test]
async fn a_change_whose_record_would_not_fit_is_too_large_and_nothing_of_it_is_stored() {
    let world = World::start().await;
    let long = "ø".repeat(100_000);
    // The copy has it twice: as Dynamics does, and as it is shown.
    world
        .pull(
            7,
            &[("comment", crate::support::text(&"x".repeat(100_000)))],
        )
        .await;
    let body = renewal_with("fields", json!({ "comment": long }));
    let answer = world.hand_in("k1", &body).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (413, "too-large"),
        "{}",
        answer.text
    );
    assert_eq!(world.get("/changes").await["changes"], json!([]));
    assert_eq!(
        world.record().await.fields["comment"],
        crate::support::text(&"x".repeat(100_000))
    );
}

#[tokio::test]
async fn a_body_that_is_no_object_says_what_it_is() {
    let world = World::start().await;
    for body in ["[]", "null", "1", "\"x\"", "true"] {
        assert_refused(&world, body, 422, &[("", "wrong-type")]).await;
    }
}

#[tokio::test]
async fn an_empty_object_says_all_that_is_missing() {
    let world = World::start().await;
    let missing = ["/stream", "/operation", "/key", "/fields"];
    let missing = missing.map(|at| (at, "missing-member"));
    assert_refused(&world, "{}", 422, &missing).await;
}

#[tokio::test]
async fn an_unknown_member_is_refused_with_the_nearest_one() {
    let world = World::start().await;
    let body = renewal_with("baseversion", json!(7));
    let answer = world.hand_in("k1", &body).await;
    assert_eq!(
        answer.faults(),
        [("/baseversion".into(), "unknown-member".into())]
    );
    assert!(
        answer.text.contains("did you mean `base_version`?"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_stream_that_is_not_there_or_only_reads_is_refused_with_those_that_would_do() {
    let world = World::start().await;
    let answer = world
        .hand_in("k1", &renewal_with("stream", json!("certification")))
        .await;
    assert_eq!(
        answer.faults(),
        [("/stream".into(), "unknown-stream".into())]
    );
    assert!(
        answer.text.contains("did you mean `certifications`?"),
        "{}",
        answer.text
    );
    let answer = world
        .hand_in("k1", &renewal_with("stream", json!("members")))
        .await;
    assert_eq!(
        answer.faults(),
        [("/stream".into(), "stream-does-not-push".into())]
    );
    assert!(
        answer
            .text
            .contains("`certifications`, `postings`, `notes`"),
        "{}",
        answer.text
    );
    assert_eq!(world.items().await, 0);
}

#[tokio::test]
async fn a_time_in_the_future_beyond_a_difference_of_clocks_is_refused() {
    let world = World::start().await;
    let body = renewal_with("changed_at", json!("2026-11-20T12:05:00.001Z"));
    assert_refused(
        &world,
        &body.to_string(),
        422,
        &[("/changed_at", "in-the-future")],
    )
    .await;
    for (value, code) in [
        (json!("2026-02-30T12:00:00Z"), "invalid-time"),
        (json!("2026-11-20"), "invalid-time"),
        (json!(1_795_176_000), "wrong-type"),
    ] {
        let body = renewal_with("changed_at", value).to_string();
        assert_refused(&world, &body, 422, &[("/changed_at", code)]).await;
    }
}

#[tokio::test]
async fn a_version_that_is_no_whole_number_from_one_on_is_refused() {
    let world = World::start().await;
    for (value, code) in [
        ("0", "invalid-version"),
        ("-1", "invalid-version"),
        ("1.5", "invalid-version"),
        ("9223372036854775808", "invalid-version"),
        ("1e300", "invalid-version"),
        ("\"7\"", "wrong-type"),
    ] {
        let body = renewal_with("base_version", json!(4711)).to_string();
        let body = body.replace("4711", value);
        assert_refused(&world, &body, 422, &[("/base_version", code)]).await;
    }
}

#[tokio::test]
async fn a_hundred_thousand_mistakes_are_counted_and_answered_in_a_few_kilobytes() {
    let world = World::start().await;
    let members: Vec<String> = (0..20_000).map(|n| format!("\"f{n}\":1")).collect();
    let body = renewal_with("fields", Value::Null).to_string();
    let body = body.replacen('{', &format!("{{\"fields\":{{{}}},", members.join(",")), 1);
    let answer = world.hand_in_text("k1", &body).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.faults().len(), 50);
    assert!(
        answer.text.contains("20000 things are wrong"),
        "{:.300}",
        answer.text
    );
    assert!(answer.text.len() < 20_000);
}
