//! Over a lookup: the records of other streams that this one's refer to are hidden while an expired record
//! refers to them and no valid one does.
//!
//! What is hidden once stays so until a valid record refers to it, or none at all: that the expired one was
//! suspended since makes nobody visible.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::future::ready;
use futures::{StreamExt, TryStreamExt, stream};
use streams::{Stream, TargetValue};
use sync_store::{Fields, HiddenTarget, Hideable, Origin, PARTITIONS, Value};
use uuid::Uuid;

use crate::Failure;
use crate::expire::{Expired, ExpiryPass, unless_damaged};
use crate::expiry::{Standing, value_of};
use crate::expiry_changes::{Wish, differs, last_day};
use crate::keeper::Keeper;
use crate::push::{given_back, set_by};
use crate::writer::Work;

/// Records of another stream looked at in one request.
const RECORDS_AT_ONCE: usize = 100;

/// What records of this stream say about one of another that they refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reference {
    /// A valid one refers to it.
    valid: bool,
    /// The last day of the expired one that expired last, if there is one.
    expired: Option<String>,
    /// One that cannot be read refers to it: hidden in doubt, and Dynamics is left as it is.
    in_doubt: bool,
}

/// What is to be laid over a record of another stream.
#[derive(Debug, Default)]
struct ToHide {
    values: Fields,
    /// The last day of the expired record that expired last.
    day: String,
    in_doubt: bool,
}

/// What is to become of records of another stream.
pub(crate) struct Targets<'a> {
    /// What is to be laid over them; `None`: nothing any more.
    pub(crate) work: Vec<(String, Option<Fields>)>,
    /// The stream, if it writes to Dynamics.
    of: Option<&'a Stream>,
    /// What is wanted of them there.
    pub(crate) wishes: Vec<Wish>,
}

/// The records of another stream that this one's refer to, by id.
pub(crate) type Referred = HashMap<Uuid, Reference>;

