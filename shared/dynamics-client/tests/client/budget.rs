use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use clock::{Clock, VirtualClock};
use dynamics_client::{DynamicsClient, ErrorKind, Remaining, Transport, TransportError};
use dynamics_simulator::Limits;
use futures::future::{BoxFuture, join_all};
use http::{Request, Response};

use crate::pace::{Case, Pace};
use crate::support::stage::{Stage, answer, clock as start, page, token};
use crate::support::{config, contacts};

/// A tenth of the documented limits, enforced on a client whose share they are.
fn a_tenth() -> Limits {
    Limits {
        requests: 600,
        execution_ms: 120_000,
        concurrency: 5,
        request_ms: 50,
        ..Limits::default()
    }
}

fn write(limits: Limits) -> (Case, Pace) {
    let case = Case {
        share: 100,
        limits,
        writes: 2_000,
    };
    let pace = case.measure().unwrap();
    assert!(pace.counts.writes >= 2_000);
    let ratio = pace.took.as_secs_f64() / case.allowed().as_secs_f64();
    assert!((1.0..1.1).contains(&ratio), "{ratio}, {pace:?}");
    assert_eq!(pace.despite, 0, "{pace:?}");
    assert_eq!(pace.report.despite_retry_after, 0, "{pace:?}");
    (case, pace)
}

#[test]
fn two_thousand_writes_use_the_share_of_requests_up_and_no_window_holds_more() {
    let (case, pace) = write(a_tenth());
    assert_eq!(case.allowed(), Duration::from_secs(900));
    assert_eq!((pace.counts.throttled, pace.report.refused), (0, 0));
    assert_eq!(pace.report.busiest_window, 600);
    assert_eq!(pace.report.most_at_once, 5);
}

#[test]
fn two_thousand_slow_writes_use_the_share_of_execution_time_up_and_no_window_holds_more() {
    let (case, pace) = write(Limits {
        request_ms: 2_000,
        ..a_tenth()
    });
    assert_eq!(case.allowed(), Duration::from_secs(9_900));
    assert_eq!((pace.counts.throttled, pace.report.refused), (0, 0));
    let most = pace.report.busiest_window_ms;
    assert!((110_000..=120_000).contains(&most), "{most} ms");
}

#[test]
fn where_less_is_allowed_than_documented_one_a_window_is_refused_and_none_comes_too_early() {
    for limits in [
        Limits {
            requests: 500,
            ..a_tenth()
        },
        Limits {
            execution_ms: 50_000,
            request_ms: 1_000,
            ..a_tenth()
        },
    ] {
        let (case, pace) = write(limits);
        let windows = case.allowed().as_secs() / 300;
        assert_eq!(pace.counts.throttled, windows, "{pace:?}");
        assert_eq!(pace.report.refused, windows);
    }
}

/// A wire on which every request takes its time.
struct Slow {
    stage: Arc<Stage>,
    clock: VirtualClock,
    seconds: AtomicU64,
}

impl Transport for Slow {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let seconds = self.seconds.load(Ordering::Relaxed);
            self.clock.sleep(Duration::from_secs(seconds)).await;
            self.stage.send(request).await
        })
    }
}

/// A client with a tenth of the limits whose requests take 59 seconds each, on a clock of its own.
fn slow(pages: usize) -> (DynamicsClient, VirtualClock, Arc<Slow>) {
    let clock = VirtualClock::at(start().now());
    let slow = Arc::new(Slow {
        stage: Stage::new([token("t")], (0..pages).map(|_| page())),
        clock: clock.clone(),
        seconds: AtomicU64::new(59),
    });
    let url = "https://contoso.example";
    let wire = Arc::clone(&slow) as Arc<dyn Transport>;
    let client = DynamicsClient::new(config(url, url, 0.1), wire, Arc::new(clock.clone()), 1);
    (client, clock, slow)
}

fn seconds_since_start(clock: &VirtualClock) -> u64 {
    clock::elapsed(start().now(), clock.now()).as_secs()
}

