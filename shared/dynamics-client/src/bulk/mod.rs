//! `CreateMultiple`, `UpdateMultiple`, `UpsertMultiple`: up to 1,000 rows in one request, all or none.
//!
//! Each row has a result of its own all the same: what is refused together is taken apart until the bad
//! row stands alone. Where a table has no such action, the rows go in batches.

mod existing;
mod offer;
mod rows;
mod search;
mod send;
mod target;

use uuid::Uuid;

pub(crate) use self::offer::{Offer, Offers};
use crate::change::Change;
use crate::client::DynamicsClient;
use crate::error::Error;
use crate::etag::IfMatch;
use crate::record::Record;
use crate::row_key::RowKey;
use crate::table::Table;
use crate::written::Written;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Action {
    Create,
    Update,
    Upsert,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "CreateMultiple",
            Self::Update => "UpdateMultiple",
            Self::Upsert => "UpsertMultiple",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Upsert => "upsert",
        }
    }
}

impl DynamicsClient {
    /// Creates rows, 1,000 a request or fewer if those take long. Each has a result of its own, in the
    /// order given. Records without an [id](Record::id) of their own are not sent again while it is not
    /// certain that nothing was created: their result is then an error with
    /// [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// use dynamics_client::{ErrorKind, Record};
    ///
    /// let accounts = client.table("accounts", &[]).await?;
    /// let mut rows: Vec<_> = (0..100).map(|n| Record::new().text("name", &format!("Club {n}"))).collect();
    /// rows[41] = Record::new().text("name", &"too long ".repeat(50));
    /// let results = client.create_multiple(&accounts, &rows).await;
    /// assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 99);
    /// let error = results[41].as_ref().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::BadRequest);
    /// assert!(error.to_string().contains("column name of table account is longer than 160 characters"));
    /// # Ok(()) }) }
    /// ```
    pub async fn create_multiple(
        &self,
        table: &Table,
        records: &[Record],
    ) -> Vec<Result<Written, Error>> {
        let changes: Vec<_> = records
            .iter()
            .map(|record| Change::create(table, record))
            .collect();
        self.bulk(table, Action::Create, &changes).await
    }

    /// Changes rows that exist, 1,000 a request or fewer if those take long. Each has a result of its own,
    /// in the order given.
    pub async fn update_multiple(
        &self,
        table: &Table,
        rows: &[(Uuid, Record)],
    ) -> Vec<Result<Written, Error>> {
        let keys: Vec<_> = rows.iter().map(|(id, _)| RowKey::Id(*id)).collect();
        let changes: Vec<_> = rows
            .iter()
            .zip(&keys)
            .map(|((_, record), key)| Change::update(table, key, record, &IfMatch::Any))
            .collect();
        self.bulk(table, Action::Update, &changes).await
    }

    /// Changes the rows with these keys, or creates those that are missing, 1,000 a request or fewer if
    /// those take long. Each has a result of its own, in the order given. Leave the keys' own columns out
    /// of the records.
    pub async fn upsert_multiple(
        &self,
        table: &Table,
        rows: &[(RowKey, Record)],
    ) -> Vec<Result<Written, Error>> {
        let changes: Vec<_> = rows
            .iter()
            .map(|(key, record)| Change::upsert(table, key, record))
            .collect();
        self.bulk(table, Action::Upsert, &changes).await
    }
}
