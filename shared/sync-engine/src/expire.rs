//! The expiry of one stream over its whole copy, after the pulls of a run: what passed its last valid day
//! since it was stored is hidden, and the records of other streams that it refers to are, while nothing
//! valid refers to them.
//!
//! It needs the copy and the time, and nothing of Dynamics, so it also runs while Dynamics is down.

use std::collections::{BTreeSet, HashMap};

use futures::future::ready;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use streams::{Expiry, Stream};
use sync_store::{Acquired, Applied, ErrorKind, ExpiryGuard, Guard, Lease, PARTITIONS, Upcoming};

use crate::Engine;
use crate::Failure;
use crate::expire_targets::Referred;
use crate::expiry::{ExpiryRule, Standing};
use crate::keeper::Keeper;
use crate::writer::{Work, Writer};

/// What the expiry of one stream came to.
#[derive(Debug, Default)]
pub(crate) struct Expired {
    /// Records of the stream that are hidden now.
    pub(crate) hidden: u64,
    /// Of the others, those that expire within the stream's warning.
    pub(crate) upcoming: Upcoming,
    /// Rows whose expiry Dynamics does not say, although it was settled.
    pub(crate) unheeded: Vec<String>,
    /// A record that cannot be read: it kept none of the others visible.
    pub(crate) damaged: Option<Failure>,
    /// Why what Dynamics is to be told was not handed in, or not all of it. All are hidden in the copy.
    pub(crate) withheld: Option<Failure>,
    /// Renewals of records of other streams that are wanted now, by the ids of their changes.
    pub(crate) renewals: BTreeSet<String>,
}

impl Expired {
    /// What is wanted in Dynamics could not be handed in. The copy does not wait for that, unless it is
    /// another run's by now.
    pub(crate) fn withhold(&mut self, failure: Failure) -> Result<(), Failure> {
        match failure {
            Failure::Store(error) if error.kind() == ErrorKind::LeaseLost => Err(error.into()),
            failure => {
                self.withheld.get_or_insert(failure);
                Ok(())
            }
        }
    }
}

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
        let (lease, guard) = match store.acquire(self.name, self.run_id, at).await? {
            Acquired::Granted { lease, expiry, .. } => (lease, expiry),
            Acquired::Held { .. } => return Ok(None),
        };
        let expired = self.run_leased(&lease, guard, at).await;
        self.engine.give_back(lease, self.run_id, &expired).await;
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

    async fn run_leased(
        &self,
        lease: &Lease,
        guard: ExpiryGuard,
        at: Timestamp,
    ) -> Result<Expired, Failure> {
        let keeper = Keeper::new(&self.engine.store, &*self.engine.clock, lease, at);
        let mut referred = HashMap::new();
        let mut expired = match self.stream {
            Some(stream) => {
                self.hide(stream, &keeper, guard.released, &mut referred)
                    .await?
            }
            None => Expired::default(),
        };
        self.note_upcoming(lease, &expired).await;
        for target in &self.targets {
            self.hide_targets(&keeper, guard.released, target, &referred, &mut expired)
                .await?;
        }
        if guard.guarded && expired.withheld.is_none() {
            let store = &self.engine.store;
            store.lift_guard(lease, Guard::Expiry).await?;
        }
        Ok(expired)
    }

    /// Hides and shows the stream's own records, and notes to which others they refer.
    async fn hide<'s>(
        &'s self,
        stream: &'s Stream,
        keeper: &Keeper<'_>,
        released: Option<u64>,
        referred: &mut HashMap<&'s str, Referred>,
    ) -> Result<Expired, Failure> {
        let writer = self.writer(keeper, Some(stream));
        let mut expired = Expired::default();
        let mut wishes = Vec::new();
        for partition in 0..PARTITIONS {
            self.check_time()?;
            let mut damaged = None;
            let records = self.engine.store.hideable(self.name, partition);
            let written = records
                .map_err(Failure::from)
                .filter_map(|record| ready(unless_damaged(record, &mut damaged)))
                .map_ok(|record| {
                    let standing = writer.rule.standing(&record.wanted, record.unverified);
                    expired.hidden += u64::from(standing == Standing::Expired);
                    if let Some(day) = writer.rule.warns(&record.wanted) {
                        expired.upcoming.add(record.id.clone(), day);
                    }
                    self.note_references(referred, &record, standing);
                    wishes.extend(self.engine.wish(stream, writer.rule, &record, standing));
                    self.write(&writer, Work::Hide(Box::new(record)))
                })
                .try_buffer_unordered(writer.in_flight);
            written.try_for_each(async |_| Ok(())).await?;
            expired.damaged = expired.damaged.or(damaged);
        }
        let handed_in = self
            .hand_in(stream, (keeper.lease(), released), wishes)
            .await;
        match handed_in {
            Ok(handed_in) => expired.unheeded.extend(handed_in.unheeded),
            Err(failure) => expired.withhold(failure)?,
        }
        Ok(expired)
    }

    /// Keeps which records will expire soon. Nobody is visible too long if that fails, and the next run does
    /// it.
    async fn note_upcoming(&self, lease: &Lease, expired: &Expired) {
        if self.stream.is_none() {
            return;
        }
        let (store, now) = (&self.engine.store, self.engine.clock.now());
        let noted = store.note_expiring(lease, expired.upcoming.clone(), now);
        if let Err(error) = noted.await {
            let (run_id, stream) = (self.run_id, self.name);
            tracing::warn!(run_id, stream, %error, "upcoming expiries not noted");
        }
    }

    /// A copy that is too large for the time that is left is gone through by the next invocation.
    pub(crate) fn check_time(&self) -> Result<(), Failure> {
        if self.engine.clock.now() < self.deadline {
            return Ok(());
        }
        Err(Failure::NoTimeToExpire {
            stream: self.name.to_owned(),
        })
    }

    pub(crate) fn expiry(&self) -> Option<&Expiry> {
        self.stream?.expiry.as_ref()
    }

    /// Writes records of `stream`; of one that the stream file does not have any more, nothing expires.
    pub(crate) fn writer<'w>(
        &'w self,
        keeper: &'w Keeper<'w>,
        stream: Option<&'w Stream>,
    ) -> Writer<'w> {
        let (time_zone, now) = (&self.engine.streams.time_zone, self.engine.clock.now());
        Writer {
            store: &self.engine.store,
            clock: &*self.engine.clock,
            keeper,
            rule: ExpiryRule::of(stream, time_zone, now),
            deadline: self.deadline,
            in_flight: self.engine.limits.writes,
        }
    }

    /// The generation plays no part: what hides a record does not change which row it holds.
    pub(crate) async fn write(&self, writer: &Writer<'_>, work: Work) -> Result<Applied, Failure> {
        writer.write(&work, 0).await
    }
}

/// `None` where a stored item is damaged, which is kept in `damaged`.
pub(crate) fn unless_damaged<T>(
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
