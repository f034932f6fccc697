use std::time::Duration;

use clock::Clock;
use dynamics_client::{Error, ErrorKind, Outcome};

use crate::support::{Bench, Reply, contacts};

fn throttled() -> Reply {
    Reply::error(429, "0x80072322", "").header("retry-after", 1)
}

fn forbidden() -> Reply {
    Reply::error(403, "0x80040220", "")
}

async fn outcome(replies: impl IntoIterator<Item = Reply>) -> Outcome {
    Bench::new().await.error(replies).await.outcome()
}

#[tokio::test]
async fn what_was_turned_away_every_time_was_not_done() {
    assert_eq!(
        outcome((0..6).map(|_| throttled())).await,
        Outcome::NotApplied
    );
    assert_eq!(outcome([throttled(), forbidden()]).await, Outcome::Refused);
    assert_eq!(outcome([forbidden()]).await, Outcome::Refused);
    let refused = || Reply::error(401, "", "");
    assert_eq!(outcome([refused(), refused()]).await, Outcome::Refused);
}

#[tokio::test]
async fn after_one_try_without_an_answer_nothing_later_makes_it_certain() {
    for unknown in [
        Reply::reset(),
        Reply::json(504, ""),
        Reply::html(200, "<html>"),
    ] {
        assert_eq!(
            outcome([unknown.clone(), forbidden()]).await,
            Outcome::Unknown
        );
        let mut replies = vec![unknown];
        replies.extend((0..6).map(|_| throttled()));
        assert_eq!(outcome(replies).await, Outcome::Unknown);
    }
    let another_form = Reply::json(200, r#"{"value":7}"#);
    assert_eq!(outcome([another_form]).await, Outcome::Unknown);
}

async fn late(replies: impl IntoIterator<Item = Reply>) -> Error {
    let bench = Bench::new().await;
    bench.server.script(replies);
    let deadline = clock::after(bench.clock.now(), Duration::from_secs(60));
    let client = bench.client.until(deadline);
    client.page(&contacts()).await.unwrap_err()
}

#[tokio::test]
async fn a_deadline_says_what_the_tries_before_it_proved() {
    let long = || throttled().header("retry-after", 1);
    let wait = || Reply::error(429, "", "").header("retry-after", 600);
    let error = late([long(), wait()]).await;
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!((error.outcome(), error.tries()), (Outcome::NotApplied, 2));
    let error = late([Reply::reset(), wait()]).await;
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!((error.outcome(), error.tries()), (Outcome::Unknown, 2));
}

#[tokio::test]
async fn without_a_token_nothing_was_done_unless_an_earlier_try_may_have_done_it() {
    let no = || Reply::json(401, r#"{"error_codes":[7000215]}"#);
    let bench = Bench::new().await;
    bench.server.script_tokens([no()]);
    let error = bench.error([]).await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.outcome(), Outcome::NotApplied);

    // The second try meets a 401, and there is no other token.
    let bench = Bench::new().await;
    let first = Reply::json(200, r#"{"access_token":"a","expires_in":3600}"#);
    bench.server.script_tokens([first, no()]);
    let error = bench
        .error([Reply::reset(), Reply::error(401, "", "")])
        .await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn what_was_never_sent_was_tried_no_time() {
    let bench = Bench::new().await;
    let late = bench.client.until(bench.clock.now());
    let error = late.page(&contacts()).await.unwrap_err();
    assert_eq!((error.outcome(), error.tries()), (Outcome::NotApplied, 0));
}
