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

const GUARDED: &str = "guarded";
/// Beside [`GUARDED`] and not in it, so that one expression replaces the numbers and keeps the time.
const GUARDED_SINCE: &str = "guarded_since";
pub(crate) const RELEASED: &str = "released";

/// Part of an update of the cursor's item: nothing is guarded any more.
pub(crate) const WITHOUT_GUARD: &str = " REMOVE guarded, guarded_since, released";

/// What the guard stopped.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Guarded {
    /// How many records would have become tombstones.
    pub vanishing: u64,
    /// How many records there were.
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
    pub async fn trip_guard(&self, lease: &Lease, guarded: &Guarded) -> Result<(), Error> {
        let result = self
            .as_holder(
                lease,
                "SET guarded = :guarded, guarded_since = if_not_exists(guarded_since, :since)",
            )
            .expression_attribute_values(":guarded", guarded_attribute(guarded))
            .expression_attribute_values(":since", instant(guarded.since))
            .send()
            .await;
        self.done("note what the guard stopped beside", lease, result)
    }

    /// Lets as many records vanish in the next run as the guard stopped, and tells what that is; `None` if
    /// nothing is stopped. Asked again it answers the same.
    ///
    /// # Errors
    /// When DynamoDB fails, what is stored cannot be read, or a newer release wrote it.
    pub async fn release_guard(&self, stream: &str) -> Result<Option<Guarded>, Error> {
        let result = self
            .client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(cursor_key(stream)))
            // As many as were shown, and not whatever else will have vanished by then.
            .update_expression("SET released = guarded.vanishing")
            // A damaged one is not released: nobody could tell what would happen then.
            .condition_expression(
                "attribute_type(guarded.vanishing, :number) AND attribute_type(guarded.#of, :number) \
                 AND (attribute_not_exists(#format) OR #format <= :format)",
            )
            .expression_attribute_names("#of", "of")
            .expression_attribute_names("#format", "format")
            .expression_attribute_values(":number", text("N"))
            .expression_attribute_values(":format", number(FORMAT))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(answer) => self.read_guarded(stream, &answer.attributes.unwrap_or_default()),
            Err(error) => match refused_item(error.as_service_error()) {
                Some(item) => {
                    self.refuse_newer(stream, &item)?;
                    self.read_guarded(stream, &item)
                }
                None => Err(self.guard_failure(stream).sdk(error)),
            },
        }
    }

    /// What the guard stopped, from a stream's item.
    pub(crate) fn read_guarded(&self, stream: &str, item: &Item) -> Result<Option<Guarded>, Error> {
        let Some(guarded) = item.get(GUARDED) else {
            return Ok(None);
        };
        let read = || {
            let guarded = guarded.as_m().ok()?;
            Some(Guarded {
                vanishing: parsed(guarded, "vanishing")?,
                of: parsed(guarded, "of")?,
                run_id: parsed_text(guarded, "run_id")?,
                since: parsed_text(item, GUARDED_SINCE)?,
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