impl ExpiryPass<'_> {
    /// Notes to which others a record refers.
    pub(crate) fn note_references<'s>(
        &'s self,
        referred: &mut HashMap<&'s str, Referred>,
        record: &Hideable,
        standing: Standing,
    ) {
        let targets = self.expiry().into_iter().flat_map(|expiry| &expiry.targets);
        let lookups: BTreeSet<&str> = targets.map(|set| set.lookup.as_str()).collect();
        for lookup in lookups {
            let Some(Value::Text(id)) = record.wanted.get(lookup) else {
                continue;
            };
            let Ok(id) = id.parse() else { continue };
            let reference = referred.entry(lookup).or_default().entry(id).or_default();
            reference.valid |= standing == Standing::Valid;
            reference.in_doubt |= record.unverified;
            if standing == Standing::Expired {
                let day = self
                    .stream
                    .map(|stream| last_day(stream, record).to_owned());
                reference.expired = reference.expired.take().max(day);
            }
        }
    }

    /// Makes the records of the stream `target` that this one hides those that it should, and hands in what
    /// that means for Dynamics. What is wrong with a damaged one, which keeps none of the others visible, is
    /// put into `expired`.
    pub(crate) async fn hide_targets(
        &self,
        keeper: &Keeper<'_>,
        released: Option<u64>,
        target: &str,
        referred: &HashMap<&str, Referred>,
        expired: &mut Expired,
    ) -> Result<(), Failure> {
        let Targets {
            mut work,
            of,
            wishes,
        } = self.targets_now(target, referred, expired).await?;
        if let Some(stream) = of {
            let handed_in = self
                .hand_in(stream, (keeper.lease(), released), wishes)
                .await;
            match handed_in {
                Ok(mut handed_in) => {
                    expired.unheeded.append(&mut handed_in.unheeded);
                    expired.renewals.append(&mut handed_in.renewals);
                }
                Err(failure) => {
                    // Who is to be shown again is, when what that takes in Dynamics is handed in.
                    work.retain(|(_, values)| values.is_some());
                    expired.withhold(failure)?;
                }
            }
        }
        let writer = self.writer(keeper, self.engine.streams.stream(target));
        let damaged = &mut expired.damaged;
        stream::iter(work)
            .map(|(id, values)| {
                let stream = target.to_owned();
                self.write(&writer, Work::Target { stream, id, values })
            })
            .buffer_unordered(writer.in_flight)
            .filter_map(|written| ready(unless_damaged(written, damaged)))
            .try_for_each(async |_| Ok(()))
            .await
    }

    /// What is to become of records of the stream `target`. Nothing is written for it.
    pub(crate) async fn targets_now(
        &self,
        target: &str,
        referred: &HashMap<&str, Referred>,
        expired: &mut Expired,
    ) -> Result<Targets<'_>, Failure> {
        let to_hide = self.to_hide(target, referred);
        let (work, ended) = self.differing(target, referred, &to_hide, expired).await?;
        let of = self.engine.streams.stream(target);
        let of = of.filter(|stream| stream.direction.pushes());
        let wishes = match of {
            Some(stream) => self.wishes(stream, &to_hide, ended, referred).await?,
            None => Vec::new(),
        };
        Ok(Targets { work, of, wishes })
    }

    /// The records of `target` that do not hide what they should, with what they should (`None`: nothing);
    /// and those that are not to be hidden, and whose row in Dynamics may still be.
    async fn differing(
        &self,
        target: &str,
        referred: &HashMap<&str, Referred>,
        to_hide: &HashMap<Uuid, ToHide>,
        expired: &mut Expired,
    ) -> Result<(Vec<(String, Option<Fields>)>, Vec<String>), Failure> {
        let (mut work, mut ended, mut met) = (Vec::new(), Vec::new(), HashSet::new());
        for partition in 0..PARTITIONS {
            self.check_time()?;
            let store = &self.engine.store;
            let hidden = store.hidden_targets(target, self.name, partition);
            let mut hidden = std::pin::pin!(hidden);
            while let Some(record) = hidden.next().await {
                let record = record.map_err(Failure::from);
                let Some(record) = unless_damaged(record, &mut expired.damaged) else {
                    continue;
                };
                let HiddenTarget {
                    id,
                    values,
                    has_ended,
                } = record?;
                let key = id.parse::<Uuid>().ok();
                match key.and_then(|key| to_hide.get(&key)) {
                    Some(hide) => {
                        met.extend(key);
                        if values.as_ref() != Some(&hide.values) {
                            work.push((id, Some(hide.values.clone())));
                        }
                    }
                    None if values.is_some() && self.stays_hidden(&id, target, referred) => {}
                    None => {
                        if has_ended {
                            ended.push(id.clone());
                        }
                        if values.is_some() {
                            work.push((id, None));
                        }
                    }
                }
            }
        }
        let new = to_hide.iter().filter(|(id, _)| !met.contains(*id));
        work.extend(new.map(|(id, hide)| (id.to_string(), Some(hide.values.clone()))));
        Ok((work, ended))
    }

    /// The records of `target` to hide: those to which an expired record refers and no valid one.
    fn to_hide(&self, target: &str, referred: &HashMap<&str, Referred>) -> HashMap<Uuid, ToHide> {
        let mut to_hide: HashMap<Uuid, ToHide> = HashMap::new();
        for set in self.sets_of(target) {
            for (id, by) in referred.get(set.lookup.as_str()).into_iter().flatten() {
                if let (false, Some(day)) = (by.valid, &by.expired) {
                    let hide = to_hide.entry(*id).or_default();
                    hide.values.insert(set.field.clone(), value_of(&set.value));
                    hide.day = std::mem::take(&mut hide.day).max(day.clone());
                    hide.in_doubt |= by.in_doubt;
                }
            }
        }
        to_hide
    }

    /// What is wanted in Dynamics of records of `stream`: those to be hidden, and of those whose row was, the
    /// ones to which a valid record refers and which no other stream hides.
    async fn wishes(
        &self,
        stream: &Stream,
        to_hide: &HashMap<Uuid, ToHide>,
        ended: Vec<String>,
        referred: &HashMap<&str, Referred>,
    ) -> Result<Vec<Wish>, Failure> {
        let by = self.name.to_owned();
        let set = set_by(&self.engine.streams, self.name, &stream.name).unwrap_or_default();
        let hidden = to_hide.keys().map(Uuid::to_string);
        let ids: Vec<String> = hidden.chain(ended).collect();
        let mut wishes = Vec::new();
        for ids in ids.chunks(RECORDS_AT_ONCE) {
            self.check_time()?;
            for (row, record) in self.engine.store.records_by_id(&stream.name, ids).await? {
                // A damaged one is told when it is to be hidden or shown.
                let (Ok(record), Ok(id)) = (record, row.parse()) else {
                    continue;
                };
                if record.deleted || record.unverified.is_some() {
                    continue;
                }
                if let Some(hide) = to_hide.get(&id) {
                    if !hide.in_doubt && differs(&record.dynamics, &hide.values) {
                        wishes.push(Wish {
                            row,
                            origin: Origin::Expiry { by: by.clone() },
                            of: hide.day.clone(),
                            fields: hide.values.clone(),
                        });
                    }
                } else if let Some(ended) = record.ended.get(self.name)
                    && self.is_valid(id, &stream.name, referred)
                    && record.hidden_by.iter().all(|by| by == self.name)
                {
                    let back = given_back(&ended.before, &set, &record.wanted());
                    if !back.is_empty() {
                        wishes.push(Wish {
                            row,
                            origin: Origin::Renewal { by: by.clone() },
                            of: ended.change.clone(),
                            fields: back,
                        });
                    }
                }
            }
        }
        Ok(wishes)
    }

    /// What the expiry sets in records of `target`.
    fn sets_of(&self, target: &str) -> impl Iterator<Item = &TargetValue> {
        let targets = self.expiry().into_iter().flat_map(|expiry| &expiry.targets);
        targets.filter(move |set| set.stream == target)
    }

    /// What is known of a record of `target`, one entry a lookup that refers to it.
    fn references<'r>(
        &self,
        id: Uuid,
        target: &str,
        referred: &'r HashMap<&str, Referred>,
    ) -> Vec<&'r Reference> {
        self.sets_of(target)
            .filter_map(|set| referred.get(set.lookup.as_str())?.get(&id))
            .collect()
    }

    fn is_valid(&self, id: Uuid, target: &str, referred: &HashMap<&str, Referred>) -> bool {
        let references = self.references(id, target, referred);
        references.iter().any(|by| by.valid)
    }

    /// Whether a hidden record of `target` stays so though no expired one refers to it any more: others do
    /// that are none of those that expire, and no valid one.
    fn stays_hidden(&self, id: &str, target: &str, referred: &HashMap<&str, Referred>) -> bool {
        let Ok(id) = id.parse() else { return false };
        let references = self.references(id, target, referred);
        !references.is_empty() && references.iter().all(|by| !by.valid)
    }
}
