//! How a pull changes the copy: guarded by (generation, version), so that older never overwrites
//! newer and applying anything twice changes nothing; and by the fencing number of the lease, so that a
//! run whose stream has passed to another writes nothing any more, whatever it still had in flight.
//!
//! Each call is tried once: see [`ErrorKind::Throttled`] and [`ErrorKind::Unavailable`] for what may be
//! tried again.
//!
//! Never in here: an unconditional write, or a batch write (which takes no conditions).

use std::cmp::Ordering;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use crate::error::{Error, ErrorKind};
use crate::hiding::{HiddenByStreams, HidingRule, Shown};
use crate::item::{Item, instant, number};
use crate::record::{DynamicsRow, Stored, map_of};
use crate::revision::{Decision, Rewrite, tried_once};
use crate::tables::{BUSINESS_KEY, PARTITION_KEY};
use crate::{Lease, Store};

/// Part of every condition of a pull: the record was not written under a later lease. Only within a
/// generation: were the item that counts the leases lost, their numbers would start again, and a record
/// of an older generation may be written over anyway.
pub(crate) const FENCED: &str =
    "(attribute_not_exists(fence) OR fence <= :fence OR generation < :generation)";

/// What a write came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Default)]
pub enum Applied {
    /// The record now holds this version, or says what the write said about it.
    #[default]
    Stored,
    /// The record now holds this version, in which Dynamics made something else of what was written to it.
    StoredOtherwise,
    /// The record was there and is now a tombstone.
    Buried {
        /// The version it had; 0 if none of its generation was ever read.
        was: i64,
    },
    /// It was a tombstone already.
    StillBuried {
        /// The version that it keeps.
        was: i64,
    },
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
    /// newer. What is pending on the record stays on top, and over that what hides it by `rule` or for
    /// another stream, all in the same write. A record marked unverified is healed by the version that
    /// could not be read before, or a newer one.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`] if the record was written under a later lease; [`ErrorKind::Damaged`]
    /// if it cannot be read; else when DynamoDB fails or refuses the item.
    pub async fn put_row(
        &self,
        lease: &Lease,
        row: &DynamicsRow,
        rule: HidingRule<'_>,
        synced_at: Timestamp,
    ) -> Result<Applied, Error> {
        // The plain case of `verdict`. All others need what is stored, or would let the revision start
        // again at a version that it had before.
        let condition = format!(
            "attribute_not_exists(#pk) OR (attribute_not_exists(pending) \
             AND attribute_not_exists(returned) AND attribute_not_exists(written) \
             AND attribute_not_exists(ended) \
             AND attribute_not_exists(hidden_by) AND attribute_not_exists(unverified) AND {FENCED} \
             AND (generation < :generation OR (generation = :generation AND version < :version)))"
        );
        let shown = Shown::of(row.fields.clone(), false, rule, &HiddenByStreams::new());
        let result = self
            .client
            .put_item()
            .table_name(&self.tables.records)
            .set_item(Some(row.item(lease, &shown, synced_at)))
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
                self.replace_dynamics(lease, row, rule, synced_at, &item)
                    .await
            }
            _ => Err(self.write_failure(lease.stream(), &row.id).sdk(error)),
        }
    }

    /// Replaces only the `dynamics` part of a record and computes `fields` anew from all of it.
    async fn replace_dynamics(
        &self,
        lease: &Lease,
        row: &DynamicsRow,
        rule: HidingRule<'_>,
        synced_at: Timestamp,
        item: &Item,
    ) -> Result<Applied, Error> {
        let place = (lease.stream(), row.id.as_str());
        let first = self.stored(place.0, place.1, item)?;
        let applied = self
            .under_revision(place, &first, |stored| {
                self.check_fence(lease, &row.id, row.generation, stored)?;
                Ok(match verdict(stored, row) {
                    Some(applied) => Decision::Leave(applied),
                    None => Decision::Write(replacement(lease, row, rule, synced_at, stored)),
                })
            })
            .await?;
        applied.ok_or_else(|| {
            self.write_failure(place.0, place.1).because(
                ErrorKind::Throttled,
                "somebody else removed the record while it was being written",
            )
        })
    }

    /// Fails if a later lease wrote the record, under this generation or a newer one: see [`FENCED`].
    pub(crate) fn check_fence(
        &self,
        lease: &Lease,
        id: &str,
        generation: u64,
        stored: &Stored,
    ) -> Result<(), Error> {
        if stored.fence > lease.fence() && stored.generation >= generation {
            return Err(self.write_failure(lease.stream(), id).lease_lost());
        }
        Ok(())
    }
}

/// Why the row is not written over what is stored; `None` if it is.
fn verdict(stored: &Stored, row: &DynamicsRow) -> Option<Applied> {
    match (stored.generation, stored.version).cmp(&(row.generation, row.version)) {
        Ordering::Less => None,
        Ordering::Greater => Some(Applied::Stale),
        Ordering::Equal if stored.deleted => (!row.revives).then_some(Applied::Unchanged),
        Ordering::Equal => {
            let heals = stored.unverified.is_some_and(|since| since <= row.version);
            (!heals).then_some(Applied::Unchanged)
        }
    }
}

fn replacement(
    lease: &Lease,
    row: &DynamicsRow,
    rule: HidingRule<'_>,
    synced_at: Timestamp,
    stored: &Stored,
) -> Rewrite {
    // A version between the stored one and the one that could not be read does not say what that says.
    let unverified = stored
        .unverified
        .filter(|since| stored.generation == row.generation && *since > row.version);
    let mut asserted = stored.asserted.clone();
    asserted.confirm((row.generation, row.version), &row.fields);
    let wanted = asserted.over(&row.fields);
    let shown = Shown::of(wanted, unverified.is_some(), rule, &stored.hidden_by);
    let known = &stored.asserted.returned;
    let otherwise = asserted
        .returned
        .keys()
        .any(|name| !known.contains_key(name));
    Rewrite::new(synced_at)
        .comes_to(match otherwise {
            true => Applied::StoredOtherwise,
            false => Applied::Stored,
        })
        .set("dynamics", map_of(&row.fields))
        .set("generation", number(row.generation))
        .set("version", number(row.version))
        .set("fence", number(lease.fence()))
        .put("modified_on", row.modified_on.map(instant))
        .put(
            BUSINESS_KEY,
            row.business_key.clone().map(AttributeValue::S),
        )
        .put("unverified", unverified.map(number))
        .remove("deleted")
        .remove("expires_at")
        .asserted(&asserted)
        .shown(&shown)
}
