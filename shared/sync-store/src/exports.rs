//! What was exported: by whom, of what and how much. Never what was in it.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::{Error, Failure};
use crate::item::{expiry, instant_text, item_key, text};
use crate::tables::PARTITION_KEY;

/// How long an export stays recorded.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

const EXPORTS: &str = "exports";

/// One export, as it is recorded: when it begins, and again when it ends.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ExportRecord {
    /// Makes two exports of one moment two.
    pub id: String,
    /// The name of the key that asked for it; `terminal` for the command line.
    pub key: String,
    /// The stream.
    pub stream: String,
    /// Where its rows come from.
    pub source: ExportSource,
    /// Dynamics was asked for, and the copy handed out in its place.
    pub fallback: bool,
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` while it goes on, or if the process died.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub outcome: ExportOutcome,
    /// Rows handed out.
    pub rows: u64,
    /// Bytes of the file as it is on the recipient's disk.
    pub bytes: u64,
    /// SHA-256 of these bytes in lower-case hex, once there is a whole file.
    pub sha256: Option<String>,
}

/// Where the rows of an export come from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportSource {
    /// Read live from Dynamics.
    Dynamics,
    /// The copy, as the last run left it.
    Copy,
    /// The changes that wait, are held or were refused.
    Changes,
}

/// How an export ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportOutcome {
    /// It has not.
    Underway,
    /// Every row was handed out.
    Complete,
    /// It broke off, and the file says so.
    Incomplete,
}

impl ExportSource {
    /// As it stands in answers and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dynamics => "dynamics",
            Self::Copy => "copy",
            Self::Changes => "changes",
        }
    }
}

impl Store {
    /// Records an export as it stands now, over what was recorded of it before.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn put_export(&self, export: &ExportRecord) -> Result<(), Error> {
        let mut item: HashMap<String, AttributeValue> = serde_dynamo::to_item(export)
            .map_err(|error| self.export_failure("record").damaged("an export", error))?;
        let sort = format!("{}#{}", instant_text(export.began), export.id);
        item.extend(item_key(EXPORTS, &sort));
        let (expires_at, expires) = expiry(clock::after(export.began, KEPT));
        item.insert(expires_at.to_owned(), expires);
        self.client
            .put_item()
            .table_name(&self.tables.state)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| self.export_failure("record").sdk(error))?;
        Ok(())
    }

    /// The latest exports, newest first, at most `limit`.
    ///
    /// # Errors
    /// When DynamoDB fails or a recorded export cannot be read.
    pub async fn latest_exports(&self, limit: i32) -> Result<Vec<ExportRecord>, Error> {
        let answer = self
            .client
            .query()
            .table_name(&self.tables.state)
            .key_condition_expression("#pk = :exports")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":exports", text(EXPORTS))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(limit)
            .send()
            .await
            .map_err(|error| self.export_failure("read").sdk(error))?;
        serde_dynamo::from_items(answer.items.unwrap_or_default())
            .map_err(|error| self.export_failure("read").damaged("an export", error))
    }

    fn export_failure(&self, action: &str) -> Failure {
        Failure::new(format!("{action} exports in"), &self.tables.state)
    }
}
