//! What people have been told: one item for each condition that lasts, so that it is told once although
//! functions are started twice, at once, or are killed in between.
//!
//! A message is claimed, sent, and then noted as sent. Who finds a claim leaves the message alone; a claim
//! that was left behind passes after five minutes, and the message is sent, maybe for a second time:
//! better twice than never.
//!
//! Never in here: what is told, to whom, and when.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use jiff::Timestamp;

use crate::Store;
use crate::error::{Error, Failure};
use crate::item::{Item, instant, item_key, number, parsed, parsed_text, refused_item, text};
use crate::lease::{absurd, milliseconds};
use crate::tables::{PARTITION_KEY, SORT_KEY};

/// Longer than it takes to send a message, with all tries.
const CLAIM: Duration = Duration::from_secs(5 * 60);

const ALERTS: &str = "alerts";

/// What a message is about.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AlertKey {
    /// What kind of condition; no `#`.
    pub kind: String,
    /// Of what it is one: a stream's name, or empty.
    pub subject: String,
}

/// A condition that lasts, or whose end has not been told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AlertState {
    /// What it is.
    pub key: AlertKey,
    /// When it was first noticed.
    pub began: Timestamp,
    /// How many messages have been sent about it as it is now.
    pub told: u32,
    /// When the last of them was sent.
    pub told_at: Option<Timestamp>,
    /// How far it had gone then, for conditions that go in stages.
    pub stage: i64,
    /// How often in a row its next message could not be sent.
    pub failed: u32,
    /// Somebody is sending a message about it, or was killed while doing so.
    pub is_claimed: bool,
    revision: u64,
}

/// The right to send the next message about a condition.
#[derive(Debug)]
pub struct AlertClaim {
    key: AlertKey,
    revision: u64,
}

