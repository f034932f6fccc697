//! Who is subscribed to the topics: a message to nobody is none.

use situation::{Subscribers, Topic};

use crate::publish::Audience;
use crate::watch::Watch;

impl Watch {
    /// How many are subscribed to both topics; `None` if there is no topic. Of a topic that cannot be asked
    /// nothing is known, and the log says why.
    pub async fn subscribers(&self) -> Option<Subscribers> {
        self.sns.as_ref()?;
        let [operations, coordinators] = Audience::ALL.map(|audience| self.subscribed(audience));
        let (operations, coordinators) = futures::join!(operations, coordinators);
        Some(Subscribers {
            operations,
            coordinators,
        })
    }

    async fn subscribed(&self, audience: Audience) -> Topic {
        let (Some(sns), Some(topic)) = (&self.sns, audience.topic(&self.settings)) else {
            return Topic::default();
        };
        let answer = sns.get_topic_attributes().topic_arn(topic).send().await;
        let attributes = match answer {
            Ok(answer) => answer.attributes.unwrap_or_default(),
            Err(error) => {
                let reason = aws_sdk_sns::error::DisplayErrorContext(&error);
                tracing::warn!(topic, %reason, "nobody knows who is subscribed");
                return Topic {
                    unanswered: true,
                    ..Topic::default()
                };
            }
        };
        let count = |name: &str| attributes.get(name)?.parse().ok();
        Topic {
            confirmed: count("SubscriptionsConfirmed"),
            pending: count("SubscriptionsPending"),
            unanswered: false,
        }
    }
}
