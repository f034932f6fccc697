//! Bulk actions that are lost, refused as a whole, too slow or throttled.

use std::time::Duration;

use dynamics_client::{ErrorKind, Outcome, RowKey};
use dynamics_simulator::{Class, Effect, Fault, Limit, RetryAfter};

use crate::simulated::{World, account, accounts, failed, id, with_ids};

#[tokio::test]
async fn a_lost_reply_to_a_bulk_create_with_ids_doubles_nothing_and_is_a_success() {
    let world = World::start().await;
    world.spoil(Class::Write, Effect::ResetAfter);
    let results = world.create_multiple(&with_ids(300)).await;
    assert!(failed(&results).is_empty());
    assert_eq!((world.added(), world.writes()), (300, 2));
    assert_eq!(results[299].as_ref().unwrap().id, Some(id(299)));
}

#[tokio::test]
async fn rows_that_an_earlier_process_created_are_found_a_hundred_a_request_and_the_others_created()
{
    let world = World::start().await;
    world.create_multiple(&with_ids(900)).await;
    let before = world.requests().total;
    let results = world.create_multiple(&with_ids(1_000)).await;
    assert_eq!(failed(&results), (0..900).collect());
    let kind = |row: usize| results[row].as_ref().unwrap_err().kind();
    assert_eq!(
        (kind(0), kind(899)),
        (ErrorKind::DuplicateKey, ErrorKind::DuplicateKey)
    );
    assert_eq!(world.added(), 1_000);
    // Two creates, and ten to look.
    assert_eq!(world.requests().total - before, 12);
}

#[tokio::test]
async fn a_bulk_create_that_never_arrived_is_sent_again_and_its_own_bad_row_found() {
    let world = World::start().await;
    let taken = account(77).id(id(77));
    world.create(&taken).await.unwrap();
    world.spoil(Class::Write, Effect::ResetBefore);
    let results = world.create_multiple(&with_ids(100)).await;
    assert_eq!(world.added(), 100);
    assert_eq!(failed(&results), [77].into());
    let error = results[77].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::DuplicateKey, Outcome::Refused)
    );
}

#[tokio::test]
async fn a_lost_reply_to_a_bulk_create_without_ids_is_never_sent_again() {
    let world = World::start().await;
    world.spoil(Class::Write, Effect::ResetAfter);
    let results = world.create_multiple(&accounts(1_500)).await;
    assert_eq!(failed(&results).len(), 1_500);
    let outcome = |row: usize| results[row].as_ref().unwrap_err().outcome();
    assert_eq!(
        (outcome(0), outcome(1_499)),
        (Outcome::Unknown, Outcome::NotApplied)
    );
    assert_eq!((world.added(), world.writes()), (1_000, 1));
}

#[tokio::test]
async fn a_lost_reply_to_a_bulk_upsert_is_sent_again() {
    let world = World::start().await;
    world
        .simulator
        .inject(Fault::on(Class::Write, Effect::ResetAfter).times(2));
    let rows: Vec<_> = (0..50)
        .map(|number| (RowKey::Id(id(number)), account(number)))
        .collect();
    let results = world.client.upsert_multiple(&world.accounts, &rows).await;
    assert!(failed(&results).is_empty());
    assert_eq!((world.added(), world.writes()), (50, 3));
}

#[tokio::test]
async fn what_takes_the_database_too_long_is_sent_in_smaller_requests() {
    let world = World::start().await;
    world
        .simulator
        .switch(|switches| switches.bulk_rows_max = 300);
    let results = world.create_multiple(&with_ids(2_000)).await;
    assert!(failed(&results).is_empty());
    assert_eq!(world.added(), 2_000);
    assert!(world.clock.slept().is_empty(), "{:?}", world.clock.slept());
    assert!(world.writes() < 25, "{}", world.writes());
}

#[tokio::test]
async fn what_stands_against_all_rows_is_not_looked_for_in_each() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        switches.forbidden.insert("accounts".into());
    });
    let results = world.create_multiple(&accounts(1_500)).await;
    assert_eq!(failed(&results).len(), 1_500);
    assert_eq!(world.writes(), 1);
    assert_eq!(
        results[1_499].as_ref().unwrap_err().kind(),
        ErrorKind::Forbidden
    );
}

#[tokio::test]
async fn throttled_bulk_actions_wait_for_what_is_asked() {
    let world = World::start().await;
    let effect = Effect::Throttled {
        limit: Limit::ExecutionTime,
        retry_after: RetryAfter::Seconds(40),
    };
    world.simulator.inject(Fault::on(Class::Write, effect));
    let results = world.create_multiple(&accounts(10)).await;
    assert!(failed(&results).is_empty());
    assert_eq!(world.clock.slept(), [Duration::from_secs(40)]);
    assert_eq!(world.added(), 10);
}
