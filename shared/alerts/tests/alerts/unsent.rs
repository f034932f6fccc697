//! Messages that SNS does not take.

use alerts::Looked;
use situation::What;
use sync_engine::StreamStatus;

use crate::support::{COORDINATORS, HOUR, OPERATIONS, World};
use crate::wire::Fate;

#[tokio::test]
async fn what_sns_refuses_is_shown_on_the_page_and_sent_at_the_next_look() {
    let world = World::start().await;
    world.run(StreamStatus::Failed).await;
    world.sns.becomes(Fate::Refused);
    for _ in 0..2 {
        let looked = world.watch().look().await.unwrap();
        assert_eq!(looked, Looked { sent: 0, unsent: 2 });
        let situation = world.situation().await;
        let concerns = situation.concerns.iter();
        let unsent = concerns.filter(|concern| concern.what == What::AlertsUnsent(2));
        assert_eq!(unsent.count(), 1);
    }
    world.sns.becomes(Fate::Taken);
    assert_eq!(world.look().await.len(), 2);
    assert_eq!(world.situation().await.alerts_unsent, 0);
    assert_eq!(world.look().await, [""; 0]);
}

#[tokio::test]
async fn what_ended_before_anybody_was_told_is_forgotten() {
    let world = World::start().await;
    world.run(StreamStatus::Failed).await;
    world.sns.becomes(Fate::Refused);
    world.watch().look().await.unwrap();
    world.sns.becomes(Fate::Taken);
    world.clock.advance(HOUR);
    world.run(StreamStatus::Complete).await;
    assert_eq!(world.look().await, [""; 0]);
    assert!(world.store.alerts().await.unwrap().is_empty());
}

#[tokio::test]
async fn without_topics_alerts_go_to_the_log_and_count_as_told() {
    let mut world = World::start().await;
    world.settings.operations_topic = None;
    world.settings.coordinators_topic = None;
    world.run(StreamStatus::Failed).await;
    let looked = world.watch().look().await.unwrap();
    assert_eq!(looked, Looked { sent: 2, unsent: 0 });
    assert_eq!(world.watch().look().await.unwrap(), Looked::default());
    assert!(world.sns.taken().is_empty());
}

#[tokio::test]
async fn a_topic_that_does_not_say_who_is_subscribed_is_told_from_no_topic() {
    let mut world = World::start().await;
    world.settings.operations_topic = None;
    world.sns.becomes(Fate::Refused);
    let subscribers = world.watch().subscribers().await.unwrap();
    let topics = [subscribers.operations, subscribers.coordinators];
    assert!(topics.iter().all(|topic| topic.confirmed.is_none()));
    assert_eq!(topics.map(|topic| topic.unanswered), [false, true]);
}

#[tokio::test]
async fn a_test_message_goes_to_both_topics_and_says_which_of_them_does_not_take_it() {
    let world = World::start().await;
    let taken = world.watch().send_test().await;
    assert!(taken.iter().all(|(_, taken)| taken.is_ok()));
    let topics: Vec<_> = world.sns.taken().into_iter().map(|m| m.topic).collect();
    assert_eq!(topics, [COORDINATORS, OPERATIONS]);
    world.sns.becomes(Fate::Refused);
    let [(_, refused), _] = world.watch().send_test().await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        format!(
            "SNS did not take a message for {OPERATIONS}: there is no such topic; check SYNC_OPERATIONS_TOPIC_ARN and SYNC_COORDINATORS_TOPIC_ARN"
        )
    );
}
