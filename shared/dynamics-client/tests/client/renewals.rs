use std::time::Duration;

use clock::Clock;
use dynamics_client::{Credential, ErrorKind};

use crate::support::stage::{Stage, StandingClock, answer, clock, page, token};
use crate::support::{Bench, Reply, SECRET, contacts, empty_page};

/// When a token of 3,599 s is to be renewed.
const RENEW_FROM: Duration = Duration::from_secs(3_299);

fn refusal() -> Reply {
    Reply::json(401, r#"{"error_codes":[7000215]}"#)
}

#[tokio::test]
async fn an_early_renewal_that_fails_keeps_the_old_token_and_is_tried_again_half_a_minute_later() {
    for failure in [Reply::json(503, ""), Reply::reset(), refusal()] {
        let bench = Bench::new().await;
        bench.server.script((0..4).map(|_| empty_page()));
        bench.client.page(&contacts()).await.unwrap();
        bench.clock.advance(RENEW_FROM);
        bench.server.script_tokens([failure]);
        for _ in 0..2 {
            bench.client.page(&contacts()).await.unwrap();
            assert_eq!(bench.server.token_requests().len(), 2);
        }
        assert!(bench.clock.slept().is_empty());
        bench.clock.advance(Duration::from_secs(30));
        bench.client.page(&contacts()).await.unwrap();
        let tokens: Vec<_> = bench.server.api_requests();
        let tokens: Vec<_> = tokens
            .iter()
            .map(|request| request.header("authorization").unwrap())
            .collect();
        let (old, new) = ("Bearer token-1", "Bearer token-2");
        assert_eq!(tokens, [old, old, old, new]);
    }
}

#[tokio::test]
async fn without_a_valid_token_a_refusal_is_an_error() {
    let bench = Bench::new().await;
    bench.server.script([empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    bench.clock.advance(Duration::from_secs(3_599));
    bench.server.script_tokens([refusal()]);
    let error = bench.error([]).await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
}

#[tokio::test]
async fn nobody_waits_for_an_early_renewal_that_hangs() {
    let clock = clock();
    let stage = Stage::new([token("old")], (0..3).map(|_| page()));
    let (client, _) = stage.client(StandingClock(clock.clone()), 1.0);
    let request = contacts();
    client.page(&request).await.unwrap();
    clock.advance(Duration::from_secs(3_301));
    let mut renewing = Box::pin(client.page(&request));
    assert!(futures::poll!(&mut renewing).is_pending());
    let mut other = Box::pin(client.page(&request));
    assert!(futures::poll!(&mut other).is_ready());
    let renewals = stage.token_requests().split_off(1);
    assert_eq!(renewals.len(), 1);
    let limit = renewals[0].limit.unwrap();
    assert!(limit <= Duration::from_secs(10), "{limit:?}");
}

#[tokio::test]
async fn the_wait_that_entra_asks_for_holds_also_when_the_one_who_heard_it_is_gone() {
    for asked in [&[("retry-after", "60")][..], &[]] {
        let clock = clock();
        let stage = Stage::new([answer(429, asked, ""), token("t")], [page()]);
        let (client, _) = stage.client(StandingClock(clock.clone()), 1.0);
        let request = contacts();
        let mut first = Box::pin(client.page(&request));
        assert!(futures::poll!(&mut first).is_pending());
        drop(first);
        let mut second = Box::pin(client.page(&request));
        assert!(futures::poll!(&mut second).is_pending());
        assert_eq!(stage.token_requests().len(), 1);
        drop(second);
        clock.advance(Duration::from_secs(60));
        let mut third = Box::pin(client.page(&request));
        assert!(futures::poll!(&mut third).is_ready());
    }
}

#[tokio::test]
async fn a_token_that_ends_during_the_wait_for_a_place_is_not_sent() {
    let bench = Bench::new().await;
    let short = Reply::json(200, r#"{"access_token":"short","expires_in":60}"#);
    bench.server.script_tokens([short]);
    bench.server.script([
        Reply::error(429, "", "").header("retry-after", 100),
        empty_page(),
    ]);
    bench.client.page(&contacts()).await.unwrap();
    let requests = bench.server.api_requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        requests[1].header("authorization"),
        Some("Bearer token-1"),
        "the first that the server made up itself"
    );
}

#[tokio::test]
async fn each_token_that_was_accepted_may_be_revoked_and_renewed_in_the_same_call() {
    let bench = Bench::new().await;
    let revoked = || Reply::error(401, "", "Unauthorized");
    let busy = || Reply::json(503, "");
    bench
        .server
        .script([revoked(), busy(), revoked(), empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    assert_eq!(bench.server.token_requests().len(), 3);

    // But not for ever.
    let endless = (0..20).map(|index| if index % 2 == 0 { revoked() } else { busy() });
    let error = bench.error(endless).await;
    assert!(error.tries() <= 12, "{error}");
}

#[tokio::test]
async fn another_credential_is_used_by_all_clones_from_then_on() {
    let bench = Bench::new().await;
    let clone = bench.client.clone();
    bench.server.script_tokens([refusal()]);
    let error = bench.error([]).await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
    clone.renew_credential(Credential::ClientSecret("another".into()));
    bench.server.script([empty_page(), empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    clone.renew_credential(Credential::ClientSecret("a-third".into()));
    bench.client.page(&contacts()).await.unwrap();
    let asked = bench.server.token_requests();
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    for (request, secret) in asked.iter().zip([&encoded, "another", "a-third"]) {
        let field = format!("client_secret={secret}&");
        assert!(request.body.contains(&field), "{}", request.body);
    }
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn another_credential_changes_nothing_about_a_throttle() {
    let bench = Bench::new().await;
    let deadline = clock::after(bench.clock.now(), Duration::from_secs(60));
    let client = bench.client.until(deadline);
    bench
        .server
        .script([Reply::error(429, "", "").header("retry-after", 600)]);
    client.page(&contacts()).await.unwrap_err();
    client.renew_credential(Credential::ClientSecret("another".into()));
    let error = client.page(&contacts()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(bench.server.api_requests().len(), 1);
}
