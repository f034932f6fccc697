//! `$batch`: many changes in one request, each with a result of its own.
//!
//! An answer counts only if it has as many parts as were sent, in their order; one part too few or too
//! many and nothing of it is a success. What failed in passing is sent again alone, by the one retry
//! policy.

mod judge;
mod parse;
mod print;
mod rounds;

use crate::change::{Change, Prepared, tell_all};
use crate::client::DynamicsClient;
use crate::error::{Error, ErrorKind, Outcome, Problem};
use crate::size::Size;
use crate::table::TableKind;
use crate::written::Written;

/// Parts of one batch: to begin with, and at most. Dataverse takes no more, and works them off one by one.
const FIRST_PARTS: usize = 100;
const MOST_PARTS: usize = 1_000;

/// What succeeds or fails as one.
#[derive(Clone, Debug)]
pub(crate) enum Unit {
    One(Box<Prepared>),
    /// All of them or none.
    Set(Vec<Prepared>),
}

impl Unit {
    pub(crate) fn parts(&self) -> &[Prepared] {
        match self {
            Self::One(part) => std::slice::from_ref(part),
            Self::Set(parts) => parts,
        }
    }
}

impl DynamicsClient {
    /// Writes rows, in this order, in as few requests as their size and time allow: one for about 100 to
    /// 1,000 of them. Each has a result of its own, in the order given: a row that is refused stops
    /// none after it, and one that failed in passing is sent again alone.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// use dynamics_client::{Change, ErrorKind, IfMatch, Record, RowKey};
    ///
    /// let accounts = client.table("accounts", &[]).await?;
    /// let fjord = Record::new().text("name", "Fjord");
    /// let key = RowKey::text("accountnumber", "N-1");
    /// let nobody = RowKey::Id(uuid::Uuid::nil());
    /// let results = client
    ///     .batch(&[
    ///         Change::upsert(&accounts, &key, &fjord),
    ///         Change::delete(&accounts, &nobody, &IfMatch::Any),
    ///         Change::create(&accounts, &fjord),
    ///     ])
    ///     .await;
    /// assert!(results[0].is_ok() && results[2].is_ok());
    /// let error = results[1].as_ref().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::NotFound);
    /// # Ok(()) }) }
    /// ```
    pub async fn batch(&self, changes: &[Change<'_>]) -> Vec<Result<Written, Error>> {
        let mut results = Vec::with_capacity(changes.len());
        let mut waiting = Vec::new();
        for change in changes {
            match self.prepare(change).await {
                Ok(prepared) => {
                    waiting.push((results.len(), Unit::One(Box::new(prepared))));
                    results.push(None);
                }
                Err(error) => results.push(Some(Err(error))),
            }
        }
        let mut size = Size::new(FIRST_PARTS, MOST_PARTS);
        let mut waiting = waiting.into_iter().peekable();
        while waiting.peek().is_some() {
            let (mut chunk, mut bytes) = (Vec::new(), 0);
            while let Some((_, unit)) = waiting.peek() {
                bytes += unit.parts().iter().map(print::size).sum::<usize>();
                if !size.has_room(chunk.len(), bytes) {
                    break;
                }
                chunk.extend(waiting.next());
            }
            for (index, result) in self.send_units(chunk, &mut size).await {
                let first = result.map(|written| written.into_iter().next().unwrap_or_default());
                if let Some(slot) = results.get_mut(index) {
                    *slot = Some(first);
                }
            }
        }
        let results = results
            .into_iter()
            .zip(changes)
            .map(|(result, change)| result.unwrap_or_else(|| Err(unanswered(change))))
            .collect();
        tell_all(changes, results)
    }

    /// Writes rows in one transaction: all of them, or none. At most 1,000.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// use dynamics_client::{Change, ErrorKind, Record};
    ///
    /// let accounts = client.table("accounts", &[]).await?;
    /// let (good, bad) = (Record::new().text("name", "Fjord"), Record::new().text("nickname", "x"));
    /// let both = [Change::create(&accounts, &good), Change::create(&accounts, &bad)];
    /// let error = client.change_set(&both).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::BadRequest); // and nothing was written
    /// # Ok(()) }) }
    /// ```
    ///
    /// # Errors
    /// The first row's that is refused, after which none is written; an elastic table's, which has no
    /// transactions; else see [`ErrorKind`]. With [`Outcome::Unknown`], all rows
    /// or none may have been written.
    pub async fn change_set(&self, changes: &[Change<'_>]) -> Result<Vec<Written>, Error> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let operation = format!("write a change set of {} rows", changes.len());
        let refuse = |why: String, advice: &'static str| {
            let problem = Problem::new(ErrorKind::BadRequest, "the request was not sent")
                .because(why)
                .advise(advice);
            Err(Error::new(&operation, problem))
        };
        if changes.len() > MOST_PARTS {
            return refuse(
                format!("one batch takes {MOST_PARTS} rows"),
                "Write fewer rows at a time.",
            );
        }
        let elastic = |change: &&Change<'_>| change.table.kind == TableKind::Elastic;
        if let Some(change) = changes.iter().find(elastic) {
            return refuse(
                format!(
                    "the table {} is elastic, where a change set is not all or nothing",
                    change.table.entity_set
                ),
                "Write its rows without one.",
            );
        }
        let mut parts = Vec::with_capacity(changes.len());
        for change in changes {
            parts.push(self.prepare(change).await?);
        }
        let mut size = Size::new(1, 1);
        let units = vec![(0, Unit::Set(parts))];
        match self.send_units(units, &mut size).await.pop() {
            Some((_, result)) => result.map_err(|error| {
                let tell = |error, change: &Change<'_>| change.tell(error);
                changes.iter().fold(error, tell)
            }),
            None => refuse(
                "it has no result".to_owned(),
                "This is a fault of this client; report it.",
            ),
        }
    }
}

/// A change that no answer was noted for, which cannot be.
fn unanswered(change: &Change<'_>) -> Error {
    let problem = Problem::new(ErrorKind::Protocol, "it has no result")
        .advise("This is a fault of this client; report it.");
    Error::new(change.operation(), problem).with_outcome(Outcome::Unknown)
}
