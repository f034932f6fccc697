use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use clock::Clock;
use dynamics_client::{DynamicsClient, ErrorKind, Transport, TransportError};
use futures::future::{BoxFuture, join_all, pending};
use http::{Request, Response};
use jiff::Timestamp;

use crate::support::{Bench, Reply, config, contacts, empty_page};

#[tokio::test]
async fn a_throttle_stops_everybody_until_it_is_over() {
    for (retry_after, least) in [(Some(30), 30), (None, 1)] {
        let bench = Bench::new().await;
        let mut throttled = Reply::error(429, "0x80072326", "");
        if let Some(seconds) = retry_after {
            throttled = throttled.header("retry-after", seconds);
        }
        // One place only, so that it is certain who comes after the 429: everybody.
        bench
            .server
            .script([empty_page().header("x-ms-dop-hint", 1), throttled]);
        bench.server.script((0..10).map(|_| empty_page()));
        let request = contacts();
        bench.client.page(&request).await.unwrap();
        let start = bench.clock.now();
        let pages = join_all((0..10).map(|_| bench.client.page(&request))).await;
        assert!(pages.iter().all(Result::is_ok));

        // A token, the first page, the 429, and then the ten.
        let after = bench.sends().split_off(3);
        assert_eq!(after.len(), 10);
        for sent in after {
            assert!(clock::elapsed(start, sent) >= Duration::from_secs(least));
        }
    }
}

/// A clock on which nothing ever ends waiting.
struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

/// Answers at once, from a list; counts.
struct Ready {
    answers: Mutex<VecDeque<Response<Bytes>>>,
    sent: AtomicUsize,
}

impl Transport for Ready {
    fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.sent.fetch_add(1, SeqCst);
        let answer = self.answers.lock().unwrap().pop_front().unwrap();
        Box::pin(async { Ok(answer) })
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Bytes> {
    let answer = Response::builder().status(status);
    let answer = headers
        .iter()
        .fold(answer, |answer, (name, value)| answer.header(*name, *value));
    answer.body(Bytes::from(body)).unwrap()
}

#[tokio::test]
async fn nobody_sends_while_a_throttle_lasts() {
    for asked in [vec![("retry-after", "30")], vec![]] {
        let page = || answer(200, &[("x-ms-dop-hint", "1")], r#"{"value":[]}"#);
        let token = answer(200, &[], r#"{"access_token":"t","expires_in":3599}"#);
        let mut answers = VecDeque::from([token, page(), answer(429, &asked, "")]);
        answers.extend((0..20).map(|_| page()));
        let transport = Arc::new(Ready {
            answers: Mutex::new(answers),
            sent: AtomicUsize::new(0),
        });
        let url = "https://contoso.example";
        let client = DynamicsClient::new(
            config(url, url, 1.0),
            Arc::clone(&transport) as _,
            Arc::new(StandingClock),
            1,
        );
        let request = contacts();
        client.page(&request).await.unwrap();
        let mut others = Box::pin(join_all((0..10).map(|_| client.page(&request))));
        for _ in 0..100 {
            assert!(futures::poll!(&mut others).is_pending());
        }
        assert_eq!(transport.sent.load(SeqCst), 3, "token, first page, 429");
    }
}

#[tokio::test]
async fn a_budget_that_is_used_up_makes_requests_wait_for_the_window() {
    // A share that allows three requests in 300 seconds.
    let bench = Bench::with_share(0.0005).await;
    bench.server.script((0..10).map(|_| empty_page()));
    for _ in 0..10 {
        bench.client.page(&contacts()).await.unwrap();
    }
    let sends = bench.sends().split_off(1);
    for four in sends.windows(4) {
        assert!(
            clock::elapsed(four[0], four[3]) > Duration::from_secs(300),
            "{four:?}"
        );
    }
    assert_eq!(bench.slept_s(), [300, 300, 300]);
    assert_eq!(bench.counters.snapshot().waited.as_secs(), 900);
}

#[tokio::test]
async fn a_wait_for_the_budget_beyond_the_deadline_is_an_error_at_once() {
    let bench = Bench::with_share(0.0005).await;
    bench.server.script((0..10).map(|_| empty_page()));
    let deadline = clock::after(bench.clock.now(), Duration::from_secs(100));
    let client = bench.client.until(deadline);
    for _ in 0..3 {
        client.page(&contacts()).await.unwrap();
    }
    let error = client.page(&contacts()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(
        error.to_string(),
        "cannot read contacts: there is not enough time: this client's share of 3 requests in 300 s is \
         used up, the wait is 301 s, and only 100 s are left. Go on later."
    );
    assert!(bench.clock.slept().is_empty());
}

#[tokio::test]
async fn another_callers_pause_beyond_the_deadline_is_an_error_at_once() {
    let bench = Bench::new().await;
    bench
        .server
        .script([Reply::json(503, "").header("retry-after", 600)]);
    let deadline = clock::after(bench.clock.now(), Duration::from_secs(60));
    let client = bench.client.until(deadline);
    client.page(&contacts()).await.unwrap_err();
    let error = client.page(&contacts()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read contacts: there is not enough time: Dataverse asked all requests to wait, the wait is 600 s, and only 60 s are left. Go on later."
    );
    assert_eq!(bench.server.api_requests().len(), 1);
}

#[tokio::test]
async fn the_hint_of_any_answer_bounds_how_many_requests_are_under_way() {
    let bench = Bench::new().await;
    bench
        .server
        .script((0..51).map(|_| empty_page().header("x-ms-dop-hint", 1)));
    let request = contacts();
    bench.client.page(&request).await.unwrap();
    let pages = join_all((0..50).map(|_| bench.client.page(&request))).await;
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!(bench.most_under_way(), 1);
}

#[tokio::test]
async fn the_share_bounds_how_many_requests_are_under_way() {
    let bench = Bench::with_share(0.1).await;
    bench.server.script((0..200).map(|_| empty_page()));
    let request = contacts();
    let pages = join_all((0..200).map(|_| bench.client.page(&request))).await;
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!(bench.most_under_way(), 5);
}

#[test]
fn the_client_and_its_calls_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    fn check(client: &DynamicsClient) {
        let request = contacts();
        is_send(client);
        is_send(&client.page(&request));
        is_send(&client.table("contacts", &[]));
        is_send(&client.pages(contacts()));
    }
    let _ = check;
}
