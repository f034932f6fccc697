use std::sync::Arc;
use std::time::Instant;

use clock::ManualClock;
use http::StatusCode;

use super::*;
use crate::{
    AuthorityHost, BudgetShare, ClientConfig, Credential, DynamicsClient, ErrorKind, InstanceUrl,
    Query,
};

#[path = "../../tests/support/server.rs"]
mod server;

use server::{Reply, Server};

/// In the order of production: which limit is reached first decides what is proved.
const IMPATIENT: Limits = Limits {
    connect: Duration::from_millis(150),
    idle: Duration::from_millis(200),
    total: Duration::from_secs(10),
    body_bytes: 1_000,
};

fn impatient() -> HttpTransport {
    HttpTransport::with_limits(IMPATIENT).unwrap()
}

async fn get(
    transport: &HttpTransport,
    url: String,
) -> Result<Response<Bytes>, TransportErrorKind> {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    transport.send(request).await.map_err(|error| error.kind())
}

async fn answer_to(reply: Reply) -> Result<Response<Bytes>, TransportErrorKind> {
    let server = Server::start().await;
    server.script([reply]);
    get(&impatient(), server.url()).await
}

/// How `reply` ends, which falls silent: long before the time for a whole answer is over.
async fn end_of_silence(reply: Reply) -> TransportErrorKind {
    let begun = Instant::now();
    let end = answer_to(reply).await.unwrap_err();
    assert!(begun.elapsed() < IMPATIENT.total / 2);
    end
}

#[test]
fn the_time_limits_stay_within_four_minutes() {
    assert!(LIMITS.connect < LIMITS.idle && LIMITS.idle < LIMITS.total);
    assert!(LIMITS.total < Duration::from_secs(240));
}

#[tokio::test]
async fn a_connection_that_is_refused_was_not_sent() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = get(&impatient(), format!("http://{address}"))
        .await
        .unwrap_err();
    assert_eq!(error, TransportErrorKind::NotSent);
}

#[tokio::test]
async fn a_host_without_address_was_not_sent() {
    let url = "http://no-such-host.invalid/".to_owned();
    let error = get(&impatient(), url).await.unwrap_err();
    assert_eq!(error, TransportErrorKind::NotSent);
}

/// As with a certificate that is not accepted, TLS ends with an error of its own.
#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_insecure() {
    let url = Server::without_tls().await;
    let error = get(&impatient(), url).await.unwrap_err();
    assert_eq!(error, TransportErrorKind::Insecure);
}

#[tokio::test]
async fn a_server_that_is_silent_while_a_secure_connection_is_made_was_not_sent() {
    let server = Server::start().await;
    let url = server.url().replace("http://", "https://");
    let error = get(&impatient(), url).await.unwrap_err();
    assert_eq!(error, TransportErrorKind::NotSent);
}

