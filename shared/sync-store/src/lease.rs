//! One writer per stream: a lease with an expiry, and a fencing number that rises with each holder.
//!
//! The lease lives in the cursor's own item, so that a cursor can only be written by whoever holds
//! the lease: each checkpoint names its fencing number and renews the lease in the same write. A run
//! that wakes up after its lease passed to another finds its number outdated and changes nothing.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use crate::cursor::{FORMAT, cursor_attribute, cursor_key};
use crate::error::{Error, ErrorKind, Failure};
use crate::item::{parsed, refused_item};
use crate::{Cursor, Store};

/// How long a lease lasts without being renewed. Long enough for the slowest page, short enough that
/// a run which died does not block the stream for long.
const LEASE: Duration = Duration::from_secs(90);

/// By how much two machines' clocks may differ. A lease that ends later than that allows was taken by a
/// clock that is wrong, and must not block the stream until that time comes.
const CLOCKS_DIFFER: Duration = Duration::from_secs(10 * 60);

/// The right to write one stream's cursor and records.
#[derive(Clone, Debug)]
pub struct Lease {
    stream: String,
    owner: String,
    fence: u64,
}

/// What came of asking for a lease.
#[derive(Debug)]
pub enum Acquired {
    /// The lease is ours, and this is how far the stream has been read (`None`: never).
    Granted(Lease, Option<Cursor>),
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
    /// not taken, or passes by itself.
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
                 fence = if_not_exists(fence, :zero) + :one",
            )
            .condition_expression(
                "(attribute_not_exists(lease_owner) OR lease_owner = :owner \
                  OR lease_expires <= :now OR lease_expires > :absurd) \
                 AND (attribute_not_exists(#format) OR #format <= :format)",
            )
            .expression_attribute_names("#format", "format")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_owned()))
            .expression_attribute_values(":expires", milliseconds(clock::after(now, LEASE)))
            .expression_attribute_values(":now", milliseconds(now))
            .expression_attribute_values(
                ":absurd",
                milliseconds(clock::after(now, LEASE + CLOCKS_DIFFER)),
            )
            .expression_attribute_values(":zero", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":format", AttributeValue::N(FORMAT.to_string()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(answer) => self.granted(stream, owner, &answer.attributes.unwrap_or_default()),
            Err(error) => match refused_item(error.as_service_error()) {
                Some(item) => self.held(stream, &item),
                None => Err(self.lease_failure("take", stream).sdk(error)),
            },
        }
    }

    /// Renews the lease without moving the cursor.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`] if another run has taken over.
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
    /// [`ErrorKind::LeaseLost`] if another run has taken over; the cursor is then unchanged.
    pub async fn checkpoint(
        &self,
        lease: &Lease,
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<(), Error> {
        let attribute = cursor_attribute(cursor).map_err(|error| {
            self.lease_failure("write", &lease.stream)
                .damaged("the new cursor", error)
        })?;
        let expires = milliseconds(clock::after(now, LEASE));
        let result = self
            .as_holder(
                lease,
                "SET #cursor = :cursor, #format = :format, lease_expires = :expires",
            )
            .expression_attribute_names("#cursor", "cursor")
            .expression_attribute_names("#format", "format")
            .expression_attribute_values(":cursor", attribute)
            .expression_attribute_values(":format", AttributeValue::N(FORMAT.to_string()))
            .expression_attribute_values(":expires", expires)
            .send()
            .await;
        self.done("write", lease, result)
    }

    /// Gives the lease back at the end of a run.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`] if another run has taken over.
    pub async fn release(&self, lease: Lease) -> Result<(), Error> {
        let request = self.as_holder(&lease, "REMOVE lease_owner, lease_expires");
        let result = request.send().await;
        self.done("release", &lease, result)
    }

    /// A write of the stream's item that only the lease's holder can make.
    fn as_holder(&self, lease: &Lease, expression: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(cursor_key(&lease.stream)))
            .update_expression(expression)
            .condition_expression("fence = :fence AND lease_owner = :owner")
            .expression_attribute_values(":fence", AttributeValue::N(lease.fence.to_string()))
            .expression_attribute_values(":owner", AttributeValue::S(lease.owner.clone()))
    }

    fn done(
        &self,
        action: &str,
        lease: &Lease,
        result: Result<UpdateItemOutput, SdkError<UpdateItemError>>,
    ) -> Result<(), Error> {
        let Err(error) = result else { return Ok(()) };
        let failure = self.lease_failure(action, &lease.stream);
        Err(match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => failure.because(
                ErrorKind::LeaseLost,
                "another run has taken the stream over",
            ),
            _ => failure.sdk(error),
        })
    }

    fn granted(
        &self,
        stream: &str,
        owner: &str,
        item: &HashMap<String, AttributeValue>,
    ) -> Result<Acquired, Error> {
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
        Ok(Acquired::Granted(lease, self.read_cursor(stream, item)?))
    }

    fn held(
        &self,
        stream: &str,
        item: &HashMap<String, AttributeValue>,
    ) -> Result<Acquired, Error> {
        // A newer release's cursor is refused by the same condition; reading it says so.
        self.read_cursor(stream, item)?;
        let owner = item.get("lease_owner").and_then(|owner| owner.as_s().ok());
        let until =
            parsed(item, "lease_expires").and_then(|ms| Timestamp::from_millisecond(ms).ok());
        match (owner, until) {
            (Some(owner), Some(until)) => Ok(Acquired::Held {
                owner: owner.clone(),
                until,
            }),
            _ => Err(self
                .lease_failure("take", stream)
                .damaged("the lease", "incomplete")),
        }
    }

    fn lease_failure(&self, action: &str, stream: &str) -> Failure {
        Failure::new(
            format!("{action} the lease and cursor of stream `{stream}` in"),
            &self.tables.state,
        )
    }
}

fn milliseconds(instant: Timestamp) -> AttributeValue {
    AttributeValue::N(instant.as_millisecond().to_string())
}
