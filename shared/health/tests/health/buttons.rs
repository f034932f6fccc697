//! What the buttons do, and for whom.

use jiff::Timestamp;
use streams::Language;
use sync_engine::Mode;
use web::{ROUTES, Scope};

use crate::states::State;
use crate::support::World;

/// What a browser sends with a form.
const BROWSER: [(&str, &str); 3] = [
    ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("content-type", "application/x-www-form-urlencoded"),
    ("sec-fetch-site", "same-origin"),
];

async fn pressed(world: &World, address: &str, body: &str) -> String {
    let call = format!("POST {address}");
    let answer = world.call_as("read run", &call, &BROWSER, body).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_run_is_started_and_a_browser_gets_back_to_the_page() {
    let world = World::of(State::Healthy, Language::En).await;
    let answer = world.call("POST /runs").await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let body = r#"{"mode": "full", "streams": ["members"]}"#;
    let asked = world.call_as("run", "POST /runs", &[], body).await;
    assert_eq!(asked.status, 202);
    assert_eq!(pressed(&world, "/runs", "").await, "/test/?done=started");
    let page = world.call("GET /?done=started").await.text;
    assert!(page.contains("The sync has been started."), "{page}");
    let asked = world.runs.asked.lock().unwrap();
    assert_eq!(answer.json()["run_id"], asked[0].run_id);
    assert_eq!((asked[0].mode, asked[0].streams.len()), (Mode::Delta, 0));
    assert_eq!((asked[1].mode, asked[1].streams.len()), (Mode::Full, 1));
    assert_ne!(asked[0].run_id, asked[1].run_id);
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn while_a_run_goes_on_no_other_is_started() {
    let world = World::of(State::Healthy, Language::Nb).await;
    let taken = world
        .store
        .acquire("members", "another", Timestamp::now())
        .await;
    taken.unwrap();
    let answer = world.call("POST /runs").await;
    let problem = answer.json();
    assert_eq!(
        (
            answer.status,
            problem["code"].as_str(),
            problem["detail"].as_str()
        ),
        (
            409,
            Some("not-possible"),
            Some("a run goes on already, and no other was started; ask again once it has ended")
        )
    );
    assert_eq!(pressed(&world, "/runs", "").await, "/test/?done=underway");
    assert!(world.runs.asked.lock().unwrap().is_empty());
    let page = world.call("GET /?done=underway").await.text;
    assert!(page.contains("Ingenting ble startet."));
    assert!(page.contains("En synkronisering pågår nå."));
}

#[tokio::test]
async fn a_run_that_is_not_understood_is_not_started() {
    let world = World::of(State::Healthy, Language::En).await;
    for body in [
        "no json",
        r#"{"mode": "everything"}"#,
        r#"{"modus": "full"}"#,
        r#"{"streams": ["members", "member"]}"#,
    ] {
        let answer = world.call_as("run", "POST /runs", &[], body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (400, Some("malformed-request")),
            "{body}"
        );
        let detail = answer.json()["detail"].to_string();
        let names = detail.contains("did you mean `members`?");
        assert_eq!(names, body.contains("member"), "{detail}");
    }
    assert!(world.runs.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_was_wrong_in_a_run_that_is_asked_for_is_not_repeated() {
    let world = World::of(State::Healthy, Language::En).await;
    for body in [
        r#"{"mode": "kari@example.no"}"#,
        r#"{"dry_run": "kari@example.no"}"#,
        r#"{"run_id": "kari@example.no"}"#,
    ] {
        let answer = world.call_as("run", "POST /runs", &[], body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(!answer.text.contains("kari"), "{}", answer.text);
        let expected = "`mode` (delta, full or reconcile)";
        assert!(answer.text.contains(expected), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_guard_is_released_by_the_number_that_was_shown_and_by_no_other() {
    let world = World::of(State::Broken, Language::En).await;
    let released = async || {
        let state = world.store.stream_state("members").await.unwrap().unwrap();
        (state.released, state.expiry_released)
    };
    let address = "/streams/members/release";
    assert_eq!(
        pressed(&world, address, "vanishing=44").await,
        "/test/?done=not-possible"
    );
    assert_eq!(
        pressed(&world, address, "expired=45").await,
        "/test/?done=not-possible"
    );
    assert_eq!(released().await, (false, false));
    assert_eq!(
        pressed(&world, address, "vanishing=45").await,
        "/test/?done=released"
    );
    assert_eq!(released().await, (true, false));
    let page = world.call("GET /?done=released").await.text;
    assert!(page.contains("they disappear in the next sync"));
    assert!(!page.contains("Let 45 records disappear"));
}

#[tokio::test]
async fn a_program_releases_whatever_is_stopped_of_a_stream() {
    let world = World::of(State::Broken, Language::En).await;
    let answer = world.call("POST /streams/certifications/release").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let released = answer.json();
    assert_eq!(released["guarded"], serde_json::Value::Null);
    assert_eq!(released["expiry_guarded"]["vanishing"], 12);
    let world = World::of(State::Healthy, Language::En).await;
    let nothing = world.call("POST /streams/certifications/release").await;
    assert_eq!(
        (nothing.status, nothing.json()["code"].as_str()),
        (409, Some("not-possible"))
    );
}

#[tokio::test]
async fn a_stream_that_is_not_there_is_answered_with_those_that_are() {
    let world = World::of(State::Broken, Language::En).await;
    let answer = world.call("POST /streams/member/release").await;
    assert_eq!(answer.status, 404);
    let detail = answer.json()["detail"].to_string();
    assert!(detail.contains("did you mean `members`?"), "{detail}");
}

#[tokio::test]
async fn a_test_message_is_sent() {
    let world = World::of(State::Healthy, Language::En).await;
    let answer = world.call("POST /alerts/test").await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (200, r#"{"coordinators":true,"operations":true}"#)
    );
    assert_eq!(
        pressed(&world, "/alerts/test", "").await,
        "/test/?done=tested"
    );
}

#[tokio::test]
async fn another_site_may_press_no_button() {
    let world = World::of(State::Broken, Language::En).await;
    for address in ["/runs", "/streams/members/release", "/alerts/test"] {
        for headers in [
            [("sec-fetch-site", "cross-site")],
            [("origin", "https://evil.example")],
        ] {
            let call = format!("POST {address}");
            let answer = world.call_as("run", &call, &headers, "").await;
            assert_eq!(
                (answer.status, answer.json()["code"].as_str()),
                (403, Some("cross-site"))
            );
        }
    }
    assert!(world.runs.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn each_call_is_for_whom_the_table_of_calls_says() {
    let world = World::of(State::Broken, Language::En).await;
    let ours = |path: &str| {
        let elsewhere = ["/healthz", "/changes", "/export"];
        !elsewhere.iter().any(|start| path.starts_with(start))
    };
    for route in ROUTES.iter().filter(|route| ours(route.path)) {
        for scope in Scope::ALL {
            let path = route.path.replace("{stream}", "members");
            let call = format!("{} {path}", route.method);
            let answer = world.call_as(scope.name(), &call, &[], "").await;
            let refused = answer.status == 403;
            assert_eq!(
                refused,
                !route.scopes.contains(&scope),
                "{call} {}",
                scope.name()
            );
            assert_ne!(answer.status, 404, "{call}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_and_the_wrong_method_are_told_from_each_other() {
    let world = World::of(State::Empty, Language::En).await;
    for (call, status, allow) in [
        ("POST /", 405, Some("GET")),
        ("GET /runs", 405, Some("POST")),
        ("DELETE /streams/members/release", 405, Some("POST")),
        ("GET /nothing", 404, None),
        ("POST /streams/members", 404, None),
    ] {
        let answer = world.call(call).await;
        assert_eq!(answer.status, status, "{call}");
        let given = answer
            .headers
            .get("allow")
            .map(|allow| allow.to_str().unwrap());
        assert_eq!(given, allow);
    }
}
