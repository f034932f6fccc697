use crate::support::{Bench, Reply, contacts, empty_page};

#[tokio::test]
async fn who_am_i_carries_the_headers_every_request_should_carry() {
    let bench = Bench::new().await;
    let id = "d2b3b1a0-1111-4111-8111-000000000001";
    bench.server.script([Reply::json(
        200,
        format!(r#"{{"@odata.context":"x","BusinessUnitId":"{id}","UserId":"{id}","OrganizationId":"{id}"}}"#),
    )]);
    let me = bench.client.who_am_i().await.unwrap();
    assert_eq!(me.organization_id.to_string(), id);
    let request = &bench.server.api_requests()[0];
    assert_eq!(request.line, "GET /api/data/v9.2/WhoAmI HTTP/1.1");
    for (name, value) in [
        ("accept", "application/json"),
        ("odata-maxversion", "4.0"),
        ("odata-version", "4.0"),
        ("if-none-match", "null"),
        ("authorization", "Bearer token-1"),
        ("accept-encoding", "gzip"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert!(request.header("x-ms-client-request-id").is_some());
    assert!(request.header("cookie").is_none() && request.header("prefer").is_none());
    assert_eq!(bench.counters.snapshot().who_am_i, 1);
}

#[tokio::test]
async fn a_cookie_is_never_sent_back() {
    let bench = Bench::new().await;
    let sticky = || empty_page().header("set-cookie", "ARRAffinity=1; path=/");
    bench.server.script([sticky(), sticky()]);
    bench.client.page(&contacts()).await.unwrap();
    bench.client.page(&contacts()).await.unwrap();
    assert!(
        bench
            .server
            .seen()
            .iter()
            .all(|request| request.header("cookie").is_none())
    );
}
