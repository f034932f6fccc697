//! Writing single rows: create, update, upsert, delete.
//!
//! A write whose answer was lost is sent again only where that cannot double a row, and what it meets
//! then is judged by what it may have done itself the first time.

use bytes::Bytes;
use http::HeaderValue;
use uuid::Uuid;

use crate::call::{Call, Target};
use crate::change::{Change, Expected, Place, Prepared};
use crate::client::{DynamicsClient, address};
use crate::counters::RequestClass;
use crate::error::{Error, ErrorKind, Outcome, Problem};
use crate::etag::IfMatch;
use crate::filter::Filter;
use crate::page::{Entry, PageRequest};
use crate::query::Query;
use crate::record::Record;
use crate::row_key::RowKey;
use crate::table::Table;
use crate::written::{self, Written};

impl DynamicsClient {
    /// Creates a row. If the record has an [id](Record::id) of its own, it is sent again after an answer
    /// was lost, and finding the row there then is a success; else it is never sent again while it is not
    /// certain that nothing was created.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// use dynamics_client::{ErrorKind, Record};
    ///
    /// let contacts = client.table("contacts", &[]).await?;
    /// let id = uuid::Uuid::new_v4();
    /// let person = Record::new().id(id).text("lastname", "Hansen");
    /// let written = client.create(&contacts, &person).await?;
    /// assert_eq!((written.id, written.created), (Some(id), Some(true)));
    ///
    /// let again = client.create(&contacts, &person).await.unwrap_err();
    /// assert_eq!(again.kind(), ErrorKind::DuplicateKey);
    /// # Ok(()) }) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::DuplicateKey`] if the id or a key is taken; else see [`ErrorKind`]. With
    /// [`Outcome::Unknown`] the row may have been created.
    pub async fn create(&self, table: &Table, record: &Record) -> Result<Written, Error> {
        self.write(&Change::create(table, record)).await
    }

    /// Changes a row that exists; never creates one.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// use dynamics_client::{ErrorKind, IfMatch, Record, RowKey, WriteOptions};
    ///
    /// let contacts = client.table("contacts", &[]).await?;
    /// // The answer brings the row, and with it its version.
    /// let client = client.writing(WriteOptions::default().returning(["lastname"]));
    /// let made = client.create(&contacts, &Record::new().text("lastname", "Hansen")).await?;
    /// let key = RowKey::Id(made.id.ok_or("no id")?);
    /// let version = IfMatch::ETag(made.etag.ok_or("no version")?);
    ///
    /// let change = Record::new().text("lastname", "Hansen-Berg").null("emailaddress1");
    /// client.update(&contacts, &key, &change, &version).await?;
    ///
    /// // That version is gone: somebody changed the row since.
    /// let late = client.update(&contacts, &key, &change, &version).await.unwrap_err();
    /// assert_eq!(late.kind(), ErrorKind::VersionMismatch);
    /// client.delete(&contacts, &key, &IfMatch::Any).await?;
    /// # Ok(()) }) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such row, [`ErrorKind::VersionMismatch`] if it is of
    /// another version than `if_match` says; else see [`ErrorKind`].
    pub async fn update(
        &self,
        table: &Table,
        key: &RowKey,
        record: &Record,
        if_match: &IfMatch,
    ) -> Result<Written, Error> {
        self.write(&Change::update(table, key, record, if_match))
            .await
    }

    /// Changes the row with this key, or creates it if there is none. Leave the key's own columns out of
    /// the record.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// use dynamics_client::{Record, RowKey, WriteOptions};
    ///
    /// let accounts = client.table("accounts", &[]).await?;
    /// let client = client.writing(WriteOptions::default().returning(["name"]));
    /// let key = RowKey::text("accountnumber", "O'Brian 1/2");
    /// let first = client.upsert(&accounts, &key, &Record::new().text("name", "Fjord")).await?;
    /// let second = client.upsert(&accounts, &key, &Record::new().text("name", "Fjord AS")).await?;
    /// assert_eq!((first.created, second.created), (Some(true), Some(false)));
    /// assert_eq!(first.id, second.id);
    /// # Ok(()) }) }
    /// ```
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn upsert(
        &self,
        table: &Table,
        key: &RowKey,
        record: &Record,
    ) -> Result<Written, Error> {
        self.write(&Change::upsert(table, key, record)).await
    }

