use std::time::Duration;

use clock::{Clock, ManualClock};
use dynamics_client::{DynamicsClient, Error, ErrorKind, Page};
use futures::FutureExt;

use crate::support::contacts;
use crate::support::stage::{RunningClock, Stage, clock, page, token};

/// Reads a page with a minute to go while another caller, without a deadline, waits for `stage`.
async fn second_caller(client: &DynamicsClient, clock: &ManualClock) -> Result<Page, Error> {
    let request = contacts();
    let mut first = Box::pin(client.page(&request));
    assert!(futures::poll!(&mut first).is_pending());
    let deadline = clock::after(clock.now(), Duration::from_secs(60));
    let second = client.until(deadline);
    let mut waiting = Box::pin(second.page(&request));
    for _ in 0..100 {
        if let Some(ended) = waiting.as_mut().now_or_never() {
            return ended;
        }
    }
    panic!("the second caller waits beyond its deadline");
}

#[tokio::test]
async fn a_wait_for_another_callers_token_ends_with_the_deadline() {
    let (stage, clock) = (Stage::new([], []), clock());
    let (client, _) = stage.client(RunningClock(clock.clone()), 1.0);
    let error = second_caller(&client, &clock).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(
        error.to_string(),
        "cannot read contacts: the time for it is over. Go on later."
    );
    assert_eq!(stage.sent().len(), 1);
}

#[tokio::test]
async fn a_wait_for_another_callers_place_ends_with_the_deadline() {
    let (stage, clock) = (Stage::new([token("t")], []), clock());
    // A share that allows one request at a time.
    let (client, counters) = stage.client(RunningClock(clock.clone()), 0.02);
    let error = second_caller(&client, &clock).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(stage.sent().len(), 2, "a token and the first caller's page");
    // The looks at the clock took some of it.
    let waited = counters.snapshot().waited;
    assert_eq!(waited.as_millis().div_ceil(1_000), 60, "{waited:?}");
}

#[tokio::test]
async fn a_deadline_that_is_never_over_starts_no_timer() {
    let (stage, clock) = (Stage::new([token("t")], [page()]), clock());
    let (client, _) = stage.client(RunningClock(clock.clone()), 0.02);
    let request = contacts();
    client.page(&request).await.unwrap();
    let mut first = Box::pin(client.page(&request));
    assert!(futures::poll!(&mut first).is_pending());
    let second = client.until(jiff::Timestamp::MAX);
    let mut waiting = Box::pin(second.page(&request));
    assert!(futures::poll!(&mut waiting).is_pending());
    assert!(clock.slept().is_empty());
}
