//! Writes that happen together or not at all: a change, its place in the queue, and what is pending on its
//! record.
//!
//! Never in here: which writes those are.

use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as Return,
    TransactWriteItem, Update,
};

use crate::change::{Change, ChangeState};
use crate::change_item::change_key;
use crate::error::{Error, ErrorKind, Failure};
use crate::item::{Item, number, text};
use crate::record::{Stored, record_key};
use crate::revision::Rewrite;
use crate::tables::{PARTITION_KEY, SEQUENCE};
use crate::{Store, queue};

/// Why a transaction is cancelled by a condition.
const UNMET: &str = "ConditionalCheckFailed";
/// What stands in place of a reason for a write that was not why.
const NONE: &str = "None";

/// A condition was not met, and nothing was written.
pub(crate) enum Unmet {
    /// The first write's: the item that is there, empty if there is none.
    First(Item),
    /// Only another one's.
    Other,
}

/// One of the writes; whether it can be one is found out when all are sent.
pub(crate) type Part = Result<TransactWriteItem, BuildError>;

impl Store {
    /// Stores a change: a new one, or one that is still as it was `before`.
    pub(crate) fn put_change(&self, change: &Change, before: Option<&Change>) -> Part {
        let put = Put::builder()
            .table_name(&self.tables.changes)
            .set_item(Some(change.item()))
            .return_values_on_condition_check_failure(Return::AllOld);
        let put = match before {
            None => put
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", PARTITION_KEY),
            Some(before) => put
                .condition_expression("#state = :state AND #sequence = :sequence")
                .expression_attribute_names("#state", "state")
                .expression_attribute_names("#sequence", SEQUENCE)
                .expression_attribute_values(":state", text(before.state.name()))
                .expression_attribute_values(":sequence", number(before.sequence)),
        };
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    /// Puts a change into the queue. Its place is its own, unless the item that counts them was lost.
    pub(crate) fn put_pointer(&self, change: &Change) -> Part {
        let (stream, id) = (&change.wanted.stream, &change.wanted.id);
        let mut item = queue::pointer_key(stream, change.sequence);
        item.insert(queue::POINTS_TO.to_owned(), text(id));
        let put = Put::builder()
            .table_name(&self.tables.changes)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PARTITION_KEY);
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    /// Takes a change out of the queue, if it is in it.
    pub(crate) fn delete_pointer(&self, stream: &str, sequence: u64) -> Part {
        self.delete_change(queue::pointer_key(stream, sequence))
    }

    /// Deletes an item of the changes table, if it is there.
    pub(crate) fn delete_change(&self, key: Item) -> Part {
        let delete = Delete::builder()
            .table_name(&self.tables.changes)
            .set_key(Some(key));
        Ok(TransactWriteItem::builder().delete(delete.build()?).build())
    }

    /// The change does not wait in this place of the queue.
    pub(crate) fn unless_waiting(&self, id: &str, sequence: u64) -> Part {
        let check = ConditionCheck::builder()
            .table_name(&self.tables.changes)
            .set_key(Some(change_key(id)))
            .condition_expression(
                "attribute_not_exists(#pk) OR #state <> :waiting OR #sequence <> :sequence",
            )
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#sequence", SEQUENCE)
            .expression_attribute_values(":waiting", text(ChangeState::Waiting.name()))
            .expression_attribute_values(":sequence", number(sequence));
        let check = check.build()?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Changes a record, if it is still as it was read.
    pub(crate) fn rewrite_record(
        &self,
        (stream, id): (&str, &str),
        stored: &Stored,
        rewrite: Rewrite,
    ) -> Part {
        let update = rewrite.update(stored);
        let update = Update::builder()
            .table_name(&self.tables.records)
            .set_key(Some(record_key(stream, id)))
            .update_expression(update.expression)
            .condition_expression(update.condition)
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values));
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }

    /// Writes all, or nothing. A repeated call of the SDK's, whose answer was lost, is the same one.
    pub(crate) async fn transact(
        &self,
        parts: Vec<Part>,
        failure: impl Fn() -> Failure,
    ) -> Result<Result<(), Unmet>, Error> {
        let parts: Result<Vec<_>, _> = parts.into_iter().collect();
        let parts = parts.map_err(|error| failure().damaged("the request", error))?;
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(parts))
            .customize()
            .config_override(aws_sdk_dynamodb::Config::builder().retry_classifier(WhileContended))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Ok(()));
        };
        let reasons = reasons(error.as_service_error());
        if let Some(unmet) = unmet(reasons) {
            return Ok(Err(unmet));
        }
        let why = reasons.iter().map(code_of).find(|code| *code != NONE);
        Err(match why {
            Some(code) => failure().cancelled(code),
            None => failure().sdk(error),
        })
    }
}

fn reasons(error: Option<&TransactWriteItemsError>) -> &[CancellationReason] {
    match error {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => &[],
    }
}

fn code_of(reason: &CancellationReason) -> &str {
    reason.code().unwrap_or(NONE)
}

fn unmet(reasons: &[CancellationReason]) -> Option<Unmet> {
    let is_unmet = |reason: &&CancellationReason| code_of(reason) == UNMET;
    if let Some(first) = reasons.first().filter(is_unmet) {
        return Some(Unmet::First(first.item.clone().unwrap_or_default()));
    }
    reasons.iter().find(is_unmet).map(|_| Unmet::Other)
}

/// The SDK repeats what is throttled, but not a transaction that met another one or a throttled table.
#[derive(Debug)]
struct WhileContended;

impl ClassifyRetry for WhileContended {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = context.output_or_error().and_then(Result::err);
        let error = failed.and_then(|error| error.as_operation_error());
        let reasons = reasons(error.and_then(|error| error.downcast_ref()));
        let mut codes = reasons
            .iter()
            .map(code_of)
            .filter(|code| *code != NONE)
            .peekable();
        let contended = |code| ErrorKind::of(code) == ErrorKind::Throttled;
        if codes.peek().is_some() && codes.all(contended) {
            RetryAction::throttling_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "contended transactions"
    }
}
