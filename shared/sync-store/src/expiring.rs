//! Which records of a stream will expire soon, as the last run found them: for those who can still do
//! something about it.
//!
//! Never in here: when a record expires.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::{Error, Failure};
use crate::item::{Item, instant, item_key, number, parsed, parsed_text, text};
use crate::{Lease, Store};

/// Records that are listed; of more, there is only their number.
const LISTED_MAX: usize = 200;

/// Records that will expire within the longest of their stream's warnings.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Upcoming {
    total: u64,
    /// By the last valid day, then by id.
    soonest: BTreeSet<(Date, String)>,
}

/// The same as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expiring {
    /// How many there are.
    pub total: u64,
    /// Their rows' GUIDs and last valid days, the soonest first; at most 200.
    pub listed: Vec<(String, Date)>,
    /// When a run found it so that had found it otherwise before.
    pub as_of: Timestamp,
}

impl Upcoming {
    /// Takes a record in, with its last valid day.
    pub fn add(&mut self, id: String, day: Date) {
        self.total += 1;
        self.soonest.insert((day, id));
        if self.soonest.len() > LISTED_MAX {
            self.soonest.pop_last();
        }
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.total
    }

    fn listed(self) -> Vec<(String, Date)> {
        let soonest = self.soonest.into_iter();
        soonest.map(|(day, id)| (id, day)).collect()
    }
}

impl Store {
    /// Which records of the stream will expire soon; `None` if no run has ever found one.
    ///
    /// # Errors
    /// When DynamoDB fails or the item is damaged.
    pub async fn expiring(&self, stream: &str) -> Result<Option<Expiring>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.state)
            .set_key(Some(expiring_key(stream)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.expiring_failure("read", stream).sdk(error))?;
        let read = |item: Item| {
            read(&item).ok_or_else(|| {
                self.expiring_failure("read", stream)
                    .damaged("the list", "incomplete")
            })
        };
        answer.item.map(read).transpose()
    }

    /// Replaces the list, if it says something else. One that a later holder of the stream has written
    /// stays.
    ///
    /// # Errors
    /// When DynamoDB fails. A damaged list is replaced.
    pub async fn note_expiring(
        &self,
        lease: &Lease,
        upcoming: Upcoming,
        now: Timestamp,
    ) -> Result<(), Error> {
        let stream = lease.stream();
        let expiring = Expiring {
            total: upcoming.total,
            listed: upcoming.listed(),
            as_of: now,
        };
        let says_so = |stored: &Expiring| {
            (stored.total, &stored.listed) == (expiring.total, &expiring.listed)
        };
        match self.expiring(stream).await {
            Ok(None) if expiring.total == 0 => return Ok(()),
            Ok(Some(stored)) if says_so(&stored) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == crate::ErrorKind::Damaged => {}
            Err(error) => return Err(error),
        }
        let result = self
            .client
            .put_item()
            .table_name(&self.tables.state)
            .set_item(Some(item(stream, &expiring, lease.fence())))
            .condition_expression("attribute_not_exists(fence) OR fence <= :fence")
            .expression_attribute_values(":fence", number(lease.fence()))
            .send()
            .await;
        match result {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Err(self.expiring_failure("write", stream).sdk(error))
            }
            _ => Ok(()),
        }
    }

    /// Removes the list of a stream that is removed.
    pub(crate) async fn remove_expiring(&self, stream: &str) -> Result<(), Error> {
        self.client
            .delete_item()
            .table_name(&self.tables.state)
            .set_key(Some(expiring_key(stream)))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| self.expiring_failure("delete", stream).sdk(error))
    }

    fn expiring_failure(&self, action: &str, stream: &str) -> Failure {
        Failure::new(
            format!("{action} which records of stream `{stream}` expire soon in"),
            &self.tables.state,
        )
    }
}

fn expiring_key(stream: &str) -> Item {
    item_key(&format!("stream#{stream}"), "expiring")
}

fn item(stream: &str, expiring: &Expiring, fence: u64) -> Item {
    let one = |(id, day): &(String, Date)| {
        AttributeValue::M(Item::from([
            ("id".to_owned(), text(id)),
            ("day".to_owned(), text(&day.to_string())),
        ]))
    };
    let mut item = expiring_key(stream);
    item.extend([
        ("total".to_owned(), number(expiring.total)),
        (
            "listed".to_owned(),
            AttributeValue::L(expiring.listed.iter().map(one).collect()),
        ),
        ("as_of".to_owned(), instant(expiring.as_of)),
        ("fence".to_owned(), number(fence)),
    ]);
    item
}

fn read(item: &Item) -> Option<Expiring> {
    let one = |one: &AttributeValue| {
        let one = one.as_m().ok()?;
        Some((parsed_text(one, "id")?, parsed_text(one, "day")?))
    };
    Some(Expiring {
        total: parsed(item, "total")?,
        listed: item
            .get("listed")?
            .as_l()
            .ok()?
            .iter()
            .map(one)
            .collect::<Option<_>>()?,
        as_of: parsed_text(item, "as_of")?,
    })
}