#[tokio::test]
async fn a_reset_proves_nothing() {
    assert_eq!(
        answer_to(Reply::reset()).await.unwrap_err(),
        TransportErrorKind::Unknown
    );
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_no_answer() {
    let reply = Reply::json(200, r#"{"value":[]}"#).claiming(500);
    assert_eq!(
        answer_to(reply).await.unwrap_err(),
        TransportErrorKind::Unknown
    );
}

#[tokio::test]
async fn a_body_that_falls_silent_is_too_slow() {
    let silent = Reply::json(200, r#"{"value":["#)
        .claiming(500)
        .then_silence();
    assert_eq!(end_of_silence(silent).await, TransportErrorKind::TooSlow);
    // The head of a gzip stream and nothing after it.
    let packed = Reply::bytes_of(200, &[0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0xff]);
    let silent = packed
        .header("content-encoding", "gzip")
        .claiming(500)
        .then_silence();
    assert_eq!(end_of_silence(silent).await, TransportErrorKind::TooSlow);
}

#[tokio::test]
async fn a_server_that_does_not_begin_to_answer_is_too_slow() {
    assert_eq!(
        end_of_silence(Reply::silence()).await,
        TransportErrorKind::TooSlow
    );
}

#[tokio::test]
async fn a_body_that_trickles_without_end_is_too_slow() {
    let server = Server::start().await;
    server.script([Reply::json(200, "x".repeat(900)).dripping()]);
    let patience = Duration::from_millis(300);
    let transport = HttpTransport::with_limits(Limits {
        connect: patience,
        idle: patience,
        total: patience,
        body_bytes: 1_000,
    });
    let error = get(&transport.unwrap(), server.url()).await.unwrap_err();
    assert_eq!(error, TransportErrorKind::TooSlow);
}

#[tokio::test]
async fn a_half_open_connection_is_given_up_and_the_next_request_takes_a_new_one() {
    let server = Server::start().await;
    server.script([
        Reply::json(200, "{}").then_half_open(),
        Reply::json(200, "{}"),
    ]);
    let transport = impatient();
    assert!(get(&transport, server.url()).await.is_ok());
    let error = get(&transport, server.url()).await.unwrap_err();
    assert_eq!(error, TransportErrorKind::TooSlow);
    assert_eq!(server.seen().len(), 1, "the second took another connection");
    assert!(get(&transport, server.url()).await.is_ok());
}

#[tokio::test]
async fn a_body_above_the_bound_is_too_large_and_one_at_the_bound_is_not() {
    let reply = Reply::json(200, "x".repeat(1_001));
    assert_eq!(
        answer_to(reply).await.unwrap_err(),
        TransportErrorKind::TooLarge
    );
    let reply = Reply::json(200, "x".repeat(1_000));
    assert_eq!(answer_to(reply).await.unwrap().body().len(), 1_000);
}

#[tokio::test]
async fn a_small_body_that_unpacks_above_the_bound_is_too_large() {
    // 1,200 zero bytes, compressed with gzip.
    let packed: &[u8] = &[
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0x63, 0x60, 0x18, 0x05, 0xa3,
        0x60, 0x14, 0x8c, 0x82, 0xa1, 0x01, 0x00, 0x69, 0x4a, 0x4e, 0x0c, 0xb0, 0x04, 0x00, 0x00,
    ];
    let reply = Reply::bytes_of(200, packed).header("content-encoding", "gzip");
    assert_eq!(
        answer_to(reply).await.unwrap_err(),
        TransportErrorKind::TooLarge
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Server::start().await;
    let reply = Reply::json(302, "").header("location", elsewhere.url());
    assert_eq!(answer_to(reply).await.unwrap().status(), StatusCode::FOUND);
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_request_never_outlives_its_time_limit() {
    let server = Server::start().await;
    server.script([Reply::json(200, "").claiming(1).then_silence()]);
    let patient = HttpTransport::new().unwrap();
    let mut request = Request::get(server.url()).body(Bytes::new()).unwrap();
    request
        .extensions_mut()
        .insert(TimeLimit(Duration::from_millis(100)));
    let error = patient.send(request).await.unwrap_err();
    // That its caller had no time says nothing about the server.
    assert_eq!(error.kind(), TransportErrorKind::Unknown);
}

/// The whole way, on limits that a test can wait for.
#[tokio::test]
async fn a_page_that_stays_silent_is_tried_again_and_then_too_slow_and_a_table_unavailable() {
    let server = Server::start().await;
    server.script((0..12).map(|_| Reply::silence()));
    let config = ClientConfig {
        instance: InstanceUrl::parse(&server.url()).unwrap(),
        tenant: "hlf.example".into(),
        client_id: "8f1b".into(),
        credential: Credential::ClientSecret("s".into()),
        authority: AuthorityHost::parse(&server.url()).unwrap(),
        budget_share: BudgetShare::new(1.0).unwrap(),
    };
    let clock = ManualClock::at("2026-11-20T02:00:00Z".parse().unwrap());
    let client = DynamicsClient::new(config, Arc::new(impatient()), Arc::new(clock), 1);
    let error = client
        .page(&Query::new("contacts").into())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.tries()), (ErrorKind::TooSlow, 6));
    let text = error.to_string();
    assert!(
        text.starts_with("cannot read contacts: Dataverse took too long to answer in 6 tries"),
        "{text}"
    );
    assert!(text.contains("Ask for fewer rows a page"), "{text}");
    let error = client.table("contacts", &[]).await.unwrap_err();
    assert_eq!((error.kind(), error.tries()), (ErrorKind::Unavailable, 6));
    let text = error.to_string();
    assert!(!text.contains("rows"), "{text}");
}

#[tokio::test]
async fn a_request_names_this_client_and_its_version() {
    let server = Server::start().await;
    server.script([Reply::json(200, "{}")]);
    get(&impatient(), server.url()).await.unwrap();
    let agent = server.seen()[0].header("user-agent").map(str::to_owned);
    assert_eq!(agent.as_deref(), Some(USER_AGENT));
}
