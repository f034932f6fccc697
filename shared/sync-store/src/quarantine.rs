//! Rows that could not be read, to be read again one by one.
//!
//! Never in here: a value of the row. What is kept is its id, its version and why it could not be read.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::Select;
use jiff::Timestamp;
use serde::Deserialize;

use crate::Store;
use crate::error::{Error, Failure};
use crate::item::{expiry, instant, item_key, number, text};
use crate::tables::{PARTITION_KEY, SORT_KEY};

/// How long a row stays that nothing brings up any more.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How many rows are looked at to find those that were tried the least.
const LOOKED_AT: usize = 10_000;

/// A row that could not be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unread {
    /// The Dataverse GUID in lower case with hyphens.
    pub id: String,
    /// The stream's generation under which it was read.
    pub generation: u64,
    /// The row's `versionnumber`, if at least that could be read.
    pub version: Option<i64>,
    /// Why, without any value.
    pub reason: String,
}

/// A row in quarantine.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Quarantined {
    /// The Dataverse GUID in lower case with hyphens.
    #[serde(rename = "sk")]
    pub id: String,
    /// The stream's generation under which it was last found unreadable.
    pub generation: u64,
    /// The version that could not be read, where it was known.
    pub version: Option<i64>,
    /// Why it could not be read the last time, without any value.
    pub reason: String,
    /// When it was first found unreadable.
    pub since: Timestamp,
    /// How often it was read again in vain.
    pub tries: u32,
    /// The run that did so last.
    pub tried_by: Option<String>,
}

pub(crate) fn partition(stream: &str) -> String {
    format!("quarantine#{stream}")
}

impl Store {
    /// Puts a row into quarantine. One that is there already stays there since when it was and with as
    /// many tries.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn put_quarantined(
        &self,
        stream: &str,
        row: &Unread,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (set_version, remove_version) = match row.version {
            Some(_) => (", version = :version", ""),
            None => ("", " REMOVE version"),
        };
        let (expires_at, expires) = expiry(clock::after(now, KEPT));
        let mut update = self
            .update_quarantined(stream, &row.id)
            .update_expression(format!(
                "SET generation = :generation, reason = :reason, {expires_at} = :expires, \
                 since = if_not_exists(since, :now), tries = if_not_exists(tries, :zero)\
                 {set_version}{remove_version}"
            ))
            .expression_attribute_values(":generation", number(row.generation))
            .expression_attribute_values(":reason", text(&row.reason))
            .expression_attribute_values(":expires", expires)
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":zero", number(0));
        if let Some(version) = row.version {
            update = update.expression_attribute_values(":version", number(version));
        }
        update
            .send()
            .await
            .map_err(|error| self.quarantine_failure("write", stream).sdk(error))?;
        Ok(())
    }

    /// Notes that a run read the row again in vain. Does nothing if the row has left quarantine.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn note_try(
        &self,
        stream: &str,
        id: &str,
        run_id: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (expires_at, expires) = expiry(clock::after(now, KEPT));
        let result = self
            .update_quarantined(stream, id)
            .update_expression(format!(
                "SET tries = tries + :one, tried_by = :run_id, reason = :reason, \
                 {expires_at} = :expires"
            ))
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":run_id", text(run_id))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":expires", expires)
            .send()
            .await;
        match result {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Err(self.quarantine_failure("write", stream).sdk(error))
            }
            _ => Ok(()),
        }
    }

    /// Takes a row out of quarantine, if it is there.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn leave_quarantine(&self, stream: &str, id: &str) -> Result<(), Error> {
        self.client
            .delete_item()
            .table_name(&self.tables.state)
            .set_key(Some(item_key(&partition(stream), id)))
            .send()
            .await
            .map_err(|error| self.quarantine_failure("write", stream).sdk(error))?;
        Ok(())
    }

    /// At most `limit` rows in quarantine: those tried the least first, then by id, so that with every
    /// run's tries noted each row has its turn. Of more than 10,000 rows only the first by id are looked
    /// at.
    ///
    /// # Errors
    /// When DynamoDB fails or a stored row is damaged.
    pub async fn quarantined(&self, stream: &str, limit: usize) -> Result<Vec<Quarantined>, Error> {
        let mut items = self.of_quarantine(stream).into_paginator().items().send();
        let mut rows: Vec<Quarantined> = Vec::new();
        while rows.len() < LOOKED_AT
            && let Some(item) = items.next().await
        {
            let item = item.map_err(|error| self.quarantine_failure("read", stream).sdk(error))?;
            rows.push(serde_dynamo::from_item(item).map_err(|error| {
                self.quarantine_failure("read", stream)
                    .damaged("a quarantined row", error)
            })?);
        }
        rows.sort_by(|a, b| (a.tries, &a.id).cmp(&(b.tries, &b.id)));
        rows.truncate(limit);
        Ok(rows)
    }

    /// The ids of all rows in quarantine.
    ///
    /// # Errors
    /// When DynamoDB fails or a stored row is damaged.
    pub async fn quarantined_ids(&self, stream: &str) -> Result<HashSet<String>, Error> {
        let mut items = self
            .of_quarantine(stream)
            .projection_expression("#sk")
            .expression_attribute_names("#sk", SORT_KEY)
            .into_paginator()
            .items()
            .send();
        let mut ids = HashSet::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| self.quarantine_failure("read", stream).sdk(error))?;
            ids.extend(item.get(SORT_KEY).and_then(|id| id.as_s().ok()).cloned());
        }
        Ok(ids)
    }

    /// How many rows are in quarantine.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn count_quarantined(&self, stream: &str) -> Result<u64, Error> {
        let mut pages = self
            .of_quarantine(stream)
            .select(Select::Count)
            .into_paginator()
            .send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.quarantine_failure("count", stream).sdk(error))?;
            count += u64::try_from(page.count).unwrap_or(0);
        }
        Ok(count)
    }

    /// A query of the stream's quarantine, to be narrowed.
    fn of_quarantine(&self, stream: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.state)
            .key_condition_expression("#pk = :quarantine")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":quarantine", text(&partition(stream)))
            .consistent_read(true)
    }

    fn update_quarantined(&self, stream: &str, id: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(item_key(&partition(stream), id)))
    }

    fn quarantine_failure(&self, action: &str, stream: &str) -> Failure {
        Failure::new(
            format!("{action} the quarantine of stream `{stream}` in"),
            &self.tables.state,
        )
    }
}
