//! What the scheduled check found last.
//!
//! Never in here: what a check looks at.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Store;
use crate::error::{Error, Failure};
use crate::item::{Item, instant, item_key, parsed_text};

/// The last check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CheckRecord<C> {
    /// When the first check of all was: so long somebody has been looking.
    pub first_at: Timestamp,
    /// What the last one found.
    pub check: C,
}

impl Store {
    /// Notes what the check at this time found, in place of the one before.
    ///
    /// # Errors
    /// When DynamoDB fails or the check cannot be stored.
    pub async fn put_check<C: Serialize>(&self, check: &C, at: Timestamp) -> Result<(), Error> {
        let found: AttributeValue = serde_dynamo::to_attribute_value(check)
            .map_err(|error| self.check_failure("write").damaged("it", error))?;
        self.client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(check_key()))
            .update_expression("SET #check = :check, first_at = if_not_exists(first_at, :at)")
            .expression_attribute_names("#check", "check")
            .expression_attribute_values(":check", found)
            .expression_attribute_values(":at", instant(at))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| self.check_failure("write").sdk(error))
    }

    /// What the last check found; `None` if there was none.
    ///
    /// # Errors
    /// When DynamoDB fails or the stored check cannot be read.
    pub async fn check<C: DeserializeOwned>(&self) -> Result<Option<CheckRecord<C>>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.state)
            .set_key(Some(check_key()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.check_failure("read").sdk(error))?;
        let Some(mut item) = answer.item else {
            return Ok(None);
        };
        let incomplete = || self.check_failure("read").damaged("it", "incomplete");
        let found = item.remove("check").ok_or_else(incomplete)?;
        Ok(Some(CheckRecord {
            first_at: parsed_text(&item, "first_at").ok_or_else(incomplete)?,
            check: serde_dynamo::from_attribute_value(found)
                .map_err(|error| self.check_failure("read").damaged("it", error))?,
        }))
    }

    fn check_failure(&self, action: &str) -> Failure {
        Failure::new(
            format!("{action} what the last check found in"),
            &self.tables.state,
        )
    }
}

fn check_key() -> Item {
    item_key("check", "latest")
}
