//! Reading a situation: everything at once, and what one stream's damage hides is only that stream's.
//!
//! Never in here: a judgement.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream, try_join};
use jiff::Timestamp;
use streams::{Stream, StreamFile};
use sync_engine::RunReport;
use sync_store::{ChangeState, Error, ErrorKind, RunRecord, Store};

use crate::{Check, Expiring, Situation, StreamSituation};

/// Invocations of runs that are looked at: about two months of nights.
const RUNS: i32 = 60;
/// Streams that are read at the same time, with eight calls each.
const STREAMS: usize = 8;

impl Situation {
    /// Reads how the sync stands, and judges it.
    ///
    /// # Errors
    /// When the store cannot be used, or its history or its last check cannot be read. How long that takes
    /// is the store's business: who must answer in time gives up on it.
    pub async fn read(store: &Store, file: &StreamFile, now: Timestamp) -> Result<Self, Error> {
        let reads: Vec<_> = file
            .streams
            .iter()
            .map(|stream| StreamSituation::read(store, stream, now))
            .collect();
        let (check, runs, alerts, mut streams) = try_join!(
            store.check::<Check>(),
            store.latest_runs::<RunReport>(RUNS),
            store.alerts(),
            stream::iter(reads)
                .buffered(STREAMS)
                .try_collect::<Vec<_>>(),
        )?;
        let runs = newest_first(runs);
        for stream in &mut streams {
            stream.add_history(&runs);
        }
        let unsent = alerts.iter().filter(|alert| alert.failed > 0).count();
        let (first_check, check) = check.map(|found| (found.first_at, found.check)).unzip();
        let mut situation = Self {
            now,
            check,
            first_check,
            runs,
            streams,
            alerts_unsent: u64::try_from(unsent).unwrap_or(u64::MAX),
            concerns: Vec::new(),
        };
        situation.judge(file);
        Ok(situation)
    }
}

/// The store lists by when runs began, and the invocations of two runs may take turns.
fn newest_first(mut runs: Vec<RunRecord<RunReport>>) -> Vec<RunRecord<RunReport>> {
    runs.sort_by_key(|run| std::cmp::Reverse(run.ended_at));
    runs
}

impl StreamSituation {
    async fn read(store: &Store, stream: &Stream, now: Timestamp) -> Result<Self, Error> {
        let name = stream.name.as_str();
        let mut damage = Damage {
            stream: name,
            found: false,
        };
        // Each may be damaged without hiding the others, so none ends the others.
        let (state, as_of, expiring, quarantined, waiting, held, refused) = futures::join!(
            store.stream_state(name),
            store.as_of(name),
            store.expiring(name),
            store.count_quarantined(name),
            store.count_changes(name, ChangeState::Waiting),
            store.count_changes(name, ChangeState::Held),
            store.count_changes(name, ChangeState::Refused),
        );
        let state = damage.unless(state)?.flatten();
        let as_of = damage.unless(as_of)?.flatten().map(|as_of| as_of.as_of);
        let expiring = damage.unless(expiring)?.flatten();
        let mut read = Self {
            name: name.to_owned(),
            pulls: stream.direction.pulls(),
            as_of,
            lag: as_of.map(|as_of| clock::elapsed(as_of, now)),
            waiting: waiting?,
            held: held?,
            refused: refused?,
            quarantined: quarantined?,
            expiring: expiring.map(Expiring::from).unwrap_or_default(),
            ..Self::default()
        };
        if let Some(state) = state {
            damage.unless(state.cursor)?;
            let until = state.lease.map(|(_, until)| until);
            read.running_until = until.filter(|until| *until > now && *until < after_leases(now));
            read.guarded = state.guarded.map(|stopped| (stopped, state.released));
            let stopped = state.expiry_guarded;
            read.expiry_guarded = stopped.map(|stopped| (stopped, state.expiry_released));
        }
        read.unreadable = damage.found;
        Ok(read)
    }
}

/// A lease that ends later was taken by a clock that is wrong, and holds nobody up.
fn after_leases(now: Timestamp) -> Timestamp {
    clock::after(now, Duration::from_secs(15 * 60))
}

/// Whether something of a stream cannot be read.
struct Damage<'a> {
    stream: &'a str,
    found: bool,
}

impl Damage<'_> {
    /// What was read, unless it is damaged. A store that does not answer is no damage.
    fn unless<T>(&mut self, read: Result<T, Error>) -> Result<Option<T>, Error> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) => match error.kind() {
                ErrorKind::Damaged | ErrorKind::NewerRelease => {
                    tracing::warn!(stream = self.stream, %error, "not shown");
                    self.found = true;
                    Ok(None)
                }
                _ => Err(error),
            },
        }
    }
}

impl From<sync_store::Expiring> for Expiring {
    fn from(stored: sync_store::Expiring) -> Self {
        Self {
            total: stored.total,
            soonest: stored.listed,
        }
    }
}
