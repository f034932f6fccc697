//! The mass-change guard's memory: what a run did not let vanish, and whether somebody has looked and let
//! it go.
//!
//! Both live in the item of the cursor. The guard is set by the lease's holder; the release comes from a
//! person, at any time, and needs no lease: every write of a run names its own attributes only, so none
//! can undo a release by accident.
//!
//! Never in here: the decision that too much is vanishing.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cursor::{FORMAT, cursor_key};
use crate::error::{Error, Failure};
use crate::item::{Item, instant, number, parsed, parsed_text, refused_item, text};
use crate::{Lease, Store};

/// Part of an update of the cursor's item: nothing is kept from vanishing any more.
pub(crate) const WITHOUT_GUARD: &str = " REMOVE guarded, guarded_since, released";
/// To be added to it: nor from being written to Dynamics because it expired.
pub(crate) const WITHOUT_EXPIRY_GUARD: &str =
    "expiry_guarded, expiry_guarded_since, expiry_released";

/// What is guarded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Guard {
    /// Records that vanish from the copy.
    Vanishing,
    /// Rows of Dynamics that are written because they have expired.
    Expiry,
}

/// Where a stream stands with [`Guard::Expiry`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ExpiryGuard {
    /// Something is stopped.
    pub guarded: bool,
    /// So much of it was released.
    pub released: Option<u64>,
}

/// The attributes of the cursor's item.
pub(crate) struct Attributes {
    pub(crate) guarded: &'static str,
    /// Beside it and not in it, so that one expression replaces the numbers and keeps the time.
    pub(crate) since: &'static str,
    pub(crate) released: &'static str,
}

impl Guard {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Vanishing, Self::Expiry];

    pub(crate) fn attributes(self) -> Attributes {
        match self {
            Self::Vanishing => Attributes {
                guarded: "guarded",
                since: "guarded_since",
                released: "released",
            },
            Self::Expiry => Attributes {
                guarded: "expiry_guarded",
                since: "expiry_guarded_since",
                released: "expiry_released",
            },
        }
    }
}

/// What the guard stopped.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Guarded {
    /// How many records would have become tombstones, or rows have been written.
    pub vanishing: u64,
    /// Out of how many.
    pub of: u64,
    /// The run that was stopped last.
    pub run_id: String,
    /// When the first one was stopped.
    pub since: Timestamp,
}

impl Store {
    /// Notes what the guard stopped. The latest numbers count, because they are what a release would let
    /// happen; the first time stays. The cursor does not move, and a release stays one.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if another run has taken over.
    pub async fn trip_guard(
        &self,
        lease: &Lease,
        guard: Guard,
        guarded: &Guarded,
    ) -> Result<(), Error> {
        let Attributes {
            guarded: attribute,
            since,
            ..
        } = guard.attributes();
        let update =
            format!("SET {attribute} = :guarded, {since} = if_not_exists({since}, :since)");
        let result = self
            .as_holder(lease, &update)
            .expression_attribute_values(":guarded", guarded_attribute(guarded))
            .expression_attribute_values(":since", instant(guarded.since))
            .send()
            .await;
        self.done("note what the guard stopped beside", lease, result)
    }

    /// Notes that nothing is stopped any more.
    ///
    /// # Errors
    /// As [`Store::trip_guard`].
    pub async fn lift_guard(&self, lease: &Lease, guard: Guard) -> Result<(), Error> {
        let Attributes {
            guarded,
            since,
            released,
        } = guard.attributes();
        let update = format!("REMOVE {guarded}, {since}, {released}");
        let result = self.as_holder(lease, &update).send().await;
        self.done("lift the guard beside", lease, result)
    }

    /// Lets as much happen in the next run as the guard stopped, and tells what that is; `None` if
    /// nothing is stopped. Asked again it answers the same.
    ///
    /// # Errors
    /// When DynamoDB fails, what is stored cannot be read, or a newer release wrote it.
    pub async fn release_guard(
        &self,
        stream: &str,
        guard: Guard,
    ) -> Result<Option<Guarded>, Error> {
        let Attributes {
            guarded, released, ..
        } = guard.attributes();
        let result = self
            .client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(cursor_key(stream)))
            // As many as were shown, and not whatever else will have vanished by then.
            .update_expression(format!("SET {released} = {guarded}.vanishing"))
            // A damaged one is not released: nobody could tell what would happen then.
            .condition_expression(format!(
                "attribute_type({guarded}.vanishing, :number) \
                 AND attribute_type({guarded}.#of, :number) \
                 AND (attribute_not_exists(#format) OR #format <= :format)"
            ))
            .expression_attribute_names("#of", "of")
            .expression_attribute_names("#format", "format")
            .expression_attribute_values(":number", text("N"))
            .expression_attribute_values(":format", number(FORMAT))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(answer) => self.read_guarded(stream, guard, &answer.attributes.unwrap_or_default()),
            Err(error) => match refused_item(error.as_service_error()) {
                Some(item) => {
                    self.refuse_newer(stream, &item)?;
                    self.read_guarded(stream, guard, &item)
                }
                None => Err(self.guard_failure(stream).sdk(error)),
            },
        }
    }

    /// What the guard stopped, from a stream's item.
    pub(crate) fn read_guarded(
        &self,
        stream: &str,
        guard: Guard,
        item: &Item,
    ) -> Result<Option<Guarded>, Error> {
        let Attributes { guarded, since, .. } = guard.attributes();
        let Some(guarded) = item.get(guarded) else {
            return Ok(None);
        };
        let read = || {
            let guarded = guarded.as_m().ok()?;
            Some(Guarded {
                vanishing: parsed(guarded, "vanishing")?,
                of: parsed(guarded, "of")?,
                run_id: parsed_text(guarded, "run_id")?,
                since: parsed_text(item, since)?,
            })
        };
        read().map(Some).ok_or_else(|| {
            self.guard_failure(stream)
                .damaged("what the guard stopped", "incomplete")
        })
    }

    fn guard_failure(&self, stream: &str) -> Failure {
        Failure::new(
            format!("read or release the guard of stream `{stream}` in"),
            &self.tables.state,
        )
    }
}

fn guarded_attribute(guarded: &Guarded) -> AttributeValue {
    AttributeValue::M(HashMap::from([
        ("vanishing".to_owned(), number(guarded.vanishing)),
        ("of".to_owned(), number(guarded.of)),
        ("run_id".to_owned(), text(&guarded.run_id)),
    ]))
}
