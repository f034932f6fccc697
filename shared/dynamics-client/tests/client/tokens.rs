use std::time::Duration;

use dynamics_client::ErrorKind;
use futures::future::join_all;

use crate::entra_codes::entra_error;
use crate::support::{Bench, Reply, SECRET, contacts, empty_page};

#[tokio::test]
async fn a_token_is_asked_for_with_the_four_fields_in_a_form() {
    let bench = Bench::new().await;
    bench.server.script([empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    let request = &bench.server.token_requests()[0];
    assert_eq!(request.line, "POST /hlf.example/oauth2/v2.0/token HTTP/1.1");
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(request.body.as_bytes())
        .into_owned()
        .collect();
    let scope = format!("{}/.default", bench.server.url());
    assert_eq!(
        fields,
        [
            ("grant_type", "client_credentials"),
            ("client_id", "8f1b"),
            ("client_secret", SECRET),
            ("scope", &scope),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn a_hundred_callers_at_once_make_one_token_request() {
    let bench = Bench::new().await;
    bench.server.script((0..100).map(|_| empty_page()));
    let request = contacts();
    let pages = join_all((0..100).map(|_| bench.client.page(&request))).await;
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!(bench.server.token_requests().len(), 1);
    let counts = bench.counters.snapshot();
    assert_eq!(
        (counts.token, counts.pages, counts.requests()),
        (1, 100, 101)
    );
}

#[tokio::test]
async fn a_hundred_callers_at_once_with_a_wrong_secret_make_one_token_request_too() {
    let bench = Bench::new().await;
    bench.server.script_tokens([entra_error(401, 7_000_215)]);
    let request = contacts();
    let pages = join_all((0..100).map(|_| bench.client.page(&request))).await;
    assert!(
        pages
            .iter()
            .all(|page| page.as_ref().unwrap_err().kind() == ErrorKind::Credentials)
    );
    assert_eq!(bench.server.token_requests().len(), 1);
    assert_eq!(bench.server.api_requests().len(), 0);
}

#[tokio::test]
async fn a_token_is_kept_until_five_minutes_before_its_end() {
    let bench = Bench::new().await;
    bench.server.script((0..3).map(|_| empty_page()));
    bench.client.page(&contacts()).await.unwrap();
    bench.clock.advance(Duration::from_secs(3_298));
    bench.client.page(&contacts()).await.unwrap();
    assert_eq!(bench.server.token_requests().len(), 1);
    bench.clock.advance(Duration::from_secs(1));
    bench.client.page(&contacts()).await.unwrap();
    assert_eq!(bench.server.token_requests().len(), 2);
    let last = bench.server.api_requests().pop().unwrap();
    assert_eq!(last.header("authorization"), Some("Bearer token-2"));
}

#[tokio::test]
async fn a_401_drops_the_token_and_tries_once_more() {
    let bench = Bench::new().await;
    bench
        .server
        .script([Reply::error(401, "", "Unauthorized"), empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    assert_eq!(bench.server.token_requests().len(), 2);
    assert!(bench.clock.slept().is_empty());
}

#[tokio::test]
async fn a_second_401_is_an_error() {
    let bench = Bench::new().await;
    let replies = [401, 401].map(|status| Reply::error(status, "0x80044302", "Unauthorized"));
    let error = bench.error(replies).await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(!error.is_temporary());
    assert_eq!(
        error.to_string(),
        "cannot read contacts: Dataverse refused (401, 0x80044302) in 2 tries over 0 s: it does not \
         accept the token. Check that the tenant is the environment's own and that the application \
         user is enabled."
    );
}

#[tokio::test]
async fn an_entra_outage_is_waited_out() {
    let bench = Bench::new().await;
    bench.server.script_tokens([
        Reply::html(503, "<h1>busy</h1>"),
        Reply::reset(),
        Reply::json(429, "{}").header("retry-after", 20),
    ]);
    bench.server.script([empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    assert_eq!(bench.server.token_requests().len(), 4);
    assert_eq!(bench.slept_s()[2], 20);
    assert_eq!(bench.counters.snapshot().throttled, 1);
}

#[tokio::test]
async fn a_page_instead_of_a_token_is_tried_again_and_then_an_error() {
    let bench = Bench::new().await;
    let sign_in = || Reply::html(200, "<html>sign in</html>");
    bench.server.script_tokens((0..6).map(|_| sign_in()));
    let text = bench.error_text([]).await;
    assert!(
        text.starts_with("cannot get a token for https://contoso.example: Entra gave an unusable answer (200) in 6 tries"),
        "{text}"
    );
    assert!(
        text.contains("it sent a web page instead of JSON. Check the address"),
        "{text}"
    );
    bench.server.script_tokens([sign_in()]);
    bench.server.script([empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
}
