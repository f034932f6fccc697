//! One writer per stream: a lease with an expiry, and a fencing number that rises with each holder.
//!
//! The lease lives in the cursor's own item, so that a cursor can only be written by whoever holds
//! the lease: each checkpoint names its fencing number and renews the lease in the same write. A run
//! that wakes up after its lease passed to another finds its number outdated and changes nothing.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use crate::cursor::{FORMAT, cursor_attribute, cursor_key};
use crate::error::{Error, Failure};
use crate::guard::{ExpiryGuard, Guard, WITHOUT_GUARD};
use crate::item::{Item, number, parsed, refused_item, text};
use crate::{Cursor, Store};

/// How long a lease lasts without being renewed. Long enough for the slowest page, short enough that
/// a run which died does not block the stream for long.
const LEASE: Duration = Duration::from_secs(90);

/// By how much two machines' clocks may differ. A lease that ends later than that allows was taken by a
/// clock that is wrong, and must not block the stream until that time comes.
const CLOCKS_DIFFER: Duration = Duration::from_secs(10 * 60);

/// Part of a condition: nobody holds the stream at `:now`; see [`absurd`].
pub(crate) const FREE: &str =
    "(attribute_not_exists(lease_owner) OR lease_expires <= :now OR lease_expires > :absurd)";

/// The right to write one stream's cursor and records.
#[derive(Clone, Debug)]
pub struct Lease {
    stream: String,
    owner: String,
    fence: u64,
}

/// What came of asking for a lease.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one exists a stream and run, and is taken apart at once"
)]
pub enum Acquired {
    /// The lease is ours.
    Granted {
        /// The right to write.
        lease: Lease,
        /// How far the stream has been read; `None`: never.
        cursor: Option<Cursor>,
        /// Somebody has seen what the guard stopped and let it happen; see [`Store::release_guard`].
        released: Option<u64>,
        /// The same of what was to be written because it expired.
        expiry: ExpiryGuard,
    },
    /// Another run holds it.
    Held {
        /// The other run.
        owner: String,
        /// When its lease ends unless renewed.
        until: Timestamp,
    },
}

impl Lease {
    /// Rises by one with each holder.
    pub fn fence(&self) -> u64 {
        self.fence
    }

    /// What it is the right to write.
    pub fn stream(&self) -> &str {
        &self.stream
    }
}

