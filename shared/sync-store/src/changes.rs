//! Looking at changes.
//!
//! Never in here: anything that alters one.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;

use crate::Store;
use crate::change::{Change, ChangeState};
use crate::change_item::{change_key, listed, read_change_id};
use crate::error::{Error, Failure};
use crate::item::{Item, number, text};
use crate::tables::{LISTED, SEQUENCE, STATE_INDEX};

impl Store {
    /// The change with this id.
    ///
    /// # Errors
    /// When DynamoDB fails or the change is damaged.
    pub async fn change(&self, id: &str) -> Result<Option<Change>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.changes)
            .set_key(Some(change_key(id)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.change_failure("read", id).sdk(error))?;
        let item = answer.item.as_ref();
        item.map(|item| self.read_change(item)).transpose()
    }

    /// At most `limit` changes of a stream in this state, or in any: those first that were accepted first,
    /// or of those with a higher sequence than `after`. What was written in the last seconds may still be
    /// missing.
    ///
    /// # Errors
    /// When DynamoDB fails or a change is damaged.
    pub async fn changes(
        &self,
        stream: &str,
        state: Option<ChangeState>,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Change>, Error> {
        let states = match state {
            Some(state) => vec![state],
            None => ChangeState::ALL.to_vec(),
        };
        let mut changes = Vec::new();
        for state in states {
            let query = self
                .in_state(stream, state)
                .key_condition_expression("#listed = :listed AND #sequence > :after")
                .expression_attribute_names("#sequence", SEQUENCE)
                .expression_attribute_values(":after", number(after.unwrap_or(0)))
                .limit(i32::try_from(limit).unwrap_or(i32::MAX));
            let mut items = query.into_paginator().items().send();
            for _ in 0..limit {
                let Some(item) = items.next().await else {
                    break;
                };
                let item = item.map_err(|error| self.list_failure(stream).sdk(error))?;
                changes.push(self.read_change(&item)?);
            }
        }
        changes.sort_by_key(|change| change.sequence);
        // One that has just moved on may still be listed where it was.
        changes.dedup_by(|a, b| a.sequence == b.sequence);
        changes.truncate(limit);
        Ok(changes)
    }

    /// How many changes of the stream are in this state; of those that wait exactly, of others as of some
    /// seconds ago.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn count_changes(&self, stream: &str, state: ChangeState) -> Result<u64, Error> {
        let query = match state {
            ChangeState::Waiting => self.of_queue(stream, None),
            _ => self
                .in_state(stream, state)
                .key_condition_expression("#listed = :listed"),
        };
        let mut pages = query.select(Select::Count).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.list_failure(stream).sdk(error))?;
            count += u64::try_from(page.count).unwrap_or(0);
        }
        Ok(count)
    }

    fn in_state(&self, stream: &str, state: ChangeState) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.changes)
            .index_name(STATE_INDEX)
            .expression_attribute_names("#listed", LISTED)
            .expression_attribute_values(":listed", text(&listed(stream, state)))
    }

    /// The change in an item of its own.
    pub(crate) fn read_change(&self, item: &Item) -> Result<Change, Error> {
        Change::read(item).ok_or_else(|| {
            let id = read_change_id(item).unwrap_or_default();
            self.change_failure("read", id)
                .damaged("the change", "incomplete")
        })
    }

    pub(crate) fn change_failure(&self, action: &str, id: &str) -> Failure {
        Failure::new(format!("{action} change {id} in"), &self.tables.changes)
    }

    fn list_failure(&self, stream: &str) -> Failure {
        Failure::new(
            format!("list the changes of stream `{stream}` in"),
            &self.tables.changes,
        )
    }
}
