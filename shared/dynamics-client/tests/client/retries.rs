use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use dynamics_client::{DynamicsClient, Error, ErrorKind, Filter, HttpTransport, Query};

use crate::support::{Bench, Reply, Server, config, contacts, empty_page};

fn busy() -> Reply {
    Reply::html(503, "<h1>Service Unavailable</h1>")
}

fn throttled(retry_after: &str) -> Reply {
    Reply::error(
        429,
        "0x80072322",
        "Number of requests exceeded the limit of 6000.",
    )
    .header("retry-after", retry_after)
}

#[tokio::test]
async fn every_form_of_retry_after_is_obeyed() {
    for (retry_after, least, most) in [
        ("12", 12, 12),
        ("Fri, 20 Nov 2026 02:00:30 GMT", 30, 30),
        ("Fri, 20 Nov 2026 01:00:00 GMT", 1, 2),
        ("0", 1, 2),
        ("soon", 1, 2),
        ("", 1, 2),
    ] {
        let bench = Bench::new().await;
        bench.server.script([throttled(retry_after), empty_page()]);
        bench.client.page(&contacts()).await.unwrap();
        let slept = bench.clock.slept();
        assert_eq!(slept.len(), 1, "{retry_after:?}");
        assert!(
            slept[0] >= Duration::from_secs(least),
            "{retry_after:?}: {slept:?}"
        );
        assert!(
            slept[0] <= Duration::from_secs(most),
            "{retry_after:?}: {slept:?}"
        );
        let counts = bench.counters.snapshot();
        assert_eq!((counts.throttled, counts.pages), (1, 2));
        assert_eq!(counts.waited.as_secs(), slept[0].as_secs());
    }
}