impl Store {
    /// Takes the lease of `stream` for the run `owner`, unless another run holds it. The same run may
    /// take its own lease again (a retried invocation): the earlier holder is fenced off.
    ///
    /// # Errors
    /// When DynamoDB fails, or the cursor cannot be read or is of a newer release; the lease is then
    /// not taken, given back, or passes by itself.
    pub async fn acquire(
        &self,
        stream: &str,
        owner: &str,
        now: Timestamp,
    ) -> Result<Acquired, Error> {
        let result = self
            .client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(cursor_key(stream)))
            .update_expression(
                "SET lease_owner = :owner, lease_expires = :expires, \
                 fence = if_not_exists(fence, :start) + :one",
            )
            .condition_expression(format!(
                "({FREE} OR lease_owner = :owner) \
                 AND (attribute_not_exists(#format) OR #format <= :format)"
            ))
            .expression_attribute_names("#format", "format")
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":expires", milliseconds(clock::after(now, LEASE)))
            .expression_attribute_values(":now", milliseconds(now))
            .expression_attribute_values(":absurd", absurd(now))
            // Higher than every number given before, should the item ever be lost: a stream is not taken
            // once a second for long.
            .expression_attribute_values(":start", number(now.as_second().max(0)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":format", number(FORMAT))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(answer) => {
                let item = answer.attributes.unwrap_or_default();
                self.granted(stream, owner, &item).await
            }
            Err(error) => match refused_item(error.as_service_error()) {
                Some(item) => {
                    // A newer release's cursor is refused by the same condition; reading it says so.
                    self.read_cursor(stream, &item)?;
                    let (owner, until) = self.holder(stream, &item)?;
                    Ok(Acquired::Held { owner, until })
                }
                None => Err(self.lease_failure("take", stream).sdk(error)),
            },
        }
    }

    /// Renews the lease without moving the cursor.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if another run has taken over.
    pub async fn renew(&self, lease: &Lease, now: Timestamp) -> Result<(), Error> {
        let expires = milliseconds(clock::after(now, LEASE));
        let request = self.as_holder(lease, "SET lease_expires = :expires");
        let result = request
            .expression_attribute_values(":expires", expires)
            .send()
            .await;
        self.done("renew", lease, result)
    }

    /// Saves how far the stream has been read and renews the lease, in one write.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if another run has taken over; the cursor is then unchanged.
    pub async fn checkpoint(
        &self,
        lease: &Lease,
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.save(lease, cursor, "", now).await
    }

    /// The same at the end of everything that a run had to do with the stream. What the guard stopped has
    /// happened by then or is void, and its release with it: both go in the same write, or the release
    /// would let the next mass change through as well.
    ///
    /// # Errors
    /// As [`Store::checkpoint`].
    pub async fn checkpoint_at_rest(
        &self,
        lease: &Lease,
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.save(lease, cursor, WITHOUT_GUARD, now).await
    }

    async fn save(
        &self,
        lease: &Lease,
        cursor: &Cursor,
        removal: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let attribute = cursor_attribute(cursor).map_err(|error| {
            self.lease_failure("write", &lease.stream)
                .damaged("the new cursor", error)
        })?;
        let expires = milliseconds(clock::after(now, LEASE));
        let set = "SET #cursor = :cursor, #format = :format, lease_expires = :expires";
        let expression = format!("{set}{removal}");
        let result = self
            .as_holder(lease, &expression)
            .expression_attribute_names("#cursor", "cursor")
            .expression_attribute_names("#format", "format")
            .expression_attribute_values(":cursor", attribute)
            .expression_attribute_values(":format", number(FORMAT))
            .expression_attribute_values(":expires", expires)
            .send()
            .await;
        self.done("write", lease, result)
    }

    /// Gives the lease back at the end of a run.
    ///
    /// # Errors
    /// [`LeaseLost`](crate::ErrorKind::LeaseLost) if another run has taken over.
    pub async fn release(&self, lease: Lease) -> Result<(), Error> {
        let request = self.as_holder(&lease, "REMOVE lease_owner, lease_expires");
        let result = request.send().await;
        self.done("release", &lease, result)
    }

    /// A write of the stream's item that only the lease's holder can make.
    pub(crate) fn as_holder(&self, lease: &Lease, expression: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(cursor_key(&lease.stream)))
            .update_expression(expression)
            .condition_expression("fence = :fence AND lease_owner = :owner")
            .expression_attribute_values(":fence", number(lease.fence))
            .expression_attribute_values(":owner", text(&lease.owner))
    }

    pub(crate) fn done(
        &self,
        action: &str,
        lease: &Lease,
        result: Result<UpdateItemOutput, SdkError<UpdateItemError>>,
    ) -> Result<(), Error> {
        let Err(error) = result else { return Ok(()) };
        let failure = self.lease_failure(action, &lease.stream);
        Err(match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => failure.lease_lost(),
            _ => failure.sdk(error),
        })
    }

    async fn granted(&self, stream: &str, owner: &str, item: &Item) -> Result<Acquired, Error> {
        let fence = parsed(item, "fence");
        let fence = fence.ok_or_else(|| {
            self.lease_failure("take", stream)
                .damaged("the fencing number", "not a number")
        })?;
        let lease = Lease {
            stream: stream.to_owned(),
            owner: owner.to_owned(),
            fence,
        };
        match self.read_cursor(stream, item) {
            Ok(cursor) => Ok(Acquired::Granted {
                lease,
                cursor,
                released: parsed(item, Guard::Vanishing.attributes().released),
                expiry: ExpiryGuard {
                    guarded: item.contains_key(Guard::Expiry.attributes().guarded),
                    released: parsed(item, Guard::Expiry.attributes().released),
                },
            }),
            Err(error) => {
                // Nobody can go on from it, and whoever mends it should not have to wait.
                self.release(lease).await.ok();
                Err(error)
            }
        }
    }

    /// Who made a condition fail by holding the stream, and until when.
    pub(crate) fn holder(&self, stream: &str, item: &Item) -> Result<(String, Timestamp), Error> {
        stored_lease(item).ok_or_else(|| {
            self.lease_failure("take", stream)
                .damaged("the lease", "incomplete")
        })
    }

    pub(crate) fn lease_failure(&self, action: &str, stream: &str) -> Failure {
        Failure::new(
            format!("{action} the lease and cursor of stream `{stream}` in"),
            &self.tables.state,
        )
    }
}

/// The lease in a stream's item, be it over or not; `None` if there is none or it is damaged.
pub(crate) fn stored_lease(item: &Item) -> Option<(String, Timestamp)> {
    let owner = item.get("lease_owner")?.as_s().ok()?;
    let until = Timestamp::from_millisecond(parsed(item, "lease_expires")?).ok()?;
    Some((owner.clone(), until))
}

/// A lease that ends later than this was taken by a clock that is wrong.
pub(crate) fn absurd(now: Timestamp) -> AttributeValue {
    milliseconds(clock::after(now, LEASE + CLOCKS_DIFFER))
}

pub(crate) fn milliseconds(instant: Timestamp) -> AttributeValue {
    number(instant.as_millisecond())
}
