//! The history of runs.
//!
//! A run may take several invocations, which share its id and its beginning. Each invocation has an entry
//! of its own in the history, so that none can overwrite what another did.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::{Error, Failure};
use crate::item::{expiry, instant, instant_text, item_key, number, text};
use crate::tables::PARTITION_KEY;

/// How long a run stays in the history.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

const HISTORY: &str = "runs";

/// What identifies a run across its invocations.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RunHeader {
    /// Given by the caller; see the sync function's event.
    pub run_id: String,
    /// When its first invocation began.
    pub started_at: Timestamp,
    /// Which invocation of the run this is, from 1.
    pub invocation: u32,
    /// SHA-256 of the stream file that its first invocation ran with.
    pub streams_hash: String,
}

/// One invocation of a run in the history; `report` is what it answered.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RunRecord<R> {
    /// Which run.
    pub header: RunHeader,
    /// When this invocation ended.
    pub ended_at: Timestamp,
    /// SHA-256 of the stream file that this invocation ran with.
    pub streams_hash: String,
    /// Counts, never values.
    pub report: R,
}

impl Store {
    /// Notes that an invocation of the run begins. The first one's time and stream file stay the run's.
    ///
    /// # Errors
    /// When DynamoDB fails or the header is damaged.
    pub async fn begin_run(
        &self,
        run_id: &str,
        streams_hash: &str,
        now: Timestamp,
    ) -> Result<RunHeader, Error> {
        let (expires_at, expires) = expiry(clock::after(now, KEPT));
        let answer = self
            .client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(item_key(&format!("run#{run_id}"), "header")))
            .update_expression(format!(
                "SET run_id = :run_id, started_at = if_not_exists(started_at, :now), \
                 streams_hash = if_not_exists(streams_hash, :streams_hash), \
                 invocation = if_not_exists(invocation, :zero) + :one, {expires_at} = :expires"
            ))
            .expression_attribute_values(":run_id", text(run_id))
            .expression_attribute_values(":streams_hash", text(streams_hash))
            .expression_attribute_values(":now", instant(now))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":expires", expires)
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
            .send()
            .await
            .map_err(|error| self.run_failure("begin", run_id).sdk(error))?;
        serde_dynamo::from_item(answer.attributes.unwrap_or_default()).map_err(|error| {
            self.run_failure("begin", run_id)
                .damaged("its header", error)
        })
    }

    /// Writes an invocation into the history.
    ///
    /// # Errors
    /// When DynamoDB fails or the report cannot be stored.
    pub async fn put_run<R: Serialize>(&self, run: &RunRecord<R>) -> Result<(), Error> {
        let run_id = &run.header.run_id;
        let mut item: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(run).map_err(|error| {
                self.run_failure("write", run_id)
                    .damaged("its report", error)
            })?;
        let RunHeader {
            started_at,
            invocation,
            ..
        } = run.header;
        let sort = format!("{}#{run_id}#{invocation:04}", instant_text(started_at));
        item.extend(item_key(HISTORY, &sort));
        let (expires_at, expires) = expiry(clock::after(run.header.started_at, KEPT));
        item.insert(expires_at.to_owned(), expires);
        self.client
            .put_item()
            .table_name(&self.tables.state)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| self.run_failure("write", run_id).sdk(error))?;
        Ok(())
    }

    /// The latest invocations of runs, newest first, at most `limit`.
    ///
    /// # Errors
    /// When DynamoDB fails or a stored run cannot be read.
    pub async fn latest_runs<R: DeserializeOwned>(
        &self,
        limit: i32,
    ) -> Result<Vec<RunRecord<R>>, Error> {
        let answer = self
            .client
            .query()
            .table_name(&self.tables.state)
            .key_condition_expression("#pk = :runs")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":runs", text(HISTORY))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(limit)
            .send()
            .await
            .map_err(|error| self.run_failure("read", "history").sdk(error))?;
        serde_dynamo::from_items(answer.items.unwrap_or_default())
            .map_err(|error| self.run_failure("read", "history").damaged("a run", error))
    }

    fn run_failure(&self, action: &str, run_id: &str) -> Failure {
        Failure::new(format!("{action} run `{run_id}` in"), &self.tables.state)
    }
}
