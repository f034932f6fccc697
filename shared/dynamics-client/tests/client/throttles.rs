use std::time::Duration;

use clock::Clock;
use dynamics_client::{Change, DynamicsClient, ErrorKind, RowKey};
use futures::future::{join, join_all};

use crate::batch_answers::{multipart, part};
use crate::support::contact::{ID, named};
use crate::support::stage::{Stage, StandingClock, answer, clock, token};
use crate::support::{Bench, Reply, contact_table, contacts, empty_page};

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

#[tokio::test]
async fn nobody_sends_while_a_throttle_lasts() {
    for asked in [vec![("retry-after", "30")], vec![]] {
        let page = || answer(200, &[("x-ms-dop-hint", "1")], r#"{"value":[]}"#);
        let mut answers = vec![page(), answer(429, &asked, "")];
        answers.extend((0..20).map(|_| page()));
        let stage = Stage::new([token("t")], answers);
        let (client, _) = stage.client(StandingClock(clock()), 1.0);
        let request = contacts();
        client.page(&request).await.unwrap();
        let mut others = Box::pin(join_all((0..10).map(|_| client.page(&request))));
        for _ in 0..100 {
            assert!(futures::poll!(&mut others).is_pending());
        }
        assert_eq!(stage.sent().len(), 3, "token, first page, 429");
    }
}

#[tokio::test]
async fn throttled_parts_of_a_batch_stop_everybody_and_count_once() {
    let (table, key, record) = (contact_table(), RowKey::Id(ID), named());
    let changes = [Change::upsert(&table, &key, &record); 3];
    for (asked, least) in [("\r\nRetry-After: 30", 30), ("", 1)] {
        let bench = Bench::new().await;
        let throttled = part(&format!("429 X{asked}"), "");
        let busy = part("503 X", "");
        // One place only, so that it is certain who comes after the batch: everybody.
        bench
            .server
            .script([empty_page().header("x-ms-dop-hint", 1)]);
        let request = contacts();
        bench.client.page(&request).await.unwrap();
        let start = bench.clock.now();
        bench
            .server
            .script([multipart(&[throttled.clone(), busy, throttled])]);
        // Whoever is first gets an answer that the other cannot read.
        bench.server.script((0..40).map(|_| empty_page()));
        let others = join_all((0..10).map(|_| bench.client.page(&request)));
        let (_, pages) = join(bench.client.batch(&changes), others).await;
        assert!(pages.iter().all(Result::is_ok));

        // A token, the first page, the batch, and then all others.
        let after = bench.sends().split_off(3);
        assert!(after.len() > 10);
        for sent in after {
            assert!(clock::elapsed(start, sent) >= Duration::from_secs(least));
        }
        assert_eq!(bench.counters.snapshot().throttled, 1);
    }
}

#[tokio::test]
async fn a_wait_that_is_broken_off_counts_for_as_long_as_it_was() {
    let busy = answer(503, &[("retry-after", "30")], "");
    let stage = Stage::new([token("t")], [busy]);
    let clock = clock();
    let (client, counters) = stage.client(StandingClock(clock.clone()), 1.0);
    let request = contacts();
    let mut waiting = Box::pin(client.page(&request));
    assert!(futures::poll!(&mut waiting).is_pending());
    clock.advance(Duration::from_micros(7_500_250));
    drop(waiting);
    assert_eq!(counters.snapshot().waited, Duration::from_micros(7_500_250));
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