    /// Deletes a row. Not finding it after an answer was lost is a success.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such row, [`ErrorKind::VersionMismatch`] if it is of
    /// another version than `if_match` says; else see [`ErrorKind`].
    pub async fn delete(
        &self,
        table: &Table,
        key: &RowKey,
        if_match: &IfMatch,
    ) -> Result<(), Error> {
        self.write(&Change::delete(table, key, if_match))
            .await
            .map(drop)
    }

    /// Writes one row, in whichever way. One request, and one more to look for a row whose key no address
    /// can carry.
    ///
    /// # Errors
    /// As for the method that is named after the change.
    pub async fn write(&self, change: &Change<'_>) -> Result<Written, Error> {
        let prepared = self.prepare(change).await?;
        let fail = |problem| Error::new(&prepared.operation, problem);
        let api = self.core.config.instance.api();
        let call = Call {
            class: RequestClass::Write,
            operation: prepared.operation.clone(),
            repeat: prepared.repeat,
            target: Target::Write {
                method: prepared.method.clone(),
                url: address(&api, &prepared.path).map_err(fail)?,
                headers: prepared.headers.clone(),
                content_type: HeaderValue::from_static("application/json; charset=utf-8"),
                body: Bytes::from(prepared.body.clone()),
                aim: prepared.aim,
            },
        };
        let read = |answer: &_| written::read(call.asked(), answer, &prepared.expected);
        match self.core.carry_out(&self.scope, &call, &read).await {
            Err(error) => self
                .judged_by_itself(&prepared.expected, error)
                .await
                .map_err(|error| change.tell(error)),
            done => done,
        }
    }

    /// The change as a request, after its row was looked for if it must be.
    pub(crate) async fn prepare(&self, change: &Change<'_>) -> Result<Prepared, Error> {
        let fail = |problem| Error::new(change.operation(), problem);
        let place = match change.key_to_find().map_err(fail)? {
            None => Place::AsGiven,
            Some(key) => self.find(change, key).await?,
        };
        change.prepare(&place, &self.scope.writing).map_err(fail)
    }

    /// Looks for the row with a key that no address can carry.
    async fn find(&self, change: &Change<'_>, key: &RowKey) -> Result<Place, Error> {
        let Some(filter) = key.filter(change.table) else {
            return Ok(Place::Missing);
        };
        let query = Query::new(&change.table.entity_set)
            .select([&change.table.primary_id])
            .filter(filter)
            .top(2);
        let page = self.page(&PageRequest::from(query)).await;
        let page = page.map_err(|error| error.of(&change.operation()))?;
        let ids: Vec<_> = page
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Row(row) => row.guid(&change.table.primary_id),
                Entry::Deleted(_) => None,
            })
            .collect();
        match ids.as_slice() {
            [] => Ok(Place::Missing),
            [id] => Ok(Place::Found(*id)),
            [one, other, ..] => {
                let problem = Problem::new(ErrorKind::BadRequest, "more than one row has this key")
                    .because(format!("{one} and {other} have it"))
                    .advise("Make them differ, or address the row by its id.");
                Err(Error::new(change.operation(), problem))
            }
        }
    }

    /// Judges what a write met after an earlier try of it may have been applied.
    pub(crate) async fn judged_by_itself(
        &self,
        expected: &Expected,
        error: Error,
    ) -> Result<Written, Error> {
        if error.outcome() != Outcome::Unknown {
            return Err(error);
        }
        match (error.kind(), expected.id) {
            (ErrorKind::NotFound, _) if expected.deletes => Ok(written::earlier(expected)),
            // Another key may be taken as well: only the row itself tells.
            (ErrorKind::DuplicateKey, Some(id)) if expected.creates == Some(true) => {
                match self
                    .exists(&expected.entity_set, &expected.primary_id, id)
                    .await
                {
                    Ok(true) => Ok(written::earlier(expected)),
                    Ok(false) => Err(error.with_outcome(Outcome::Refused)),
                    Err(_) => Err(error),
                }
            }
            _ => Err(error),
        }
    }

    async fn exists(&self, entity_set: &str, primary_id: &str, id: Uuid) -> Result<bool, Error> {
        let query = Query::new(entity_set)
            .select([primary_id])
            .filter(Filter::eq_guid(primary_id, id))
            .top(1);
        let page = self.page(&PageRequest::from(query)).await?;
        Ok(!page.entries.is_empty())
    }
}
