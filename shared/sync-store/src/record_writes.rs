//! How a pull changes the copy: guarded by (generation, version), so that older never overwrites
//! newer and applying anything twice changes nothing; and by the fencing number of the lease, so that a
//! run whose stream has passed to another writes nothing any more, whatever it still had in flight.
//!
//! Each call is tried once: see [`ErrorKind::Throttled`] and [`ErrorKind::Unavailable`] for what may be
//! tried again.
//!
//! Never in here: an unconditional write, or a batch write (which takes no conditions).

use std::cmp::Ordering;
use std::collections::HashMap;

use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use crate::error::{Error, ErrorKind, Failure};
use crate::item::{Item, instant, number, refused_item};
use crate::record::{DynamicsRow, Stored, map_of, record_key};
use crate::tables::{BUSINESS_KEY, PARTITION_KEY};
use crate::{Lease, Store};

/// How often a record with something pending is read again after somebody else changed it.
const TRIES: u32 = 8;

/// Part of every condition: the record was not written under a later lease.
pub(crate) const FENCED: &str = "(attribute_not_exists(fence) OR fence <= :fence)";

/// What a write came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Applied {
    /// The record now holds this version.
    Stored,
    /// The record was there and is now a tombstone.
    Buried,
    /// There was nothing to bury. A tombstone now keeps an older version, still on its way, from
    /// being stored.
    Barred,
    /// The record already said so: the same version was stored, or it was a tombstone.
    Unchanged,
    /// The record holds something newer, which stays.
    Stale,
}

impl Store {
    /// Stores a row that was read from Dynamics, unless the record already holds it or something
    /// newer. What is pending on the record stays on top.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`] if the record was written under a later lease; [`ErrorKind::Damaged`]
    /// if it cannot be read; else when DynamoDB fails or refuses the item.
    pub async fn put_row(
        &self,
        lease: &Lease,
        row: &DynamicsRow,
        synced_at: Timestamp,
    ) -> Result<Applied, Error> {
        let condition = format!(
            "attribute_not_exists(#pk) OR (attribute_not_exists(pending) AND {FENCED} \
             AND (generation < :generation OR (generation = :generation AND version < :version)))"
        );
        let result = self
            .client
            .put_item()
            .table_name(&self.tables.records)
            .set_item(Some(row.item(lease, synced_at)))
            .condition_expression(condition)
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_values(":generation", number(row.generation))
            .expression_attribute_values(":version", number(row.version))
            .expression_attribute_values(":fence", number(lease.fence()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .customize()
            .config_override(tried_once())
            .send()
            .await;
        let error = match result {
            Ok(_) => return Ok(Applied::Stored),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let item = failed.item.clone().unwrap_or_default();
                self.replace_dynamics(lease, row, synced_at, item).await
            }
            _ => Err(self.write_failure(lease, &row.id).sdk(error)),
        }
    }

    /// Replaces only the `dynamics` part of a record that may have something pending, under its
    /// revision, so that `fields` is never computed from a stale half.
    async fn replace_dynamics(
        &self,
        lease: &Lease,
        row: &DynamicsRow,
        synced_at: Timestamp,
        mut item: Item,
    ) -> Result<Applied, Error> {
        for _ in 0..TRIES {
            let stored = self.stored(lease, &row.id, &item)?;
            match (stored.generation, stored.version).cmp(&(row.generation, row.version)) {
                Ordering::Equal => return Ok(Applied::Unchanged),
                Ordering::Greater => return Ok(Applied::Stale),
                Ordering::Less => {}
            }
            match self
                .overlay_under_revision(lease, row, synced_at, &stored)
                .await?
            {
                None => return Ok(Applied::Stored),
                Some(newer) => item = newer,
            }
        }
        Err(self.write_failure(lease, &row.id).because(
            ErrorKind::Throttled,
            format!("somebody else changed the record {TRIES} times while it was being written"),
        ))
    }

    /// `None` when written, else the item that somebody else wrote in between.
    async fn overlay_under_revision(
        &self,
        lease: &Lease,
        row: &DynamicsRow,
        synced_at: Timestamp,
        stored: &Stored,
    ) -> Result<Option<Item>, Error> {
        let mut set = "SET dynamics = :dynamics, #fields = :fields, generation = :generation, \
                       version = :version, revision = :next, synced_at = :synced_at, fence = :fence"
            .to_owned();
        let mut remove = " REMOVE deleted, expires_at".to_owned();
        let mut values = HashMap::from([
            (":dynamics", map_of(&row.fields)),
            (":fields", map_of(&stored.overlay(&row.fields))),
            (":generation", number(row.generation)),
            (":version", number(row.version)),
            (":next", number(stored.revision + 1)),
            (":synced_at", instant(synced_at)),
            (":old_generation", number(stored.generation)),
            (":old_version", number(stored.version)),
            (":old_revision", number(stored.revision)),
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
        Ok(self
            .update(lease, &row.id, set + &remove, condition, values)
            .await?
            .err())
    }

    /// A conditional update: the item as it was before, or else the one that did not meet the
    /// condition.
    pub(crate) async fn update(
        &self,
        lease: &Lease,
        id: &str,
        expression: String,
        condition: &str,
        values: HashMap<&'static str, AttributeValue>,
    ) -> Result<Result<Item, Item>, Error> {
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
            .set_key(Some(record_key(lease.stream(), id)))
            .update_expression(expression)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .expression_attribute_values(":fence", number(lease.fence()))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .customize()
            .config_override(tried_once())
            .send()
            .await;
        match result {
            Ok(answer) => Ok(Ok(answer.attributes.unwrap_or_default())),
            Err(error) => match refused_item(error.as_service_error()) {
                Some(item) => Ok(Err(item)),
                None => Err(self.write_failure(lease, id).sdk(error)),
            },
        }
    }

    /// The record that made a write fail its condition, unless a later lease wrote it.
    pub(crate) fn stored(&self, lease: &Lease, id: &str, item: &Item) -> Result<Stored, Error> {
        let failure = || self.write_failure(lease, id);
        let stored = Stored::read(item)
            .ok_or_else(|| failure().damaged("the stored record", "incomplete"))?;
        if stored.fence > lease.fence() {
            return Err(failure().lease_lost());
        }
        Ok(stored)
    }

    fn write_failure(&self, lease: &Lease, id: &str) -> Failure {
        let stream = lease.stream();
        Failure::new(
            format!("write record {id} of stream `{stream}` to"),
            &self.tables.records,
        )
    }
}

/// A page's records are written side by side and would empty the SDK's small shared allowance of
/// retries at the first throttle. Whoever writes them tries again, at a pace and until a time of its own.
fn tried_once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}