#[tokio::test]
async fn a_wait_longer_than_an_hour_is_not_waited_for() {
    let bench = Bench::new().await;
    let error = bench.error([throttled("99999999999999999999")]).await;
    assert_eq!(error.kind(), ErrorKind::Throttled);
    let text = error.to_string();
    assert!(
        text.contains("the wait it asks for is longer than an hour"),
        "{text}"
    );
    assert!(bench.clock.slept().is_empty());
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_an_error_at_once_that_names_the_wait() {
    let bench = Bench::new().await;
    let deadline = clock::after(bench.clock.now(), Duration::from_secs(120));
    bench.server.script([throttled("600")]);
    let error = bench
        .client
        .until(deadline)
        .page(&contacts())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert!(error.is_temporary());
    assert_eq!(
        error.to_string(),
        "cannot read contacts: there is not enough time: Dataverse asked to slow down, the wait is 600 s, and only 120 s are left. Go on later."
    );
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("(429, 0x80072322)"), "{cause}");
    assert!(bench.clock.slept().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let bench = Bench::new().await;
    let now = bench.clock.now();
    let late = bench
        .client
        .until(now)
        .until(clock::after(now, Duration::from_secs(60)));
    let error = late.page(&contacts()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read contacts: the time for it is over. Go on later."
    );
    assert!(bench.server.seen().is_empty());
}

#[tokio::test]
async fn every_passing_fault_is_tried_again_and_the_final_text_tells_the_story() {
    let bench = Bench::new().await;
    let error = bench
        .error([
            Reply::reset(),
            Reply::json(200, r#"{"value":[]}"#).claiming(400),
            Reply::html(502, "<h1>Bad Gateway</h1>"),
            Reply::error(400, "0x80044150", "deadlock"),
            Reply::json(504, ""),
            busy().header("req_id", "f00-1"),
        ])
        .await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let waited: Duration = bench.clock.slept().iter().sum();
    assert_eq!(
        error.to_string(),
        format!(
            "cannot read contacts: Dataverse was not available (503, request f00-1) in 6 tries over {} \
             s. Try again later.",
            waited.as_secs()
        )
    );
    assert_eq!(error.request_id(), Some("f00-1"));
    assert_eq!(error.tries(), 6);
    let slept = bench.clock.slept();
    assert_eq!(slept.len(), 5);
    for (index, wait) in slept.iter().enumerate() {
        let base = Duration::from_secs(1 << index);
        assert!(base <= *wait && *wait <= base * 2, "{slept:?}");
    }
    assert_eq!(bench.counters.snapshot().pages, 6);
}

#[tokio::test]
async fn each_passing_status_is_tried_again() {
    for status in [408, 429, 500, 502, 503, 504] {
        let bench = Bench::new().await;
        bench.server.script([Reply::json(status, ""), empty_page()]);
        assert!(bench.client.page(&contacts()).await.is_ok(), "{status}");
    }
    for status in [400, 403, 404, 405, 413, 501] {
        let bench = Bench::new().await;
        bench.server.script([Reply::json(status, ""), empty_page()]);
        assert!(bench.client.page(&contacts()).await.is_err(), "{status}");
        assert_eq!(bench.counters.snapshot().pages, 1);
    }
}

#[tokio::test]
async fn a_page_that_takes_too_long_every_time_says_so_and_to_ask_for_fewer_rows() {
    for (reply, facts, why) in [
        (
            Reply::json(504, ""),
            "504",
            "the time for its answer was over",
        ),
        (
            Reply::json(408, ""),
            "408",
            "the time for its answer was over",
        ),
        (
            Reply::error(500, "0x80044151", "SQL timeout expired: Kari"),
            "500, 0x80044151",
            "the query took the database too long",
        ),
    ] {
        let bench = Bench::new().await;
        let error = bench.error((0..6).map(|_| reply.clone())).await;
        assert_eq!((error.kind(), error.tries()), (ErrorKind::TooSlow, 6));
        assert!(error.is_temporary());
        let waited: Duration = bench.clock.slept().iter().sum();
        assert_eq!(
            error.to_string(),
            format!(
                "cannot read contacts: Dataverse took too long ({facts}) in 6 tries over {} s: {why}. \
                 Ask for fewer rows a page or fewer columns, or try again later.",
                waited.as_secs()
            )
        );
    }
}

#[tokio::test]
async fn a_deadline_that_comes_before_the_last_try_of_a_slow_page_names_the_slowness() {
    // A reset stands for a try that the deadline cut short.
    for second in [Reply::json(504, ""), Reply::reset()] {
        let kind = kind_of_late_cause([Reply::json(504, ""), second]).await;
        assert_eq!(kind, ErrorKind::TooSlow);
    }
    let kind = kind_of_late_cause([busy(), Reply::reset()]).await;
    assert_eq!(kind, ErrorKind::Unavailable);
}

/// What a page is said to have met whose second wait ends after the deadline.
async fn kind_of_late_cause(replies: [Reply; 2]) -> ErrorKind {
    let bench = Bench::new().await;
    bench.server.script(replies);
    let deadline = clock::after(bench.clock.now(), Duration::from_secs(3));
    let page = contacts();
    let error = bench.client.until(deadline).page(&page).await.unwrap_err();
    assert_eq!((error.kind(), error.tries()), (ErrorKind::Deadline, 2));
    let cause = error.source().unwrap().downcast_ref::<Error>();
    cause.unwrap().kind()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_waits_and_the_same_request_ids() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bench = Bench::new().await;
        bench.server.script([busy(), busy(), empty_page()]);
        bench.client.page(&contacts()).await.unwrap();
        let ids: Vec<_> = bench
            .server
            .seen()
            .iter()
            .map(|request| request.header("x-ms-client-request-id").map(str::to_owned))
            .collect();
        assert!(ids.iter().all(Option::is_some));
        assert_ne!(ids[1], ids[2], "each try has its own id");
        runs.push((bench.clock.slept(), ids));
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_with_its_cause() {
    let bench = Bench::new().await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let gone = listener.local_addr().unwrap();
    drop(listener);
    let config = config(&format!("http://{gone}"), &bench.server.url(), 0.5);
    let transport = Arc::new(HttpTransport::new().unwrap());
    let client = DynamicsClient::new(config, transport, Arc::new(bench.clock.clone()), 1);
    let error = client.page(&contacts()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let text = error.to_string();
    assert!(text.starts_with("cannot read contacts: Dataverse could not be reached in 6 tries"));
    assert!(text.contains("Connection refused"), "{text}");
    assert_eq!(client.budget().requests, 0, "none reached Dataverse");
}

#[tokio::test]
async fn without_a_secure_connection_it_is_tried_once_and_says_so() {
    let bench = Bench::new().await;
    let url = Server::without_tls().await;
    let config = config(&url, &bench.server.url(), 0.5);
    let transport = Arc::new(HttpTransport::new().unwrap());
    let client = DynamicsClient::new(config, transport, Arc::new(bench.clock.clone()), 1);
    let error = client.page(&contacts()).await.unwrap_err();
    assert_eq!((error.kind(), error.tries()), (ErrorKind::Protocol, 1));
    assert!(!error.is_temporary());
    let text = error.to_string();
    assert!(
        text.starts_with("cannot read contacts: there is no secure connection to Dataverse: "),
        "{text}"
    );
    assert!(text.contains("Check the environment's address"), "{text}");
}

#[tokio::test]
async fn an_address_that_is_too_long_is_no_foreign_one() {
    let bench = Bench::new().await;
    let long = Filter::eq_text("fullname", &"Kari ".repeat(20_000));
    let query = Query::new("contacts").filter(long);
    let error = bench.client.page(&query.into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    let text = error.to_string();
    assert!(
        text.contains("bytes is too long. Select fewer columns"),
        "{text}"
    );
    assert!(!text.contains("Kari") && bench.server.seen().is_empty());
}

#[tokio::test]
async fn a_long_outage_spends_the_shared_retry_budget_and_then_fails_early() {
    let bench = Bench::new().await;
    bench.server.script((0..131).map(|_| busy()));
    let mut tries = Vec::new();
    for _ in 0..22 {
        let error = bench.client.page(&contacts()).await.unwrap_err();
        tries.push(error.tries());
        if error.tries() == 1 {
            let text = error.to_string();
            assert!(text.contains("no more retries are made"), "{text}");
        }
    }
    assert_eq!(tries.iter().map(|tries| tries - 1).sum::<u32>(), 100);
    assert_eq!(tries.last(), Some(&1));
}
