//! Looks that are started twice, at once, or killed.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, join_all, select};
use sync_engine::StreamStatus;

use crate::support::{HOUR, NOW, World};
use crate::wire::Fate;

const MINUTE: Duration = Duration::from_secs(60);

/// A stream fails that nobody but operations is told of.
async fn failing() -> World {
    let mut world = World::start().await;
    for stream in &mut world.file.streams {
        stream.alert = None;
    }
    world.run(StreamStatus::Failed).await;
    world
}

/// A look that is killed while it waits for an answer of SNS.
async fn killed(world: &World, fate: Fate) {
    world.sns.becomes(fate);
    let watch = world.watch();
    let look = pin!(watch.look());
    let silent = pin!(world.sns.silent.notified());
    match select(look, silent).await {
        Either::Left((looked, _)) => panic!("it was not killed: {looked:?}"),
        Either::Right(_) => world.sns.becomes(Fate::Taken),
    }
}

#[tokio::test]
async fn a_look_killed_before_the_message_was_taken_is_taken_over_after_five_minutes() {
    let world = failing().await;
    killed(&world, Fate::Lost).await;
    assert_eq!(world.look().await, [""; 0]);
    world.clock.advance(5 * MINUTE);
    assert_eq!(world.look().await.len(), 1);
    world.clock.advance(5 * MINUTE);
    assert_eq!(world.look().await, [""; 0]);
}

#[tokio::test]
async fn a_look_that_sns_does_not_answer_ends_in_time_and_the_next_takes_it_over() {
    let world = failing().await;
    world.sns.becomes(Fate::Lost);
    let deadline = clock::after(world.now(), MINUTE);
    let looked = world.watch().look_until(deadline).await;
    assert_eq!(looked.unwrap(), None);
    world.sns.becomes(Fate::Taken);
    world.clock.advance(5 * MINUTE);
    assert_eq!(world.look().await.len(), 1);
}

#[tokio::test]
async fn a_look_killed_after_the_message_was_taken_tells_it_twice_rather_than_never() {
    let world = failing().await;
    killed(&world, Fate::Unanswered).await;
    assert_eq!(world.sns.taken().len(), 1);
    world.clock.advance(5 * MINUTE);
    assert_eq!(world.look().await.len(), 1);
}

#[tokio::test]
async fn what_ended_while_its_first_message_was_claimed_is_told_to_have_ended() {
    let world = failing().await;
    killed(&world, Fate::Unanswered).await;
    world.sns.taken();
    world.clock.advance(5 * MINUTE);
    world.run(StreamStatus::Complete).await;
    let again = "Dynamics Sync: certifications is synced again";
    assert_eq!(world.look().await, [again]);
}

#[tokio::test]
async fn of_many_looks_at_once_one_tells_it() {
    let world = failing().await;
    for expected in [1, 0] {
        let (watches, mut sent) = ([(); 8].map(|()| world.watch()), 0);
        for looked in join_all(watches.iter().map(|watch| watch.look())).await {
            sent += looked.unwrap().sent;
        }
        assert_eq!(sent, expected);
        assert_eq!(u64::try_from(world.sns.taken().len()).unwrap(), expected);
    }
    world.clock.advance(HOUR);
    world.run(StreamStatus::Complete).await;
    let watches = [(); 8].map(|()| world.watch());
    join_all(watches.iter().map(|watch| watch.look())).await;
    assert_eq!(world.sns.taken().len(), 1);
    assert!(world.store.alerts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_claim_of_a_clock_that_is_wrong_holds_nobody_up() {
    let world = failing().await;
    world.clock.advance(2 * HOUR);
    killed(&world, Fate::Lost).await;
    world.clock.set(NOW.parse().unwrap());
    assert_eq!(world.look().await.len(), 1);
}
