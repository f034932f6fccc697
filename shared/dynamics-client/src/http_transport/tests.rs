use http::StatusCode;

use super::*;

#[path = "../../tests/support/server.rs"]
mod server;

use server::{Reply, Server};

fn impatient() -> HttpTransport {
    HttpTransport::with_limits(Limits {
        connect: Duration::from_millis(500),
        idle: Duration::from_millis(200),
        total: Duration::from_secs(5),
        body_bytes: 1_000,
    })
    .unwrap()
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
async fn a_body_that_falls_silent_is_given_up() {
    let reply = Reply::json(200, r#"{"value":["#)
        .claiming(500)
        .then_silence();
    assert_eq!(
        answer_to(reply).await.unwrap_err(),
        TransportErrorKind::Unknown
    );
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
    assert_eq!(error.kind(), TransportErrorKind::Unknown);
}

#[tokio::test]
async fn a_request_names_this_client_and_its_version() {
    let server = Server::start().await;
    server.script([Reply::json(200, "{}")]);
    get(&impatient(), server.url()).await.unwrap();
    let agent = server.seen()[0].header("user-agent").map(str::to_owned);
    assert_eq!(agent.as_deref(), Some(USER_AGENT));
}
