//! The expiry of one stream over its whole copy, after the pulls of a run: what passed its last valid day
//! since it was stored is hidden, and the records of other streams that it refers to are, while nothing
//! valid refers to them.
//!
//! It needs the copy and the time, and nothing of Dynamics, so it also runs while Dynamics is down.

use std::collections::{BTreeSet, HashMap};

use futures::future::ready;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use streams::{Expiry, Stream};
use sync_store::{
    Acquired, Applied, ErrorKind, Fields, Hideable, HidingRule, Lease, PARTITIONS, Value,
};
use uuid::Uuid;

use crate::Engine;
use crate::Failure;
use crate::expiry::{ExpiryRule, Standing, value_of};
use crate::keeper::Keeper;
use crate::writer::{Work, Writer};

/// What the expiry of one stream came to.
#[derive(Debug, Default)]
pub(crate) struct Expired {
    /// Records of the stream that are hidden now.
    pub(crate) hidden: u64,
    /// A record that cannot be read: it kept none of the others visible.
    pub(crate) damaged: Option<Failure>,
}

/// The records of another stream that this one's refer to, by id: whether a valid one does, and whether an
/// expired one does.
type Referred = HashMap<Uuid, (bool, bool)>;

/// The expiry of one stream in one invocation; also of one that had an expiry until lately.
pub(crate) struct ExpiryPass<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) run_id: &'a str,
    pub(crate) name: &'a str,
    /// `None` if the stream file does not have it any more: then its records stay as they are.
    pub(crate) stream: Option<&'a Stream>,
    /// The other streams whose records it hides, or did until lately.
    pub(crate) targets: BTreeSet<&'a str>,
    pub(crate) deadline: Timestamp,
}

