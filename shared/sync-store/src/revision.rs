//! A write that is computed from what a record holds: read, decide, write under (generation, version,
//! revision), and again if somebody else wrote in between. That triple never repeats: the plain write of
//! a pull raises the version and starts the revision at 0, everyone else raises the revision.
//!
//! Never in here: what is written. And never a retry of a call that failed: each is tried once, and
//! whoever writes records repeats the whole.

use std::collections::HashMap;

use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;

use crate::error::{Error, ErrorKind, Failure};
use crate::hiding::Shown;
use crate::item::{Item, instant, number, refused_item};
use crate::pending::Asserted;
use crate::record::{Stored, record_key};
use crate::{Applied, Store};

/// How often a record is read again after somebody else changed it.
pub(crate) const TRIES: u32 = 8;

/// What is to be done about a record as it is stored.
pub(crate) enum Decision {
    Leave(Applied),
    Write(Rewrite),
}

/// The attributes that a write sets or removes. The others stay.
#[derive(Default)]
pub(crate) struct Rewrite {
    attributes: Vec<(&'static str, Option<AttributeValue>)>,
    /// What it comes to.
    applied: Applied,
}

impl Rewrite {
    /// By a sync; anybody else's begins with [`Rewrite::default`].
    pub(crate) fn new(synced_at: Timestamp) -> Self {
        Self::default().set("synced_at", instant(synced_at))
    }

    pub(crate) fn set(self, name: &'static str, value: AttributeValue) -> Self {
        self.put(name, Some(value))
    }

    pub(crate) fn remove(self, name: &'static str) -> Self {
        self.put(name, None)
    }

    /// Sets the attribute, or removes it if there is no value.
    pub(crate) fn put(mut self, name: &'static str, value: Option<AttributeValue>) -> Self {
        self.attributes.push((name, value));
        self
    }

    pub(crate) fn shown(mut self, shown: &Shown) -> Self {
        self.attributes.extend(shown.attributes());
        self
    }

    pub(crate) fn asserted(mut self, asserted: &Asserted) -> Self {
        self.attributes.extend(asserted.attributes());
        self
    }

    /// What the write comes to, where that is more than [`Applied::Stored`].
    pub(crate) fn comes_to(self, applied: Applied) -> Self {
        Self { applied, ..self }
    }

    /// The update of the record as it was read.
    pub(crate) fn update(self, stored: &Stored) -> Update {
        let triple = [
            ("generation", number(stored.generation)),
            ("version", number(stored.version)),
            ("revision", number(stored.revision)),
        ];
        let mut update = Update::default();
        let mut conditions = Vec::new();
        for (name, value) in triple {
            conditions.push(format!("#{name} = :old_{name}"));
            update.names.insert(format!("#{name}"), name.to_owned());
            update.values.insert(format!(":old_{name}"), value);
        }
        update.condition = conditions.join(" AND ");
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        let next = ("revision", Some(number(stored.revision + 1)));
        for (name, value) in self.attributes.into_iter().chain([next]) {
            update.names.insert(format!("#{name}"), name.to_owned());
            if let Some(value) = value {
                set.push(format!("#{name} = :{name}"));
                update.values.insert(format!(":{name}"), value);
            } else {
                remove.push(format!("#{name}"));
            }
        }
        update.expression = format!("SET {}", set.join(", "));
        if !remove.is_empty() {
            update.expression += &format!(" REMOVE {}", remove.join(", "));
        }
        update
    }
}

/// A conditional update of one record.
#[derive(Default)]
pub(crate) struct Update {
    pub(crate) expression: String,
    pub(crate) condition: String,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Store {
    /// Does what `decide` says about the record, beginning with it as it was `first` read. `None` if the
    /// record is gone by now.
    pub(crate) async fn under_revision(
        &self,
        (stream, id): (&str, &str),
        first: &Stored,
        decide: impl Fn(&Stored) -> Result<Decision, Error>,
    ) -> Result<Option<Applied>, Error> {
        let mut newer = None;
        for _ in 0..TRIES {
            let stored = newer.as_ref().unwrap_or(first);
            let rewrite = match decide(stored)? {
                Decision::Leave(applied) => return Ok(Some(applied)),
                Decision::Write(rewrite) => rewrite,
            };
            let applied = rewrite.applied;
            match self.update((stream, id), rewrite.update(stored)).await? {
                Ok(_) => return Ok(Some(applied)),
                Err(item) if item.is_empty() => return Ok(None),
                Err(item) => newer = Some(self.stored(stream, id, &item)?),
            }
        }
        Err(changed_too_often(self.write_failure(stream, id)))
    }

    /// The record as it was before, or else the one that did not meet the condition (empty if there is
    /// none).
    pub(crate) async fn update(
        &self,
        (stream, id): (&str, &str),
        update: Update,
    ) -> Result<Result<Item, Item>, Error> {
        let result = self
            .client
            .update_item()
            .table_name(&self.tables.records)
            .set_key(Some(record_key(stream, id)))
            .update_expression(update.expression)
            .condition_expression(update.condition)
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
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
                None => Err(self.write_failure(stream, id).sdk(error)),
            },
        }
    }

    /// The record as it is stored now, to be written under its revision.
    pub(crate) async fn read_stored(
        &self,
        stream: &str,
        id: &str,
    ) -> Result<Option<Stored>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.records)
            .set_key(Some(record_key(stream, id)))
            .consistent_read(true)
            .customize()
            .config_override(tried_once())
            .send()
            .await
            .map_err(|error| self.write_failure(stream, id).sdk(error))?;
        let item = answer.item.as_ref();
        item.map(|item| self.stored(stream, id, item)).transpose()
    }

    pub(crate) fn stored(&self, stream: &str, id: &str, item: &Item) -> Result<Stored, Error> {
        Stored::read(item).ok_or_else(|| {
            self.write_failure(stream, id)
                .damaged("the stored record", "incomplete")
        })
    }

    pub(crate) fn write_failure(&self, stream: &str, id: &str) -> Failure {
        Failure::new(
            format!("write record {id} of stream `{stream}` to"),
            &self.tables.records,
        )
    }
}

pub(crate) fn changed_too_often(failure: Failure) -> Error {
    failure.because(
        ErrorKind::Throttled,
        format!("somebody else changed the record {TRIES} times while it was being written"),
    )
}

/// A page's records are written side by side and would empty the SDK's small shared allowance of
/// retries at the first throttle. Whoever writes them tries again, at a pace and until a time of its own.
pub(crate) fn tried_once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}
