//! Whether somebody gets the alerts.

use aws_sdk_sns::error::ProvideErrorMetadata;

use super::Aws;
use crate::report::{Check, Finding, Found, Who};

const TOPIC: &str = "SNS topic";

/// One request for each topic that is given.
pub(super) async fn checks(aws: &Aws) -> Vec<Check> {
    let topics = [
        ("SYNC_OPERATIONS_TOPIC_ARN", &aws.topics.operations_topic),
        (
            "SYNC_COORDINATORS_TOPIC_ARN",
            &aws.topics.coordinators_topic,
        ),
    ];
    let mut checks = Vec::new();
    for (variable, topic) in topics {
        let found = match topic {
            Some(topic) => subscribed(aws, variable, topic).await,
            None => Finding::warn(
                format!("{variable} is not set: those alerts go to the log, where nobody looks."),
                Who::Deployer,
                "Deploy the stack with an address that alerts go to.",
            )
            .into(),
        };
        checks.push(Check::done(TOPIC, Some(variable), found));
    }
    checks
}

async fn subscribed(aws: &Aws, variable: &str, topic: &str) -> Found {
    let told = aws.sns.get_topic_attributes().topic_arn(topic).send().await;
    let attributes = match told {
        Ok(told) => told.attributes.unwrap_or_default(),
        Err(error) => {
            return match error.code() {
                Some("NotFound" | "NotFoundException") => Finding::fail(
                    format!("There is no topic {topic}."),
                    Who::Deployer,
                    format!("Deploy the stack, or correct {variable}."),
                ),
                code => Finding::fail(
                    format!(
                        "SNS did not say who is subscribed to {topic} ({}).",
                        code.unwrap_or("no answer")
                    ),
                    Who::Deployer,
                    super::access("sns:GetTopicAttributes"),
                ),
            }
            .into();
        }
    };
    let count = |name: &str| -> u64 {
        let count = attributes.get(name).and_then(|text| text.parse().ok());
        count.unwrap_or_default()
    };
    let (confirmed, pending) = (
        count("SubscriptionsConfirmed"),
        count("SubscriptionsPending"),
    );
    let waits = "Whoever is meant to get the alerts opens the message \"AWS Notification - Subscription \
                 Confirmation\" and selects \"Confirm subscription\".";
    match (confirmed, pending) {
        (0, 0) => Finding::fail(
            format!("Nobody is subscribed to {topic}: its alerts reach nobody."),
            Who::Deployer,
            "Deploy the stack with an address that alerts go to.",
        )
        .into(),
        (0, _) => Finding::fail(
            format!("Nobody has confirmed to get what is sent to {topic}: its alerts reach nobody."),
            Who::Deployer,
            waits,
        )
        .into(),
        (_, 0) => Found::default().note(format!("confirmed: {confirmed}")),
        (_, _) => Finding::warn(
            format!("Not all have confirmed to get what is sent to {topic}: {confirmed} have, {pending} have not."),
            Who::Deployer,
            waits,
        )
        .into(),
    }
}