impl ExpiryPass<'_> {
    /// Hides and shows; `None` if another run holds the stream, which then does it.
    async fn run(&self) -> Result<Option<Expired>, Failure> {
        let (store, at) = (&self.engine.store, self.engine.clock.now());
        let lease = match store.acquire(self.name, self.run_id, at).await? {
            Acquired::Granted { lease, .. } => lease,
            Acquired::Held { .. } => return Ok(None),
        };
        let expired = self.run_leased(&lease, at).await;
        match &expired {
            Err(Failure::Store(error)) if error.kind() == ErrorKind::LeaseLost => {}
            _ => self.engine.give_back(lease, self.run_id).await,
        }
        expired.map(Some)
    }

    /// The same, keeping note in the store of whose records the stream hides: what is hidden once must be
    /// found again when the stream file says otherwise. `before` is that note, `wanted` what the stream
    /// file says.
    pub(crate) async fn run_noted(
        &self,
        before: Option<&BTreeSet<String>>,
        wanted: &BTreeSet<&str>,
    ) -> Result<Option<Expired>, Failure> {
        let (store, expires) = (&self.engine.store, self.expiry().is_some());
        let noted = |target: &&str| before.is_some_and(|before| before.contains(*target));
        if expires && !(before.is_some() && wanted.iter().all(noted)) {
            store.note_hiding(self.name, wanted).await?;
        }
        let expired = self.run().await?;
        let over = self.targets.difference(wanted).copied().collect();
        if expired.is_some() {
            store.note_shown(self.name, &over, !expires).await?;
        }
        Ok(expired)
    }

    async fn run_leased(&self, lease: &Lease, at: Timestamp) -> Result<Expired, Failure> {
        let keeper = Keeper::new(&self.engine.store, &*self.engine.clock, lease, at);
        let mut referred = HashMap::new();
        let mut expired = match self.stream {
            Some(stream) => self.hide(stream, &keeper, &mut referred).await?,
            None => Expired::default(),
        };
        for target in &self.targets {
            let damaged = self.hide_targets(&keeper, target, &referred).await?;
            expired.damaged = expired.damaged.or(damaged);
        }
        Ok(expired)
    }

    /// Hides and shows the stream's own records, and notes to which others they refer.
    async fn hide<'s>(
        &'s self,
        stream: &'s Stream,
        keeper: &Keeper<'_>,
        referred: &mut HashMap<&'s str, Referred>,
    ) -> Result<Expired, Failure> {
        let rule = self.rule_of(stream);
        let hiding = |wanted: &_, unverified| rule.hiding(wanted, unverified);
        let writer = self.writer(keeper, &hiding);
        let mut expired = Expired::default();
        for partition in 0..PARTITIONS {
            self.check_time()?;
            let mut damaged = None;
            let records = self.engine.store.hideable(self.name, partition);
            let written = records
                .map_err(Failure::from)
                .filter_map(|record| ready(unless_damaged(record, &mut damaged)))
                .map_ok(|record| {
                    let standing = rule.standing(&record.wanted, record.unverified);
                    expired.hidden += u64::from(standing == Standing::Expired);
                    self.note_references(referred, &record, standing);
                    self.write(&writer, Work::Hide(Box::new(record)))
                })
                .try_buffer_unordered(writer.in_flight);
            written.try_for_each(async |_| Ok(())).await?;
            expired.damaged = expired.damaged.or(damaged);
        }
        Ok(expired)
    }

    /// A copy that is too large for the time that is left is gone through by the next invocation.
    fn check_time(&self) -> Result<(), Failure> {
        if self.engine.clock.now() < self.deadline {
            return Ok(());
        }
        Err(Failure::NoTimeToExpire {
            stream: self.name.to_owned(),
        })
    }

    fn expiry(&self) -> Option<&Expiry> {
        self.stream?.expiry.as_ref()
    }

    fn note_references<'s>(
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
            let (valid, expired) = referred.entry(lookup).or_default().entry(id).or_default();
            *valid |= standing == Standing::Valid;
            *expired |= standing == Standing::Expired;
        }
    }

    /// Makes the records of the stream `target` that this one hides those that it should. Answers what is
    /// wrong with a damaged one, which keeps none of the others visible.
    async fn hide_targets(
        &self,
        keeper: &Keeper<'_>,
        target: &str,
        referred: &HashMap<&str, Referred>,
    ) -> Result<Option<Failure>, Failure> {
        let mut damaged = None;
        let mut wanted = self.wanted(target, referred);
        let mut work = Vec::new();
        for partition in 0..PARTITIONS {
            self.check_time()?;
            let store = &self.engine.store;
            let hidden = store.hidden_targets(target, self.name, partition);
            let mut hidden = std::pin::pin!(hidden);
            while let Some(record) = hidden.next().await {
                let record = record.map_err(Failure::from);
                let Some(record) = unless_damaged(record, &mut damaged) else {
                    continue;
                };
                let (id, values) = record?;
                let should = id.parse::<Uuid>().ok().and_then(|key| wanted.remove(&key));
                match should {
                    Some(same) if same == values => {}
                    values => work.push((id, values)),
                }
            }
        }
        work.extend(
            wanted
                .into_iter()
                .map(|(id, values)| (id.to_string(), Some(values))),
        );
        let rule = self
            .engine
            .stream(target)
            .map(|stream| self.rule_of(stream));
        let hiding = |fields: &Fields, unverified| {
            rule.map_or_else(Default::default, |rule| rule.hiding(fields, unverified))
        };
        let writer = self.writer(keeper, &hiding);
        stream::iter(work)
            .map(|(id, values)| {
                let stream = target.to_owned();
                self.write(&writer, Work::Target { stream, id, values })
            })
            .buffer_unordered(writer.in_flight)
            .filter_map(|written| ready(unless_damaged(written, &mut damaged)))
            .try_for_each(async |_| Ok(()))
            .await?;
        Ok(damaged)
    }

    /// The records of `target` to hide, and their values then: those to which an expired record refers and
    /// no valid one.
    fn wanted(&self, target: &str, referred: &HashMap<&str, Referred>) -> HashMap<Uuid, Fields> {
        let mut wanted: HashMap<Uuid, Fields> = HashMap::new();
        let targets = self.expiry().into_iter().flat_map(|expiry| &expiry.targets);
        for set in targets.filter(|set| set.stream == target) {
            let ids = referred.get(set.lookup.as_str()).into_iter().flatten();
            for (id, _) in ids.filter(|(_, (valid, expired))| *expired && !valid) {
                let values = wanted.entry(*id).or_default();
                values.insert(set.field.clone(), value_of(&set.value));
            }
        }
        wanted
    }

    fn rule_of<'s>(&'s self, stream: &'s Stream) -> ExpiryRule<'s> {
        let now = self.engine.clock.now();
        ExpiryRule::of(stream, &self.engine.streams.time_zone, now)
    }

    fn writer<'w>(&'w self, keeper: &'w Keeper<'w>, hiding: HidingRule<'w>) -> Writer<'w> {
        Writer {
            store: &self.engine.store,
            clock: &*self.engine.clock,
            keeper,
            hiding,
            deadline: self.deadline,
            in_flight: self.engine.limits.writes,
        }
    }

    /// The generation plays no part: what hides a record does not change which row it holds.
    async fn write(&self, writer: &Writer<'_>, work: Work) -> Result<Applied, Failure> {
        writer.write(&work, 0).await
    }
}

/// `None` where a stored item is damaged, which is kept in `damaged`.
fn unless_damaged<T>(
    item: Result<T, Failure>,
    damaged: &mut Option<Failure>,
) -> Option<Result<T, Failure>> {
    match item {
        Err(failure) if failure.is_damage() => {
            damaged.get_or_insert(failure);
            None
        }
        item => Some(item),
    }
}
