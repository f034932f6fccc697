//! How records of one stream hide a record of another, which they refer to: the other stream keeps its
//! record, and remembers in it who hides it.
//!
//! The record belongs to its own stream's pull, so none of this touches its fencing number; what one
//! stream hides is guarded by that stream's own. A tombstone remembers too: a row that comes back comes
//! back hidden.
//!
//! Never in here: which record refers to which.

use futures::{Stream, StreamExt};
use jiff::Timestamp;

use crate::error::Error;
use crate::hiding::{HiddenBy, HidingRule, Shown, hidden_by_attribute};
use crate::item::Item;
use crate::record::{read_id, read_map};
use crate::revision::{Decision, Rewrite};
use crate::{Applied, Fields, Lease, Store};

impl Store {
    /// Hides record `id` of stream `target` behind `values`, for as long as the stream of the lease `by`
    /// does not show it again. `rule` is the target stream's own. A record that does not exist has
    /// nothing to hide.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`](crate::ErrorKind::LeaseLost) if a later holder of `by`'s stream hid it;
    /// else as [`Store::put_row`].
    pub async fn hide_target(
        &self,
        by: &Lease,
        target: &str,
        id: &str,
        values: &Fields,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let hidden = HiddenBy::new(by.fence(), values);
        self.set_target(by, (target, id), Some(&hidden), rule, now)
            .await
    }

    /// Shows record `id` of stream `target` again, as far as the stream of the lease `by` is concerned:
    /// its own `rule` and other streams may still hide it.
    ///
    /// # Errors
    /// As [`Store::hide_target`].
    pub async fn show_target(
        &self,
        by: &Lease,
        target: &str,
        id: &str,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        self.set_target(by, (target, id), None, rule, now).await
    }

    async fn set_target(
        &self,
        by: &Lease,
        place: (&str, &str),
        hidden: Option<&HiddenBy>,
        rule: HidingRule<'_>,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let Some(first) = self.read_stored(place.0, place.1).await? else {
            return Ok(Applied::Unchanged);
        };
        let applied = self
            .under_revision(place, &first, |stored| {
                let mut hidden_by = stored.hidden_by.clone();
                let before = match hidden {
                    Some(hidden) => hidden_by.insert(by.stream().to_owned(), hidden.clone()),
                    None => hidden_by.remove(by.stream()),
                };
                if before.as_ref().is_some_and(|old| old.fence > by.fence()) {
                    return Err(self.write_failure(place.0, place.1).lease_lost());
                }
                let same = match (&before, hidden) {
                    (Some(before), Some(hidden)) => before.hides_as(hidden),
                    (None, None) => true,
                    _ => false,
                };
                if same {
                    return Ok(Decision::Leave(Applied::Unchanged));
                }
                let mut rewrite =
                    Rewrite::new(now).put("hidden_by", hidden_by_attribute(&hidden_by));
                if !stored.deleted {
                    let unverified = stored.unverified.is_some();
                    let shown = Shown::of(stored.wanted(), unverified, rule, &hidden_by);
                    rewrite = rewrite.shown(&shown);
                }
                Ok(Decision::Write(rewrite))
            })
            .await?;
        Ok(applied.unwrap_or(Applied::Unchanged))
    }

    /// The records of stream `target` that stream `by` hides now, tombstones too, with what it lays over them,
    /// and those whose row in Dynamics its expiry overwrote. `partition` is the first hex digit of their ids,
    /// 0 to 15.
    ///
    /// # Errors
    /// Each item of the stream may fail as [`Store::records`] does.
    pub fn hidden_targets(
        &self,
        target: &str,
        by: &str,
        partition: u8,
    ) -> impl Stream<Item = Result<HiddenTarget, Error>> + use<'_> {
        let query = self
            .in_partition(target, partition)
            .consistent_read(true)
            .filter_expression("attribute_exists(hidden_by.#by) OR attribute_exists(ended.#by)")
            .projection_expression("id, hidden_by.#by.#values, ended.#by.#before")
            .expression_attribute_names("#by", by)
            .expression_attribute_names("#values", "values")
            .expression_attribute_names("#before", "before");
        let (target, by) = (target.to_owned(), by.to_owned());
        self.items(&target, query)
            .map(move |item| self.whole(&target, &item?, |item| HiddenTarget::read(item, &by)))
    }
}

/// A record that another stream's expiry hides, or hid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HiddenTarget {
    /// The Dataverse GUID.
    pub id: String,
    /// What is laid over it now.
    pub values: Option<Fields>,
    /// The expiry overwrote its row in Dynamics.
    pub has_ended: bool,
}

impl HiddenTarget {
    fn read(item: &Item, by: &str) -> Option<Self> {
        let of = |attribute: &str| item.get(attribute)?.as_m().ok()?.get(by)?.as_m().ok();
        let values = match of("hidden_by") {
            Some(hidden) => Some(read_map(hidden.get("values")?)?),
            None => None,
        };
        Some(Self {
            id: read_id(item)?,
            values,
            has_ended: of("ended").is_some(),
        })
    }
}