impl Store {
    /// Every condition that lasts, or whose end has not been told.
    ///
    /// # Errors
    /// When DynamoDB fails or an item is damaged.
    pub async fn alerts(&self) -> Result<Vec<AlertState>, Error> {
        let mut items = self
            .client
            .query()
            .table_name(&self.tables.state)
            .key_condition_expression("#pk = :alerts")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":alerts", text(ALERTS))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut states = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| self.alert_failure("read").sdk(error))?;
            let state = AlertState::read(&item);
            states.push(state.ok_or_else(|| {
                self.alert_failure("read")
                    .damaged("one of them", "incomplete")
            })?);
        }
        Ok(states)
    }

    /// Notes that a condition is there, about which nothing is sent yet. One that is known stays as it is.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn notice_alert(&self, key: &AlertKey, now: Timestamp) -> Result<(), Error> {
        let result = self
            .client
            .put_item()
            .table_name(&self.tables.state)
            .set_item(Some(key.item_key()))
            .item("began", instant(now))
            .item("revision", number(1))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .send()
            .await;
        let Err(error) = result else { return Ok(()) };
        let known = error
            .as_service_error()
            .is_some_and(PutItemError::is_conditional_check_failed_exception);
        match known {
            true => Ok(()),
            false => Err(self.alert_failure("note").sdk(error)),
        }
    }

    /// Claims the next message about a condition, as it was `seen`; `None`: somebody else sends it, or the
    /// condition has changed.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn claim_alert(
        &self,
        key: &AlertKey,
        seen: Option<&AlertState>,
        now: Timestamp,
    ) -> Result<Option<AlertClaim>, Error> {
        let revision = seen.map_or(0, |seen| seen.revision);
        let claimed = revision + 1;
        let request = self
            .update_alert(
                key,
                "SET began = if_not_exists(began, :now_text), revision = :claimed, \
                 claimed_until = :until",
            )
            .expression_attribute_values(":now_text", instant(now))
            .expression_attribute_values(":claimed", number(claimed))
            .expression_attribute_values(":until", milliseconds(clock::after(now, CLAIM)));
        let request = match seen {
            None => request
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", PARTITION_KEY),
            Some(_) => request
                .condition_expression(
                    "revision = :seen AND (attribute_not_exists(claimed_until) \
                     OR claimed_until <= :now OR claimed_until > :absurd)",
                )
                .expression_attribute_values(":seen", number(revision))
                .expression_attribute_values(":now", milliseconds(now))
                .expression_attribute_values(":absurd", absurd(now)),
        };
        let claimed = AlertClaim {
            key: key.clone(),
            revision: claimed,
        };
        let done = self.unless_refused("claim", request.send().await)?;
        Ok(done.then_some(claimed))
    }

    /// Notes that the claimed message was sent, its number, and how far the condition had gone.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn alert_told(
        &self,
        claim: AlertClaim,
        told: u32,
        stage: i64,
        now: Timestamp,
    ) -> Result<(), Error> {
        let result = self
            .as_claimant(
                &claim,
                "SET told = :told, told_at = :now, stage = :stage \
                 REMOVE claimed_until, failed ADD revision :one",
            )
            .expression_attribute_values(":told", number(told))
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":stage", number(stage))
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        self.unless_refused("note", result).map(|_| ())
    }

    /// Notes that the claimed message could not be sent.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn alert_unsent(&self, claim: AlertClaim) -> Result<(), Error> {
        let result = self
            .as_claimant(
                &claim,
                "REMOVE claimed_until ADD failed :one, revision :one",
            )
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        self.unless_refused("note", result).map(|_| ())
    }

    /// Forgets a condition whose end has been told under this claim.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn alert_ended(&self, claim: AlertClaim) -> Result<(), Error> {
        self.remove_alert(&claim.key, claim.revision).await
    }

    /// Forgets a condition of whose end nobody needs to hear, unless it has changed since it was `seen`.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn forget_alert(&self, seen: &AlertState) -> Result<(), Error> {
        self.remove_alert(&seen.key, seen.revision).await
    }

    async fn remove_alert(&self, key: &AlertKey, revision: u64) -> Result<(), Error> {
        let result = self
            .client
            .delete_item()
            .table_name(&self.tables.state)
            .set_key(Some(key.item_key()))
            .condition_expression("revision = :revision")
            .expression_attribute_values(":revision", number(revision))
            .send()
            .await;
        let Err(error) = result else { return Ok(()) };
        let changed = error
            .as_service_error()
            .is_some_and(DeleteItemError::is_conditional_check_failed_exception);
        match changed {
            true => Ok(()),
            false => Err(self.alert_failure("forget").sdk(error)),
        }
    }

    fn as_claimant(&self, claim: &AlertClaim, expression: &str) -> UpdateItemFluentBuilder {
        self.update_alert(&claim.key, expression)
            .condition_expression("revision = :claimed")
            .expression_attribute_values(":claimed", number(claim.revision))
    }

    fn update_alert(&self, key: &AlertKey, expression: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(key.item_key()))
            .update_expression(expression)
    }

    /// Whether it was written; not if its condition did not hold.
    fn unless_refused(
        &self,
        action: &str,
        result: Result<UpdateItemOutput, SdkError<UpdateItemError>>,
    ) -> Result<bool, Error> {
        match result {
            Ok(_) => Ok(true),
            Err(error) if refused_item(error.as_service_error()).is_some() => Ok(false),
            Err(error) => Err(self.alert_failure(action).sdk(error)),
        }
    }

    fn alert_failure(&self, action: &str) -> Failure {
        Failure::new(
            format!("{action} what people were told in"),
            &self.tables.state,
        )
    }
}

impl AlertKey {
    fn item_key(&self) -> Item {
        item_key(ALERTS, &format!("{}#{}", self.kind, self.subject))
    }
}

impl AlertState {
    fn read(item: &Item) -> Option<Self> {
        let sort: String = parsed_text(item, SORT_KEY)?;
        let (kind, subject) = sort.split_once('#')?;
        Some(Self {
            key: AlertKey {
                kind: kind.to_owned(),
                subject: subject.to_owned(),
            },
            began: parsed_text(item, "began")?,
            told: parsed(item, "told").unwrap_or(0),
            told_at: parsed_text(item, "told_at"),
            stage: parsed(item, "stage").unwrap_or(0),
            failed: parsed(item, "failed").unwrap_or(0),
            is_claimed: item.contains_key("claimed_until"),
            revision: parsed(item, "revision")?,
        })
    }
}