#[test]
fn execution_time_that_is_used_up_beyond_the_deadline_is_an_error_at_once_that_names_the_share() {
    let (client, clock, _) = slow(2);
    let error = clock.run(async {
        // 59 s for the token, which is none of Dataverse's time.
        client.page(&contacts()).await.unwrap();
        client.page(&contacts()).await.unwrap();
        let soon = clock::after(clock.now(), Duration::from_secs(100));
        client.until(soon).page(&contacts()).await.unwrap_err()
    });
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(
        error.to_string(),
        "cannot read contacts: there is not enough time: this client's share of 120 s of execution \
         time in 300 s is used up, the wait is 241 s, and only 99 s are left. Go on later."
    );
    assert_eq!(seconds_since_start(&clock), 3 * 59);
}

#[test]
fn a_request_that_ends_early_makes_room_for_those_that_wait_for_its_time() {
    let (client, clock, slow) = slow(30);
    let took = clock.run(async {
        client.page(&contacts()).await.unwrap();
        clock.sleep(Duration::from_secs(600)).await;
        slow.seconds.store(1, Ordering::Relaxed);
        let before = seconds_since_start(&clock);
        let request = contacts();
        let pages = join_all((0..20).map(|_| client.page(&request))).await;
        assert!(pages.iter().all(Result::is_ok));
        seconds_since_start(&clock) - before
    });
    // Two at first, since they may take as long again; more as it shows that they do not.
    assert!((5..=10).contains(&took.unwrap()), "{took:?}");
}

#[test]
fn nobody_waits_for_the_time_of_others_beyond_the_deadline() {
    let (client, clock, _) = slow(30);
    let begin = 2 * 59 + 600;
    let ends = clock.run(async {
        client.page(&contacts()).await.unwrap();
        clock.sleep(Duration::from_secs(600)).await;
        let soon = clock::after(clock.now(), Duration::from_secs(10));
        let (client, request) = (client.until(soon), contacts());
        let page = || async {
            let page = client.page(&request).await;
            (page.is_ok(), seconds_since_start(&clock) - begin)
        };
        join_all((0..4).map(|_| page())).await
    });
    // The wire knows no deadline.
    let expected = [(true, 59), (true, 59), (false, 10), (false, 10)];
    assert_eq!(ends.unwrap(), expected);
}

#[test]
fn the_budget_can_be_read_at_any_time_and_tells_what_stands_in_the_way() {
    let clock = VirtualClock::at(start().now());
    let said = [
        ("x-ms-ratelimit-burst-remaining-xrm-requests", "5,999"),
        ("x-ms-ratelimit-time-remaining-xrm-requests", "1,199.97"),
    ];
    let answers = [
        answer(200, &said, r#"{"value":[]}"#),
        answer(429, &[("retry-after", "30")], ""),
    ];
    let stage = Stage::new([token("t")], answers);
    let (client, _) = stage.client(clock.clone(), 0.5);

    let state = client.budget();
    assert_eq!((state.requests, state.requests_allowed), (0, 3_000));
    assert_eq!(state.execution_time, Duration::ZERO);
    assert_eq!(state.execution_time_allowed, Duration::from_secs(600));
    assert_eq!((state.under_way, state.under_way_allowed), (0, 4));
    assert_eq!(state.paused_for, Duration::ZERO);
    assert_eq!(state.remaining, Remaining::default());

    let after = clock.run(async {
        client.page(&contacts()).await.unwrap();
        let answered = client.budget();
        let soon = clock::after(clock.now(), Duration::from_secs(10));
        client.until(soon).page(&contacts()).await.unwrap_err();
        (answered, client.budget())
    });
    let (answered, throttled) = after.unwrap();
    assert_eq!((answered.requests, answered.under_way), (1, 0));
    let remaining = Remaining {
        requests: Some(5_999),
        execution_time: Some(Duration::from_millis(1_199_970)),
    };
    assert_eq!(answered.remaining, remaining);
    assert_eq!(throttled.remaining, remaining, "the 429 does not say");
    assert_eq!((throttled.requests, throttled.under_way_allowed), (2, 2));
    assert_eq!(throttled.paused_for.as_secs_f64().round(), 30.0);
    let silent = clock.run(client.page(&contacts()));
    assert!(
        silent.is_none(),
        "nothing is scripted, so it stays under way"
    );
    assert_eq!(client.budget().under_way, 0, "it was broken off");
    assert!(client.budget().execution_time >= Duration::from_millis(800));
}
