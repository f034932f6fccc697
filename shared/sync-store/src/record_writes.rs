//! How a pull changes the copy: guarded by (generation, version), so that older never overwrites
//! newer and applying anything twice changes nothing.
//!
//! Never in here: an unconditional write, or a batch write (which takes no conditions).

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use crate::Store;
use crate::error::{Error, ErrorKind, Failure};
use crate::lease::refused_item;
use crate::record::{
    DROPPED_BY_TOMBSTONE, DynamicsRow, Item, Stored, expiry, instant, map_of, number, record_key,
};
use crate::tables::{BUSINESS_KEY, PARTITION_KEY};

/// How long a tombstone stays, so that a late older version cannot revive the row: far longer than
/// any run or retry.
const TOMBSTONE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How often a record with something pending is read again after somebody else changed it.
const TRIES: u32 = 8;

/// What a write came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Applied {
    /// The record now holds this version.
    Stored,
    /// The record is now a tombstone.
    Buried,
    /// The record already said so: the same version was stored, or it was a tombstone.
    Unchanged,
    /// The record holds something newer, which stays.
    Stale,
    /// There is no such record, and a delete needs none.
    NeverSeen,
}

impl Store {
    /// Stores a row that was read from Dynamics, unless the record already holds it or something
    /// newer. What is pending on the record stays on top.
    ///
    /// # Errors
    /// When DynamoDB fails or refuses the item; [`ErrorKind::Damaged`] if the stored record cannot be
    /// read.
    pub async fn put_row(
        &self,
        stream: &str,
        row: &DynamicsRow,
        synced_at: Timestamp,
    ) -> Result<Applied, Error> {
        let result = self
            .client
            .put_item()
            .table_name(&self.tables.records)
            .set_item(Some(row.item(stream, synced_at)))
            .condition_expression(
                "attribute_not_exists(#pk) OR (attribute_not_exists(pending) \
                 AND (generation < :generation \
                      OR (generation = :generation AND version < :version)))",
            )
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":generation", number(row.generation))
            .expression_attribute_values(":version", number(row.version))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match result {
            Ok(_) => return Ok(Applied::Stored),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let item = failed.item.clone().unwrap_or_default();
                self.replace_dynamics(stream, row, synced_at, item).await
            }
            _ => Err(self.write_failure(stream, &row.id).sdk(error)),
        }
    }

    /// Replaces only the `dynamics` part of a record that may have something pending, under its
    /// revision, so that `fields` is never computed from a stale half.
    async fn replace_dynamics(
        &self,
        stream: &str,
        row: &DynamicsRow,
        synced_at: Timestamp,
        mut item: Item,
    ) -> Result<Applied, Error> {
        for _ in 0..TRIES {
            let stored = self.stored(stream, &row.id, &item)?;
            match (stored.generation, stored.version).cmp(&(row.generation, row.version)) {
                std::cmp::Ordering::Equal => return Ok(Applied::Unchanged),
                std::cmp::Ordering::Greater => return Ok(Applied::Stale),
                std::cmp::Ordering::Less => {}
            }
            match self
                .overlay_under_revision(stream, row, synced_at, &stored)
                .await?
            {
                None => return Ok(Applied::Stored),
                Some(newer) => item = newer,
            }
        }
        Err(self.write_failure(stream, &row.id).because(
            ErrorKind::Throttled,
            format!("somebody else changed the record {TRIES} times while it was being written"),
        ))
    }

    /// `None` when written, else the item that somebody else wrote in between.
    async fn overlay_under_revision(
        &self,
        stream: &str,
        row: &DynamicsRow,
        synced_at: Timestamp,
        stored: &Stored,
    ) -> Result<Option<Item>, Error> {
        let mut set = "SET dynamics = :dynamics, #fields = :fields, generation = :generation, \
                       version = :version, revision = :next, synced_at = :synced_at"
            .to_owned();
        let mut remove = " REMOVE deleted, expires_at".to_owned();
        let mut values = HashMap::from([
            (":dynamics", map_of(&row.fields)),
            (":fields", map_of(&stored.overlay(&row.fields))),
            (":generation", number(row.generation)),
            (":version", number(row.version)),
            (":next", number(stored.revision + 1)),
            (":synced_at", instant(synced_at)),
        ]);
        let optional = [
            ("modified_on", ":modified_on", row.modified_on.map(instant)),
            (
                BUSINESS_KEY,
                ":business_key",
                row.business_key.clone().map(AttributeValue::S),
            ),
        ];
        for (name, placeholder, value) in optional {
            if let Some(value) = value {
                set.push_str(&format!(", {name} = {placeholder}"));
                values.insert(placeholder, value);
            } else {
                remove.push_str(&format!(", {name}"));
            }
        }
        let condition = "generation = :old_generation AND version = :old_version \
                         AND revision = :old_revision";
        values.extend([
            (":old_generation", number(stored.generation)),
            (":old_version", number(stored.version)),
            (":old_revision", number(stored.revision)),
        ]);
        self.update(stream, &row.id, set + &remove, condition, values)
            .await
    }

    /// Turns a record into a tombstone because Dynamics reported the row deleted. Such a report names
    /// no version: the tombstone keeps the last known one, so that only a higher version revives it.
    ///
    /// # Errors
    /// As [`Store::put_row`].
    pub async fn bury(
        &self,
        stream: &str,
        id: &str,
        generation: u64,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let condition = "attribute_exists(#pk) AND attribute_not_exists(deleted) \
                         AND generation <= :generation";
        let refused = self
            .bury_if(stream, id, condition, "", generation, None, now)
            .await?;
        let Some(item) = refused else {
            return Ok(Applied::Buried);
        };
        if item.is_empty() {
            return Ok(Applied::NeverSeen);
        }
        let stored = self.stored(stream, id, &item)?;
        Ok(if stored.deleted {
            Applied::Unchanged
        } else {
            Applied::Stale
        })
    }

    /// Turns a record into a tombstone because the row, at this version, no longer meets the stream's
    /// `where`. A row that was never stored needs no tombstone.
    ///
    /// # Errors
    /// As [`Store::put_row`].
    pub async fn bury_version(
        &self,
        stream: &str,
        id: &str,
        (generation, version): (u64, i64),
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let condition = "attribute_exists(#pk) AND (generation < :generation \
                         OR (generation = :generation AND version < :version))";
        let set = ", version = :version";
        let refused = self
            .bury_if(stream, id, condition, set, generation, Some(version), now)
            .await?;
        let Some(item) = refused else {
            return Ok(Applied::Buried);
        };
        if item.is_empty() {
            return Ok(Applied::NeverSeen);
        }
        let stored = self.stored(stream, id, &item)?;
        let same = (stored.generation, stored.version) == (generation, version);
        Ok(if same {
            Applied::Unchanged
        } else {
            Applied::Stale
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the two kinds of burial differ in these only"
    )]
    async fn bury_if(
        &self,
        stream: &str,
        id: &str,
        condition: &str,
        set: &str,
        generation: u64,
        version: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Item>, Error> {
        let (expires_at, expires) = expiry(clock::after(now, TOMBSTONE));
        let mut values = HashMap::from([
            (":true", AttributeValue::Bool(true)),
            (":generation", number(generation)),
            (":synced_at", instant(now)),
            (":expires", expires),
            (":one", number(1)),
        ]);
        values.extend(version.map(|version| (":version", number(version))));
        let expression = format!(
            "SET deleted = :true, generation = :generation, synced_at = :synced_at, \
             revision = revision + :one, {expires_at} = :expires{set} {DROPPED_BY_TOMBSTONE}"
        );
        self.update(stream, id, expression, condition, values).await
    }

    /// A conditional update: `None` when done, else the item that did not meet the condition (empty
    /// if there is none).
    async fn update(
        &self,
        stream: &str,
        id: &str,
        expression: String,
        condition: &str,
        values: HashMap<&'static str, AttributeValue>,
    ) -> Result<Option<Item>, Error> {
        // DynamoDB refuses reserved words, and also names that no expression uses.
        let mut names = HashMap::from([("#fields".to_owned(), "fields".to_owned())]);
        if condition.contains("#pk") {
            names.insert("#pk".to_owned(), PARTITION_KEY.to_owned());
        }
        let values = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let result = self
            .client
            .update_item()
            .table_name(&self.tables.records)
            .set_key(Some(record_key(stream, id)))
            .update_expression(expression)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(_) => Ok(None),
            Err(error) => match refused_item(error.as_service_error()) {
                Some(item) => Ok(Some(item)),
                None => Err(self.write_failure(stream, id).sdk(error)),
            },
        }
    }

    fn stored(&self, stream: &str, id: &str, item: &Item) -> Result<Stored, Error> {
        Stored::read(item).ok_or_else(|| {
            self.write_failure(stream, id)
                .damaged("the stored record", "incomplete")
        })
    }

    fn write_failure(&self, stream: &str, id: &str) -> Failure {
        Failure::new(
            format!("write record {id} of stream `{stream}` to"),
            &self.tables.records,
        )
    }
}
