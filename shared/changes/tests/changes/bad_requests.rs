//! Requests that are wrong before their body is looked at.

use crate::support::{KARI, World, renewal};

const JSON: (&str, &str) = ("content-type", "application/json");
const KEY: (&str, &str) = ("idempotency-key", "k1");

/// Status and code.
async fn refusal(world: &World, call: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let body = renewal().to_string();
    let answer = world.call(call, headers, body.as_bytes()).await;
    assert_eq!(world.items().await, 0);
    (answer.status, answer.problem())
}

#[tokio::test]
async fn what_is_not_said_to_be_json_is_another_media_type() {
    let world = World::start().await;
    for kind in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=iso-8859-1",
        "application/jsonx",
    ] {
        let headers = [("content-type", kind), KEY];
        let expected = (415, "unsupported-media-type".to_owned());
        assert_eq!(
            refusal(&world, "POST /changes", &headers).await,
            expected,
            "{kind}"
        );
    }
    assert_eq!(refusal(&world, "POST /changes", &[KEY]).await.0, 415);
    for kind in ["application/json;charset=UTF-8", "Application/JSON"] {
        let body = renewal().to_string();
        let headers = [("content-type", kind), KEY];
        let answer = world.call("POST /changes", &headers, body.as_bytes()).await;
        assert_eq!(answer.status, 202, "{kind}");
    }
}

#[tokio::test]
async fn without_a_good_idempotency_key_nothing_is_taken_in() {
    let world = World::start().await;
    let long = "k".repeat(201);
    for key in ["", "two words", "æ", "tab\t", &long] {
        let headers = [JSON, ("idempotency-key", key)];
        let expected = (400, "malformed-request".to_owned());
        assert_eq!(
            refusal(&world, "POST /changes", &headers).await,
            expected,
            "{key}"
        );
    }
    for headers in [vec![JSON], vec![JSON, KEY, ("idempotency-key", "k2")]] {
        assert_eq!(refusal(&world, "POST /changes", &headers).await.0, 400);
    }
    let longest = "~".repeat(200);
    assert_eq!(world.hand_in(&longest, &renewal()).await.status, 202);
}

#[tokio::test]
async fn an_address_that_is_none_is_not_found() {
    let world = World::start().await;
    let unknown = format!("GET /changes/{KARI}");
    let inside = format!("POST /changes/{KARI}/keep");
    let below = format!("POST /changes/{KARI}/retry/now");
    for call in [
        "GET /",
        "GET /change",
        "POST /changes/",
        "GET /changes/1",
        &unknown,
        &inside,
        &below,
    ] {
        assert_eq!(
            refusal(&world, call, &[]).await,
            (404, "not-found".to_owned()),
            "{call}"
        );
    }
}

#[tokio::test]
async fn a_method_that_there_is_not_says_which_there_are() {
    let world = World::start().await;
    let one = format!("DELETE /changes/{KARI}");
    let retry = format!("GET /changes/{KARI}/retry");
    for (call, allowed) in [
        ("PUT /changes", "GET, POST"),
        (&one, "GET"),
        (&retry, "POST"),
    ] {
        let answer = world.call(call, &[], b"").await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (405, "method-not-allowed")
        );
        assert_eq!(answer.headers["allow"], allowed);
    }
}

#[tokio::test]
async fn a_key_without_the_scope_is_refused_by_the_name_of_the_scope() {
    let world = World::start().await;
    let one = format!("GET /changes/{KARI}");
    let drop = format!("POST /changes/{KARI}/drop");
    for (call, scopes, named) in [
        ("POST /changes", "read export run", "`changes`"),
        ("GET /changes", "export run", "`changes`, `read`"),
        (&one, "", "`changes`, `read`"),
        (&drop, "read export changes", "`run`"),
    ] {
        let answer = world.call_as(scopes, call, &[], b"").await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (403, "missing-scope"),
            "{call}"
        );
        assert!(answer.text.contains(named), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_page_of_another_site_hands_nothing_in_and_decides_nothing() {
    let world = World::start().await;
    let drop = format!("POST /changes/{KARI}/drop");
    for call in ["POST /changes", &drop] {
        for from in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ] {
            let host = ("host", "sync.example.org");
            let refused = refusal(&world, call, &[JSON, KEY, host, from]).await;
            assert_eq!(refused, (403, "cross-site".to_owned()), "{call} {from:?}");
        }
    }
}

#[tokio::test]
async fn a_query_that_is_none_says_what_was_expected() {
    let world = World::start().await;
    for (query, expected) in [
        ("state=held", "`status`"),
        ("status=hold", "did you mean `held`?"),
        ("stream=certification", "did you mean `certifications`?"),
        ("limit=0", "from 1 to 100"),
        ("limit=101", "from 1 to 100"),
        ("limit=x", "from 1 to 100"),
        ("after=9", "`next`"),
        ("after=gone:9", "`next`"),
        ("stream=notes&after=certifications:9", "`next`"),
        ("status=held&status=held", "more than once"),
    ] {
        let answer = world.call(&format!("GET /changes?{query}"), &[], b"").await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "malformed-request"),
            "{query}"
        );
        assert!(answer.text.contains(expected), "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn tables_that_are_not_there_fail_without_a_word_about_them() {
    let world = World::start().await;
    world.remove_tables().await;
    let answer = world.hand_in("k1", &renewal()).await;
    assert_eq!((answer.status, answer.problem().as_str()), (500, "failed"));
    assert!(!answer.text.contains("SYNC_"), "{}", answer.text);
}

#[tokio::test]
async fn a_store_that_does_not_answer_leaves_open_whether_the_change_was_stored() {
    let world = World::start().await;
    let silent = world.with_silent_tables();
    let body = renewal().to_string();
    let problem = silent
        .accept("app", "k1", body.as_bytes())
        .await
        .unwrap_err();
    let response = problem.into_response();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "5");
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(
        text.contains("hand it in again with the same Idempotency-Key"),
        "{text}"
    );
}
