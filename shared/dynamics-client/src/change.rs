//! One row to be written, and what is to be done with it.
//!
//! Never in here: the request that does it (see `request`), and sending.

use crate::error::{Error, Problem};
use crate::etag::IfMatch;
use crate::record::Record;
use crate::row_key::RowKey;
use crate::table::Table;
use crate::written::Written;

mod request;

pub(crate) use request::{Expected, Place, Prepared};

/// One row to be written.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    pub(crate) table: &'a Table,
    pub(crate) what: What<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum What<'a> {
    Create(&'a Record),
    Update(&'a RowKey, &'a Record, &'a IfMatch),
    Upsert(&'a RowKey, &'a Record),
    CreateOnly(&'a RowKey, &'a Record),
    Delete(&'a RowKey, &'a IfMatch),
}

impl<'a> Change<'a> {
    /// Creates a row. It is sent again after an answer was lost only if the record has an
    /// [id](Record::id) of its own.
    pub fn create(table: &'a Table, record: &'a Record) -> Self {
        let what = What::Create(record);
        Self { table, what }
    }

    /// Changes a row that exists; never creates one.
    pub fn update(
        table: &'a Table,
        key: &'a RowKey,
        record: &'a Record,
        if_match: &'a IfMatch,
    ) -> Self {
        let what = What::Update(key, record, if_match);
        Self { table, what }
    }

    /// Changes the row with this key, or creates it if there is none. Leave the key's own columns out of
    /// the record.
    pub fn upsert(table: &'a Table, key: &'a RowKey, record: &'a Record) -> Self {
        let what = What::Upsert(key, record);
        Self { table, what }
    }

    /// Creates the row with this key, or fails with [`ErrorKind::DuplicateKey`](crate::ErrorKind::DuplicateKey) if there is one.
    pub fn create_only(table: &'a Table, key: &'a RowKey, record: &'a Record) -> Self {
        let what = What::CreateOnly(key, record);
        Self { table, what }
    }

    /// Deletes a row.
    pub fn delete(table: &'a Table, key: &'a RowKey, if_match: &'a IfMatch) -> Self {
        let what = What::Delete(key, if_match);
        Self { table, what }
    }

    /// The key whose row must be looked for, since no address can carry it.
    pub(crate) fn key_to_find(&self) -> Result<Option<&'a RowKey>, Box<Problem>> {
        let Some(key) = self.key() else {
            return Ok(None);
        };
        Ok(key.address()?.is_none().then_some(key))
    }

    fn key(&self) -> Option<&'a RowKey> {
        match self.what {
            What::Create(_) => None,
            What::Update(key, ..)
            | What::Upsert(key, _)
            | What::CreateOnly(key, _)
            | What::Delete(key, _) => Some(key),
        }
    }

    /// `error`, which this change met, with the lookup that only the change can name.
    pub(crate) fn tell(&self, error: Error) -> Error {
        error.naming_lookup(|target| self.record()?.lookup_of(target))
    }

    fn record(&self) -> Option<&'a Record> {
        match self.what {
            What::Create(record)
            | What::Update(_, record, _)
            | What::Upsert(_, record)
            | What::CreateOnly(_, record) => Some(record),
            What::Delete(..) => None,
        }
    }

    /// Whether its operation tells which row it is.
    fn is_named(&self) -> bool {
        !matches!(self.what, What::Create(record) if record.own_id().is_none())
    }

    /// What it is, after "cannot".
    pub(crate) fn operation(&self) -> String {
        let set = &self.table.entity_set;
        match self.what {
            What::Create(record) => record.own_id().map_or_else(
                || format!("create a row of {set}"),
                |id| format!("create {set} {id}"),
            ),
            What::CreateOnly(key, _) => format!("create {set} {key}"),
            What::Update(key, ..) => format!("update {set} {key}"),
            What::Upsert(key, _) => format!("upsert {set} {key}"),
            What::Delete(key, _) => format!("delete {set} {key}"),
        }
    }
}

/// The results of `changes` that were written together: each error tells which row it is of, by its number
/// where it has neither id nor key.
pub(crate) fn tell_all(
    changes: &[Change<'_>],
    mut results: Vec<Result<Written, Error>>,
) -> Vec<Result<Written, Error>> {
    let all = changes.len();
    for (place, (change, result)) in changes.iter().zip(&mut results).enumerate() {
        if let Err(error) = result {
            *error = change.tell(error.clone());
            if all > 1 && !change.is_named() {
                let operation = numbered(&change.operation(), place + 1, all);
                *error = error.clone().of(&operation);
            }
        }
    }
    results
}

/// An operation whose row only its number tells.
pub(crate) fn numbered(operation: &str, number: usize, all: usize) -> String {
    format!("{operation} (number {number} of {all})")
}
