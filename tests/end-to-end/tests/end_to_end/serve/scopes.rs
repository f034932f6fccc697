//! Who may call what.

use reqwest::Method;
use web::{ROUTES, Route, Scope};

use super::hosted::{Hosted, told};
use crate::support::{Dynamics, Terminal};

/// An address of a call.
fn path(route: &Route) -> String {
    let path = route.path.replace("{file}", "members.csv");
    path.replace("{id}", "0f0c").replace("{stream}", "members")
}

fn method(route: &Route) -> Method {
    Method::from_bytes(route.method.as_str().as_bytes()).unwrap()
}

#[tokio::test]
async fn without_a_key_that_is_known_nothing_but_the_sign_of_life_answers() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let hosted = Hosted::first(&terminal).await;
    for route in &ROUTES {
        let call = || hosted.call(&method(route), &path(route));
        if route.is_open() {
            let answer = call().send().await.unwrap();
            assert_ne!(answer.status(), 401, "{}", route.path);
            continue;
        }
        for request in [
            call(),
            call().basic_auth("local", Some("")),
            call().basic_auth("local", Some(format!("{}x", hosted.key))),
            call().basic_auth("other", Some(&hosted.key)),
            call().bearer_auth(&hosted.key),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 401, "{}", route.path);
            let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with("Basic realm="), "{challenge}");
        }
    }
    // What there is not is not told to everybody.
    let nowhere = told(hosted.call(&Method::GET, "/nowhere")).await;
    assert_eq!(nowhere, (401, "unauthenticated".to_owned()));
    let nowhere = told(hosted.own(&Method::GET, "/nowhere")).await;
    assert_eq!(nowhere, (404, "not-found".to_owned()));
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_and_is_told_which_it_lacks() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let hosted = Hosted::first(&terminal).await;
    for scope in Scope::ALL.map(Scope::name) {
        let new = ["keys", "new", scope, "--scope", scope];
        let key = terminal.run(&new).await.data;
        for route in &ROUTES {
            let call = hosted.call(&method(route), &path(route));
            let (status, code) = told(call.basic_auth(scope, Some(key.trim()))).await;
            let allowed = route.is_open() || route.scopes.iter().any(|one| one.name() == scope);
            let at = format!("{} {} with {scope}: {status}", route.method, route.path);
            assert_eq!(code == "missing-scope", !allowed, "{at}");
            assert_eq!(status == 403, !allowed, "{at}");
            assert_ne!(status, 401, "{at}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_whatever_key_its_browser_remembers() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let hosted = Hosted::first(&terminal).await;
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let call = || hosted.own(&method(route), &path(route));
        for request in [
            call().header("Sec-Fetch-Site", "cross-site"),
            call().header("Sec-Fetch-Site", "same-site"),
            call().header("Origin", "https://evil.example"),
            call().header("Origin", "http://127.0.0.1:1"),
            call().header("Origin", "null"),
        ] {
            let refused = (403, "cross-site".to_owned());
            assert_eq!(told(request).await, refused, "{}", route.path);
        }
    }
}

#[tokio::test]
async fn a_name_that_another_site_lets_mean_this_machine_is_refused_with_and_without_a_key() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let hosted = Hosted::first(&terminal).await;
    for path in ["/", "/health", "/healthz", "/changes", "/nowhere"] {
        for request in [
            hosted.own(&Method::GET, path),
            hosted.call(&Method::GET, path),
        ] {
            let refused = (421, "foreign-host".to_owned());
            let request = request.header("Host", "sync.evil.example");
            assert_eq!(told(request).await, refused, "{path}");
        }
    }
    let named = hosted.own(&Method::GET, "/changes");
    let answer = named.header("Host", "localhost:8080").send().await;
    assert_eq!(answer.unwrap().status(), 200);
}
